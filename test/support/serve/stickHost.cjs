/*
 * Loaded into `avp serve` before it starts: by SIGUSR2 a debugger lets the host's thread loop for ever. The clock that
 * watches the thread runs 20 times as fast.
 */
'use strict';

const { Session } = require('node:inspector');
const { isMainThread } = require('node:worker_threads');

if (isMainThread) {
  const { setInterval } = globalThis;
  globalThis.setInterval = (work, ms) => setInterval(work, ms / 20);
  const session = new Session();
  session.connect();
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId } }) => {
    const expression = "console.error('stuck'); for (;;);";
    const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } });
    process.once('SIGUSR2', () => session.post('NodeWorker.sendMessageToWorker', { sessionId, message }));
  });
  session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
}
