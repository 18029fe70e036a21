/** The thread with the nodes of `avp shell`. While a prompt waits, it sleeps, and with it the script and all time. */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { UsageError } from '../../shared/errors';
import type { Scenario } from '../api/scenario';
import { runHere } from '../common/runHere';
import { importScenario } from '../run/findScenario';
import { requireMode } from '../run/modes';
import { settingsOf } from '../run/runScenario';
import { strayErrors } from '../run/strayErrors';
import { plainNode } from './plainNode';
import { INTERRUPTED, SENT, type ShellMessage, type ShellRequest, type ShellStart } from './protocol';
import { Session, type ShellLine } from './session';

function lineOf(port: MessagePort, words: Int32Array): ShellLine {
  return {
    next: () => {
      for (;;) {
        const seen = Atomics.load(words, SENT);
        const found = receiveMessageOnPort(port) as { message: ShellRequest } | undefined;
        if (found !== undefined) return found.message;
        Atomics.wait(words, SENT, seen);
      }
    },
    say: (message) => port.postMessage(message),
    takeInterrupt: () => Atomics.exchange(words, INTERRUPTED, 0) !== 0,
  };
}

async function run({ order, words }: ShellStart, port: MessagePort): Promise<void> {
  const { file, nics, seed, settings, faults } = order;
  const local = { seed, record: false, keepEvidence: true, faults };
  const stray = strayErrors();
  const scenario: Scenario = file === null ? plainNode(nics) : await importScenario(file);
  requireMode('inline', scenario, local);
  const chosen = settingsOf(scenario, settings);
  const session = new Session(lineOf(port, words), file === null ? null : scenario.name, seed, chosen, stray);
  await runHere(session.withPrompts(scenario), 'inline', chosen, local, (parts) => session.makeBench(parts));
}

if (parentPort !== null) {
  const port = parentPort;
  const say = (message: ShellMessage): void => port.postMessage(message);
  // Output to a worker's own streams waits for the event loop, which stands still while the prompt waits.
  process.stdout.write = (text: Uint8Array | string): boolean => {
    say({ printed: typeof text === 'string' ? text : Buffer.from(text).toString() });
    return true;
  };
  run(workerData as ShellStart, port).catch((error: unknown) => {
    if (error instanceof UsageError) say({ usage: error.message });
    else say({ broken: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  });
}
