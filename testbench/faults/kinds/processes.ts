/** Faults of guests that are processes of their own: killed, stopped, continued. */
import type { Undo } from '../decorate';
import { decorate } from '../decorate';
import { fault, type Placed } from '../fault';
import { durationMs } from '../values';
import type { FaultyDevice } from '../site';

const OPERATION = 'round of the host with entries on rx or tx';

/** Sends a signal to each guest. Returns the processes that got it. */
function signal({ site }: Placed<object>, name: NodeJS.Signals): number[] {
  return [...site.guestProcesses!()].filter((pid) => {
    try {
      return process.kill(pid, name);
    } catch {
      // The process has ended meanwhile.
      return false;
    }
  });
}

/** Sends signals in rounds of the host. */
function inRounds(placed: Placed<object>, strike: (place: FaultyDevice) => void): Undo {
  return placed.eachDevice((place) =>
    decorate(place.device, 'step', (device, next) => {
      next();
      if (!device.function.present || !device.configured) return;
      const { tx, rx } = device.inspect.ringEntries();
      if (tx + rx > 0 && placed.strikes(place, 'round')) strike(place);
    }),
  );
}

export const PROCESSES = {
  'processes.kill-guest': fault({
    about: 'every guest process is killed, without a word to the host',
    operation: OPERATION,
    seam: 'process',
    parameters: {},
    put: (placed) => inRounds(placed, () => void signal(placed, 'SIGKILL')),
  }),
  'processes.stop-guest': fault({
    about: 'every guest process is stopped, and continued after a time',
    operation: OPERATION,
    seam: 'process',
    parameters: { forMs: durationMs(300, 'how long') },
    put: (placed) => {
      let untilMs = Infinity;
      const go = (): void => {
        untilMs = Infinity;
        signal(placed, 'SIGCONT');
      };
      const undo = inRounds(placed, () => {
        signal(placed, 'SIGSTOP');
        untilMs = placed.site.nowMs() + placed.parameters.forMs;
      });
      const undoDevices = placed.eachDevice(({ device }) =>
        decorate(device, 'step', (_self, next) => {
          next();
          if (placed.site.nowMs() >= untilMs) go();
        }),
      );
      return () => {
        if (untilMs !== Infinity) go();
        undo();
        undoDevices();
      };
    },
  }),
  'processes.end-guest': fault({
    about: 'every guest process is asked to end (SIGTERM)',
    operation: OPERATION,
    seam: 'process',
    parameters: {},
    put: (placed) => inRounds(placed, () => void signal(placed, 'SIGTERM')),
  }),
} as const;
