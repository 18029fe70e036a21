/** Tracks the side that runs in this thread: host, guest, or the bench itself. Time can go wrong for the first two. */
import { Port } from '../../driver';
import { AvpDevice, ComputeNode, PciBus } from '../../emulator';
import type { VirtualClock } from '../../shared/clock';
import { PciFunction } from '../../shared/pci';
import { decorate, type Undo } from './decorate';

/** A side whose time can go wrong. */
export type Side = 'host' | 'guest';

/** Methods of a port that wait, or that note times. */
const CONTROL = ['configure', 'rxQueueSetup', 'txQueueSetup', 'start', 'stop', 'close'] as const;

/** Follows who is running. `present` is null while that is the bench. */
export class Sides {
  present: Side | null = null;

  /** Runs code of one side, or of the bench. */
  during<T>(side: Side | null, body: () => T): T {
    const former = this.present;
    this.present = side;
    try {
      return body();
    } finally {
      this.present = former;
    }
  }

  /** Begins to follow. Returns a function that ends it. */
  follow(clock: VirtualClock): Undo {
    const undo = [
      decorate(AvpDevice.prototype, 'step', (_self, next) => this.during('host', () => next())),
      decorate(ComputeNode.prototype, 'step', (_self, next) => this.during('host', () => next())),
      decorate(ComputeNode.prototype, 'migrate', (_self, next, ...args) => this.during('host', () => next(...args))),
      decorate(PciFunction.prototype, 'dispatchInterrupt', (_self, next) => this.during('guest', () => next())),
      decorate(PciBus.prototype, 'plug', (_self, next, owner) => this.during('guest', () => next(owner))),
      ...CONTROL.map((name) =>
        decorate(Port.prototype, name as 'configure', (_self, next, ...args) =>
          this.during('guest', () => next(...args)),
        ),
      ),
      // While one side waits, the clock steps everybody, and the layers above follow each of them.
      decorate(clock, 'step', (_self, next) => this.during(null, () => next())),
    ];
    return () => undo.forEach((one) => one());
  }
}
