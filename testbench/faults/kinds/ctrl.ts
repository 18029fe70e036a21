/** Faults of the control channel (section 8): what a host does wrong with a request of the guest. */
import type { AnswerPlan, AvpDevice, ControlRequest } from '../../../emulator';
import { Errno, type ErrnoName } from '../../../shared/errno';
import { BAR_DEVICE, DEVICE_INFO_SYNC_VA } from '../../../shared/loops/layout';
import { asHost } from '../../../shared/actors';
import { load64 } from '../../../shared/u64';
import type { z } from 'zod';
import { decorate } from '../decorate';
import { type Fault, fault, type Placed } from '../fault';
import type { FaultyDevice } from '../site';
import { durationMs, whole, word } from '../values';

const REQUESTS: Readonly<Record<number, string>> = { 1: 'MTU', 2: 'link', 3: 'configuration', 4: 'shutdown' };
/** Milliseconds between a stale answer and the right one. */
const RIGHT_ANSWER_MS = 20;
/** Longer than any run. */
const FOREVER_MS = 1e12;

function requestText({ reqId, ifUp }: ControlRequest): string {
  const name = REQUESTS[reqId] ?? 'unknown';
  return `request ${reqId} (${reqId === 2 ? `${name} ${ifUp === 0 ? 'down' : 'up'}` : name})`;
}

/** The address by which a guest names the request area (section 5). */
export function syncAddress(device: AvpDevice): bigint {
  return asHost(() => load64(device.function.barAddress(BAR_DEVICE) + DEVICE_INFO_SYNC_VA));
}

/** A fault that treats requests in another way than they should be. */
function answered<S extends z.ZodRawShape>(
  about: string,
  parameters: S,
  plan: (placed: Placed<z.output<z.ZodObject<S>>>, place: FaultyDevice) => AnswerPlan,
): Fault<S> {
  return fault({
    about,
    operation: 'request that the host takes',
    seam: 'device',
    parameters,
    put: (placed) =>
      placed.eachDevice((place) =>
        place.device.tamper.planAnswers((request) =>
          placed.strikes(place, requestText(request)) ? plan(placed, place) : null,
        ),
      ),
  });
}

const ERRNOS = Object.keys(Errno) as [ErrnoName, ...ErrnoName[]];
const errno = word(ERRNOS, 'EIO', 'the error in `result`');

export const CTRL = {
  'ctrl.no-response': answered('the request is carried out, and its answer is lost', {}, () => ({ answers: 0 })),
  'ctrl.request-lost': answered('the request is neither carried out nor answered', {}, () => ({
    answers: 0,
    carriedOut: false,
  })),
  'ctrl.late-response': answered(
    'the answer comes late',
    { delayMs: durationMs(600, 'time from request to answer; a driver waits 500 ms') },
    ({ parameters: { delayMs } }) => ({ delayMs }),
  ),
  'ctrl.held-response': fault({
    about: 'the answer comes with the next request',
    operation: 'request that the host takes',
    seam: 'device',
    parameters: {},
    put: (placed) =>
      placed.eachDevice((place) => {
        const { tamper } = place.device;
        let held = false;
        const undoPlan = tamper.planAnswers((request) => {
          if (!placed.strikes(place, requestText(request))) return null;
          held = true;
          return { held };
        });
        const undoStep = decorate(place.device, 'step', (_self, next) => {
          next();
          if (held) tamper.releaseAnswers(FOREVER_MS);
          held = false;
        });
        return () => {
          undoPlan();
          undoStep();
          tamper.releaseAnswers(0);
        };
      }),
  }),
  'ctrl.doubled-response': answered(
    'the answer comes several times',
    { answers: whole(2, 'number of answers', 2, 60) },
    ({ parameters: { answers } }) => ({ answers }),
  ),
  'ctrl.wrong-address': answered(
    'the entry on resp is another address than that of the request area',
    { offset: whole(8, 'distance from the right address, bytes', 1) },
    ({ parameters: { offset } }, { device }) => ({ entry: syncAddress(device) + BigInt(offset) }),
  ),
  'ctrl.zero-address': answered('the entry on resp is 0', {}, () => ({ entry: 0n })),
  'ctrl.wrong-result': answered('the request is refused', { errno }, ({ parameters }) => ({
    result: -Errno[parameters.errno],
  })),
  'ctrl.positive-result': answered(
    'the answer has a positive result, which means nothing',
    { result: whole(7, 'value of `result`', 1, 0x7fff_ffff) },
    ({ parameters: { result } }) => ({ result }),
  ),
  'ctrl.false-refusal': answered(
    'the request is carried out and answered with an error',
    { errno },
    ({ parameters }) => ({ result: -Errno[parameters.errno], carriedOut: true }),
  ),
  'ctrl.false-success': answered('the request is answered with success and not carried out', {}, () => ({
    result: 0,
    carriedOut: false,
  })),
  'ctrl.request-read-twice': answered(
    'the host reads the request again, and carries it out and answers it each time',
    { reads: whole(2, 'how often it is read', 2, 16) },
    ({ parameters: { reads } }) => ({ reads }),
  ),
  'ctrl.stale-response': answered(
    'an old answer stands on resp before the right one, and the request area holds no result yet',
    {},
    (_placed, { device }) => {
      device.tamper.putResponse(syncAddress(device));
      return { delayMs: RIGHT_ANSWER_MS };
    },
  ),
  'ctrl.unasked-response': fault({
    about: 'entries come on resp that answer nothing',
    operation: 'round of the host',
    seam: 'device',
    parameters: {
      entries: whole(1, 'number of entries', 1, 64),
      entry: word(['sync', 'random'], 'sync', 'the address of the request area, or random bits'),
    },
    put: (placed) =>
      placed.eachDevice((place) => {
        const { device } = place;
        const { entries, entry } = placed.parameters;
        return decorate(device, 'step', (_self, next) => {
          if (device.function.present && placed.strikes(place, 'round of the host'))
            for (let i = 0; i < entries; i++)
              device.tamper.putResponse(entry === 'sync' ? syncAddress(device) : placed.random.u64());
          next();
        });
      }),
  }),
} as const;
