/** Entry of every thread of this mode. It loads its role late, so that an error in loading it reaches the caller. */
import { join } from 'node:path';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { RealClock } from '../../shared/clock';
import { Backoff } from '../runtime/backoff';
import { codeRoot } from '../runtime/package';
import { WorkerChannel } from './channel';
import type { Role, RoleModule, WorkerStart } from './role';

const POLL_INTERVAL_MS = 1;

/** Waits for the caller's first message, which is the message port of the channel. */
function awaitPort(from: MessagePort): MessagePort {
  const word = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    const first = receiveMessageOnPort(from);
    if (first !== undefined) return first.message as MessagePort;
    Atomics.wait(word, 0, 0, POLL_INTERVAL_MS);
  }
}

function beginRole({ role, data, originMs }: WorkerStart, channel: WorkerChannel): Role {
  const { begin } = require(join(codeRoot(), role)) as RoleModule<unknown>;
  return begin({ data, channel, clock: new RealClock(originMs) });
}

/** Serves the caller and polls for work until the caller ends the thread. */
function work(role: Role, channel: WorkerChannel): void {
  const backoff = new Backoff(role.pace);
  while (!channel.ended) {
    const served = channel.serve(role.operations);
    if (role.poll() || served) backoff.reset();
    else {
      const pauseMs = backoff.next();
      if (pauseMs === 0) continue;
      if (role.rest === undefined) channel.sleep(pauseMs);
      else role.rest(pauseMs);
    }
  }
  role.end();
}

function run(from: MessagePort): void {
  const start = workerData as WorkerStart;
  const channel = new WorkerChannel(awaitPort(from), start.words);
  try {
    const role = beginRole(start, channel);
    channel.ready();
    work(role, channel);
  } catch (error) {
    channel.fail(error);
  }
  channel.close();
}

if (parentPort !== null) run(parentPort);
