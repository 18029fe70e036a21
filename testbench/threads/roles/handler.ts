import { Port } from '../../../driver';
import type { Clock } from '../../../shared/clock';
import { PciFunction } from '../../../shared/pci';
import type { Pace } from '../../runtime/backoff';
import type { Duty, DutyPlace } from '../role';
import type { Desk } from '../channel';

/** It sleeps on the interrupt, and looks for orders now and then. */
const WAITING: Pace = { spins: 0, leastMs: 5, mostMs: 5 };

/** What the thread that handles an instance's interrupts can be told. */
export interface HandlerOperations {
  /** Takes the interrupts of a port over. @throws ErrnoError */
  serve(port: number, base: number): void;
  /** Lets go of a port: its record may vanish afterwards. */
  leave(port: number): void;
  /** Interrupts delivered so far. */
  delivered(): number;
}

interface Served {
  readonly port: Port;
  readonly function: PciFunction;
}

/** One thread that sleeps until an interrupt of its instance's ports comes, and carries it out. */
class Handler implements Duty<HandlerOperations> {
  readonly pace = WAITING;
  private readonly served = new Map<number, Served>();
  private count = 0;

  constructor(
    private readonly clock: Clock,
    private readonly desk: Desk,
  ) {}

  readonly operations: HandlerOperations = {
    serve: (address, base) => {
      const port = Port.at(address, { clock: this.clock });
      port.takeInterrupts();
      this.served.set(address, { port, function: PciFunction.at(base) });
    },
    leave: (port) => this.leave(port),
    delivered: () => this.count,
  };

  poll(): boolean {
    let any = false;
    for (const { function: pci } of this.served.values())
      if (pci.dispatchInterrupt()) {
        this.count++;
        any = true;
      }
    return any;
  }

  /** On the interrupt of each port in turn: a thread can sleep on one word only. */
  rest(durationMs: number): void {
    if (this.served.size === 0) this.desk.rest(durationMs);
    for (const { function: pci } of this.served.values()) if (pci.waitInterrupt(durationMs / this.served.size)) return;
  }

  end(): void {
    for (const port of [...this.served.keys()]) this.leave(port);
  }

  private leave(address: number): void {
    this.served.get(address)?.port.leave();
    this.served.delete(address);
  }
}

export function begin({ clock, desk }: DutyPlace<null>): Duty<HandlerOperations> {
  return new Handler(clock, desk);
}
