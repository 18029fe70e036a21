/** Faults of time: clocks that jump or stand still, and sides that get no CPU for a while. */
import { Port } from '../../../driver';
import type { VirtualClock } from '../../../shared/clock';
import { PciFunction } from '../../../shared/pci';
import { decorate, type Undo } from '../decorate';
import { fault, type Placed } from '../fault';
import { Sides } from '../sides';
import { durationMs, percent, word } from '../values';

const SIDE = word(['both', 'host', 'guest'], 'both', 'whose clock');
const OPERATION = 'millisecond of the run';
const NS_PER_MS = 1_000_000;

type WhoseParameters = { readonly side: 'both' | 'host' | 'guest' };

/** Calls back once in each millisecond of the clock, before anybody steps. */
function eachMs(clock: VirtualClock, onMs: () => void): Undo {
  let lastMs = Math.floor(clock.nowMs());
  return decorate(clock, 'step', (_self, next) => {
    const nowMs = Math.floor(clock.nowMs());
    if (nowMs > lastMs) {
      lastMs = nowMs;
      onMs();
    }
    next();
  });
}

/** Shows a side another time. `shown` turns the true time into it. */
function showing<P extends WhoseParameters>(
  placed: Placed<P>,
  tick: () => void,
  shown: (trueMs: number) => number,
): Undo {
  const clock: VirtualClock = placed.site.clock!;
  const sides = new Sides();
  const concerns = (): boolean => {
    const { side } = placed.parameters;
    return sides.present !== null && (side === 'both' || side === sides.present);
  };
  const undo = [
    sides.follow(clock),
    decorate(clock, 'nowMs', (_self, next) => (concerns() ? shown(next()) : next())),
    decorate(clock, 'nowNs', (_self, next) =>
      concerns() ? BigInt(Math.round(shown(Number(next()) / NS_PER_MS) * NS_PER_MS)) : next(),
    ),
    eachMs(clock, tick),
  ];
  return () => undo.reverse().forEach((one) => one());
}

/** A clock that goes on with an offset after it was struck. */
function jumping(about: string, standardMs: number, parameter: string, sign: 1 | -1) {
  return fault({
    about,
    operation: OPERATION,
    seam: 'clock',
    parameters: { side: SIDE, byMs: durationMs(standardMs, parameter) },
    put: (placed) => {
      let offsetMs = 0;
      return showing(
        placed,
        () => {
          if (placed.strikes(null, 'millisecond')) offsetMs += sign * placed.parameters.byMs;
        },
        (trueMs) => trueMs + offsetMs,
      );
    },
  });
}

export const TIME = {
  'time.jump-forward': jumping('the clock jumps forward, as after a suspend of hours', 3_600_000, 'how far', 1),
  'time.jump-back': jumping('the clock jumps back', 60_000, 'how far', -1),
  'time.stands-still': fault({
    about: 'the clock stands still for a time, and then goes on from there',
    operation: OPERATION,
    seam: 'clock',
    parameters: { side: SIDE, forMs: durationMs(100, 'how long') },
    put: (placed) => {
      const { clock } = placed.site;
      let [fromMs, untilMs] = [0, 0];
      let lostMs = 0;
      return showing(
        placed,
        () => {
          const nowMs = clock!.nowMs();
          if (nowMs < untilMs || !placed.strikes(null, 'millisecond')) return;
          lostMs += untilMs - fromMs;
          [fromMs, untilMs] = [nowMs, nowMs + placed.parameters.forMs];
        },
        (trueMs) => Math.min(trueMs, Math.max(fromMs, trueMs - (untilMs - fromMs))) - lostMs,
      );
    },
  }),
  'time.drift': fault({
    about: 'the clock runs at another speed from now on',
    operation: OPERATION,
    seam: 'clock',
    parameters: { side: SIDE, speedPercent: percent(50, 'its speed') },
    put: (placed) => {
      let fromMs = Infinity;
      return showing(
        placed,
        () => {
          if (fromMs === Infinity && placed.strikes(null, 'millisecond')) fromMs = placed.site.clock!.nowMs();
        },
        (trueMs) => (trueMs < fromMs ? trueMs : fromMs + ((trueMs - fromMs) * placed.parameters.speedPercent) / 100),
      );
    },
  }),
  'time.guest-pause': fault({
    about: 'the guest gets no CPU for a time: no bursts, no interrupts',
    operation: OPERATION,
    seam: 'clock',
    parameters: { forMs: durationMs(300, 'how long') },
    put: (placed) => {
      const clock = placed.site.clock!;
      let untilMs = -1;
      const isPaused = (): boolean => clock.nowMs() < untilMs;
      const undo = [
        eachMs(clock, () => {
          if (!isPaused() && placed.strikes(null, 'millisecond')) untilMs = clock.nowMs() + placed.parameters.forMs;
        }),
        decorate(PciFunction.prototype, 'dispatchInterrupt', (_self, next) => !isPaused() && next()),
        decorate(Port.prototype, 'rxBurst', (_self, next, ...args) => (isPaused() ? 0 : next(...args))),
        decorate(Port.prototype, 'txBurst', (_self, next, ...args) => (isPaused() ? 0 : next(...args))),
      ];
      return () => undo.forEach((one) => one());
    },
  }),
  'time.host-pause': fault({
    about: 'the host gets no CPU for a time, and frames for the guest wait nowhere',
    operation: OPERATION,
    seam: 'clock',
    parameters: { forMs: durationMs(300, 'how long') },
    put: (placed) =>
      placed.eachDevice((place) => {
        let untilMs = -1;
        let isPaused = false;
        const end = (): void => {
          if (isPaused) place.device.tamper.resume();
          isPaused = false;
        };
        const undo = decorate(place.device, 'step', (_self, next) => {
          const nowMs = placed.site.nowMs();
          if (isPaused && nowMs >= untilMs) end();
          if (!isPaused && place.device.function.present && placed.strikes(place, 'millisecond')) {
            untilMs = nowMs + placed.parameters.forMs;
            isPaused = true;
            place.device.tamper.pause();
          }
          next();
        });
        return () => {
          end();
          undo();
        };
      }),
  }),
} as const;
