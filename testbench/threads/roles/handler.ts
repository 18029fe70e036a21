import { Port } from '../../../driver';
import type { Clock } from '../../../shared/clock';
import { PciFunction } from '../../../shared/pci';
import type { Pace } from '../../runtime/backoff';
import type { WorkerChannel } from '../channel';
import type { Role, RoleContext } from '../role';

/** The thread sleeps until an interrupt comes, and looks for calls in between. */
const WAITING: Pace = { spins: 0, minPauseMs: 5, maxPauseMs: 5 };

/** Operations of the thread that handles an instance's interrupts. Ports go by their arena addresses. */
export interface HandlerOperations {
  /** Takes over the interrupts of a port. @param base arena address of its PCI function. @throws ErrnoError */
  serve(port: number, base: number): void;
  /** Leaves a port, whose record may be released afterwards. */
  leave(port: number): void;
}

interface ServedPort {
  readonly port: Port;
  readonly function: PciFunction;
}

/** The thread that handles the interrupts of an instance's ports. */
class Handler implements Role<HandlerOperations> {
  readonly pace = WAITING;
  private readonly served = new Map<number, ServedPort>();

  constructor(
    private readonly clock: Clock,
    private readonly channel: WorkerChannel,
  ) {}

  readonly operations: HandlerOperations = {
    serve: (address, base) => {
      const port = Port.at(address, { clock: this.clock });
      port.takeInterrupts();
      this.served.set(address, { port, function: PciFunction.at(base) });
    },
    leave: (port) => this.leave(port),
  };

  poll(): boolean {
    let any = false;
    for (const { function: pci } of this.served.values()) if (pci.dispatchInterrupt()) any = true;
    return any;
  }

  /** Sleeps on the interrupt of each port in turn, because a thread can sleep on one word only. */
  rest(durationMs: number): void {
    if (this.served.size === 0) this.channel.sleep(durationMs);
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

export function begin({ clock, channel }: RoleContext<null>): Role<HandlerOperations> {
  return new Handler(clock, channel);
}
