import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { Actor, type ActorFunction, type ActorOrder } from './actor';
import { ControlBlock, PHASE, PHASE_ABORTED, REPORTS, RUN } from './controlBlock';
import { forgetCode, loadModule } from './loading';
import type { ActorReport } from './report';

function functionOf({ module, export: name }: ActorOrder['spec']): ActorFunction {
  const body = loadModule(module)[name];
  if (typeof body !== 'function') throw new Error(`${module} exports no function '${name}'`);
  return body as ActorFunction;
}

function send(port: MessagePort, report: ActorReport): void {
  try {
    port.postMessage(report);
  } catch (error) {
    // Structured clone refuses the result, a function for instance.
    const what = `the actor's result: ${String(error)}`;
    port.postMessage({ ...report, result: undefined, abort: report.abort ?? { kind: 'failed', what } });
  }
}

/**
 * Runs one actor after another. Between runs the thread blocks instead of returning to its event
 * loop, so that a run costs no more than the turns in it.
 */
export function runActors(memory: SharedArrayBuffer, port: MessagePort): never {
  const control = new ControlBlock(memory);
  const { words } = control;
  for (let seen = 0; ;) {
    Atomics.wait(words, RUN, seen);
    seen = Atomics.load(words, RUN);
    const order = (receiveMessageOnPort(port) as { message: ActorOrder } | undefined)?.message;
    // The pool may have more threads than this run has actors.
    if (order === undefined) continue;
    new Actor(control, order).run(
      () => functionOf(order.spec),
      (report) => send(port, report),
    );
    const aborted = words[PHASE] === PHASE_ABORTED;
    Atomics.add(words, REPORTS, 1);
    Atomics.notify(words, REPORTS);
    if (aborted) forgetCode();
  }
}
