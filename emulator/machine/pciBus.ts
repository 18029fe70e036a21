import { asGuest } from '../../shared/actors';
import type { Clock } from '../../shared/clock';
import { ErrnoError, UsageError } from '../../shared/errors';
import type { PciDriver, PciFunction, PciIdentity } from '../../shared/pci';
import { loadPciFunctionAddress } from '../../shared/loops/records';

/** Lowest PCI device number that a bus hands out; the chip set has the lower ones. */
export const FIRST_DEVICE_NUMBER = 3;
/** Highest PCI device number of a bus. */
export const LAST_DEVICE_NUMBER = 31;

const MAX_EVENTS = 1_024;

/** The host's side of a function on the bus. */
export interface PciOwner {
  /** The function, as the guest sees it. */
  readonly function: PciFunction;
  /** Makes the function vanish: all reads return ones from now on (section 16). */
  surpriseRemove(): void;
}

/** An event on a bus. */
export interface PciEvent {
  /** The change on the bus. */
  readonly kind:
    /** A function is on the bus, and no driver was asked yet. */
    | 'plugged'
    /** A driver has taken the function. */
    | 'bound'
    /** A driver that matches has refused the function; `error` has the reason. */
    | 'refused'
    /** The driver's remove has ended. */
    | 'removed'
    /** The function was removed by surprise, so its BARs read all ones (section 16). */
    | 'vanished'
    /** The function has left the bus. */
    | 'unplugged';
  /** Bus, device and function, `0000:00:03.0`. */
  readonly bdf: string;
  /** Name of the driver concerned, null for none. */
  readonly driver: string | null;
  /** With `refused` and `removed`: what the driver threw, null for nothing. */
  readonly error: Error | null;
}

/** One line of `listing()`. */
export interface PciListing {
  /** Bus, device and function, `0000:00:03.0`. */
  readonly bdf: string;
  /** Ids of its PCI configuration. */
  readonly identity: PciIdentity;
  /** False after a surprise removal. */
  readonly present: boolean;
  /** Name of the driver that bound it, null where none did. */
  readonly driver: string | null;
  /** Why the last driver that matched refused it, null where none did. */
  readonly error: Error | null;
}

interface Binding {
  readonly driver: PciDriver;
  readonly port: unknown;
}

interface Occupant {
  readonly owner: PciOwner;
  readonly bdf: string;
  readonly deviceNumber: number;
  binding: Binding | null;
  error: Error | null;
  /** True while a driver's probe or remove is running, which may wait and let others step. */
  busy: boolean;
}

/** Options of a guest's PCI bus. */
export interface PciBusOptions {
  /** Handed to drivers as a part of their platform. */
  readonly clock: Clock;
  /**
   * Drivers of the guest, in the order in which they are asked.
   * @defaultValue none
   */
  readonly drivers?: readonly PciDriver[];
}

/** Runs guest code. Returns the error that it threw, null if it threw none. */
function errorOf(body: () => void): Error | null {
  try {
    asGuest(body);
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}

/**
 * One guest's PCI bus with hot plug: on the host's side functions come and go, on the guest's
 * side drivers are registered and matched. Drivers run as the guest.
 */
export class PciBus {
  private readonly clock: Clock;
  private readonly drivers: PciDriver[] = [];
  private readonly occupants = new Map<string, Occupant>();
  private readonly log: PciEvent[] = [];
  private readonly listeners = new Set<(event: PciEvent) => void>();

  constructor({ clock, drivers = [] }: PciBusOptions) {
    this.clock = clock;
    this.drivers.push(...drivers);
  }

  /** The last 1,024 events, oldest first. */
  get events(): readonly PciEvent[] {
    return this.log;
  }

  /** Registers a listener. Returns the function that removes it. */
  onEvent(listener: (event: PciEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The lowest device number that is free. @throws ErrnoError EBUSY where none is. */
  freeDeviceNumber(): number {
    const taken = new Set([...this.occupants.values()].map((occupant) => occupant.deviceNumber));
    for (let deviceNumber = FIRST_DEVICE_NUMBER; deviceNumber <= LAST_DEVICE_NUMBER; deviceNumber++)
      if (!taken.has(deviceNumber)) return deviceNumber;
    throw new ErrnoError(
      'EBUSY',
      `no PCI slot is free: devices ${FIRST_DEVICE_NUMBER} to ${LAST_DEVICE_NUMBER} are all taken`,
    );
  }

  /**
   * Plugs a function in at its own PCI address, then offers it to the drivers in the
   * order of their registration until one takes it. A driver that refuses leaves it unbound.
   * @returns the BDF, as in `0000:00:05.0`.
   * @throws ErrnoError EINVAL for an address outside the bus, EEXIST for one that is taken.
   */
  plug(owner: PciOwner): string {
    const { bdf } = owner.function;
    const address = loadPciFunctionAddress(owner.function.base);
    const deviceNumber = address >>> 3;
    if ((address & 7) !== 0 || deviceNumber < FIRST_DEVICE_NUMBER || deviceNumber > LAST_DEVICE_NUMBER)
      throw new ErrnoError(
        'EINVAL',
        `PCI address ${bdf}: expected device ${FIRST_DEVICE_NUMBER} to ${LAST_DEVICE_NUMBER} of bus 0, function 0`,
      );
    if (this.occupants.has(bdf)) throw new ErrnoError('EEXIST', `PCI slot ${bdf} is taken: unplug its function first`);
    const occupant: Occupant = { owner, bdf, deviceNumber, binding: null, error: null, busy: false };
    this.occupants.set(bdf, occupant);
    this.emit('plugged', bdf);
    this.offer(occupant, this.drivers);
    return bdf;
  }

  /**
   * Takes a function off the bus in an orderly way, or clears up after it has vanished. The
   * driver's `remove` runs first.
   * @throws ErrnoError ENODEV if no function has this BDF, EBUSY while a driver is probing or removing.
   */
  unplug(bdf: string): void {
    const occupant = this.occupant(bdf);
    if (occupant.busy)
      throw new ErrnoError('EBUSY', `PCI slot ${bdf}: a driver is at work on it; try again when it has ended`);
    this.unbind(occupant);
    this.occupants.delete(bdf);
    this.emit('unplugged', bdf);
  }

  /**
   * Makes a function vanish without telling the guest. The driver stays bound until `unplug`, as
   * in a guest that has not noticed yet.
   * @throws ErrnoError ENODEV if no function has this BDF.
   */
  surpriseRemove(bdf: string): void {
    this.occupant(bdf).owner.surpriseRemove();
    this.emit('vanished', bdf);
  }

  /** Registers a driver and offers it every function that is not bound. */
  register(driver: PciDriver): void {
    if (this.drivers.includes(driver)) throw new UsageError(`driver '${driver.name}' is registered already`);
    this.drivers.push(driver);
    for (const occupant of [...this.occupants.values()]) this.offer(occupant, [driver]);
  }

  /** Offers every unbound function to the drivers again, as a rescan of the bus does. */
  rescan(): void {
    for (const occupant of [...this.occupants.values()]) this.offer(occupant, this.drivers);
  }

  /** Offers functions again that a driver refused with EBUSY, as it does while the device is detached (section 14). */
  offerDeferred(): void {
    for (const occupant of [...this.occupants.values()])
      if (occupant.error instanceof ErrnoError && occupant.error.code === 'EBUSY') this.offer(occupant, this.drivers);
  }

  /** Lists every function on the bus, in order of the device number. */
  listing(): PciListing[] {
    return [...this.occupants.values()]
      .sort((a, b) => a.deviceNumber - b.deviceNumber)
      .map(({ owner, bdf, binding, error }) => ({
        bdf,
        identity: owner.function.identity,
        present: owner.function.present,
        driver: binding?.driver.name ?? null,
        error,
      }));
  }

  /** Returns the port that a driver's probe made for a BDF; null if this driver is not bound there. */
  portOf<P>(bdf: string, driver: PciDriver<P>): P | null {
    const binding = this.occupants.get(bdf)?.binding ?? null;
    // The port came from this driver's own probe.
    return binding?.driver === driver ? (binding.port as P) : null;
  }

  /** Delivers pending interrupts to the guest's handlers, in order of the device number; returns how many. */
  dispatchInterrupts(): number {
    let delivered = 0;
    asGuest(() => {
      for (const { owner } of [...this.occupants.values()])
        if (owner.function.present && owner.function.dispatchInterrupt()) delivered++;
    });
    return delivered;
  }

  private occupant(bdf: string): Occupant {
    const occupant = this.occupants.get(bdf);
    if (occupant === undefined) throw new ErrnoError('ENODEV', `PCI slot ${bdf} is empty`);
    return occupant;
  }

  private offer(occupant: Occupant, drivers: readonly PciDriver[]): void {
    if (occupant.binding !== null || occupant.busy || !occupant.owner.function.present) return;
    const { owner, bdf } = occupant;
    occupant.busy = true;
    for (const driver of drivers) {
      let matched = true;
      const error = errorOf(() => {
        matched = driver.matches(owner.function.identity);
        if (matched) occupant.binding = { driver, port: driver.probe(owner.function, { clock: this.clock }) };
      });
      if (!matched) continue;
      occupant.error = error;
      this.emit(error === null ? 'bound' : 'refused', bdf, driver, error);
      if (error === null) break;
    }
    occupant.busy = false;
  }

  private unbind(occupant: Occupant): void {
    const { binding, bdf } = occupant;
    if (binding === null) return;
    occupant.busy = true;
    const error = errorOf(() => binding.driver.remove(binding.port));
    occupant.busy = false;
    occupant.binding = null;
    this.emit('removed', bdf, binding.driver, error);
  }

  private emit(kind: PciEvent['kind'], bdf: string, by: PciDriver | null = null, error: Error | null = null): void {
    const event: PciEvent = { kind, bdf, driver: by?.name ?? null, error };
    if (this.log.length === MAX_EVENTS) this.log.shift();
    this.log.push(event);
    for (const listener of [...this.listeners]) listener(event);
  }
}
