import { join } from 'node:path';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { RealClock } from '../../shared/clock';
import { codeRoot } from '../runtime/package';
import { Backoff } from '../runtime/backoff';
import type { Duty, DutyModule, ThreadData } from './role';
import { Desk } from './channel';

/**
 * Every thread of this mode begins here. The duty is loaded late, so that an error in loading it
 * reaches the caller as any other does.
 */

const LOOK_AGAIN_MS = 1;

/** The first message of the caller brings the port on which the two talk. */
function awaitPort(from: MessagePort): MessagePort {
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    const first = receiveMessageOnPort(from);
    if (first !== undefined) return first.message as MessagePort;
    Atomics.wait(nobody, 0, 0, LOOK_AGAIN_MS);
  }
}

function beginDuty({ duty, data, originMs }: ThreadData, desk: Desk): Duty {
  const { begin } = require(join(codeRoot(), duty)) as DutyModule<unknown>;
  return begin({ data, desk, clock: new RealClock(originMs) });
}

function work(duty: Duty, desk: Desk): void {
  const backoff = new Backoff(duty.pace);
  while (!desk.ended) {
    const served = desk.serve(duty.operations);
    if (duty.poll() || served) backoff.reset();
    else {
      const pauseMs = backoff.next();
      if (pauseMs === 0) continue;
      if (duty.rest === undefined) desk.rest(pauseMs);
      else duty.rest(pauseMs);
    }
  }
  duty.end();
}

function live(from: MessagePort): void {
  const data = workerData as ThreadData;
  const desk = new Desk(awaitPort(from), data.words);
  try {
    const duty = beginDuty(data, desk);
    desk.ready();
    work(duty, desk);
  } catch (error) {
    desk.fail(error);
  }
  desk.close();
}

if (parentPort !== null) live(parentPort);
