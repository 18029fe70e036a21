import { ErrnoError } from '../../shared/errors';
import type { PciDriver } from '../../shared/pci';
import type { MigrationEvent, MigrationOutcome, MigrationPhase } from './migrationTypes';
import { makeNic, type Nic, type NicHost } from './nic';
import { MAX_NICS, resolveNicSpec, type NicSpec } from './nicSpec';
import { PciBus } from './pciBus';

/** Removes a stepper from a clock; undefined if the clock has no steppers. */
export type LeaveClock = (() => void) | undefined;

/** The compute node of an instance, as a migration deals with it. */
export interface InstanceNode {
  /** Name of the node. */
  readonly name: string;
  /** The parts of the node with which it makes NICs. */
  readonly host: NicHost;
  /** @throws UsageError where the node can't take an instance over. */
  mustTake(instance: Instance): void;
  /** Releases an instance for another node to take over. Returns what removes its stepper from the clock. */
  release(instance: Instance): LeaveClock;
  /** Takes over an instance that another node has released. */
  takeOver(instance: Instance, leaveClock: LeaveClock): void;
}

/** The migration of an instance, as observers see it. `Migration` carries it out. */
export interface InstanceMigration {
  /** The instance that migrates. */
  readonly instance: Instance;
  /** The source. */
  readonly from: InstanceNode;
  /** The destination. */
  readonly to: InstanceNode;
  /** The compute node that has the instance now. */
  readonly node: InstanceNode;
  /** Present phase. */
  readonly phase: MigrationPhase;
  /** True once the migration has ended, with whatever outcome. */
  readonly done: boolean;
  /** Outcome; null while it is under way. */
  readonly outcome: MigrationOutcome | null;
  /** Why it did not complete; null while it is under way and where it did. */
  readonly cause: string | null;
  /** Steps so far, in order. */
  readonly timeline: readonly MigrationEvent[];
}

/**
 * A virtual machine on a compute node: a PCI bus with its NICs, and the drivers that its guest
 * has. `ComputeNode.boot` makes it.
 */
export class Instance {
  /** PCI bus of the guest. */
  readonly bus: PciBus;
  /** The migration that is under way, null if there is none. The node sets it. */
  migration: InstanceMigration | null = null;
  /** Replaced as a whole when a NIC comes or goes, so that a step under way goes on with the former list. */
  private attached: readonly Nic[] = [];
  /** NICs that the instance ever had. */
  private made = 0;
  /** Set when a migration has ended: drivers that refused a NIC meanwhile are asked again. */
  private offerAgain = false;

  constructor(
    /** Name of the instance. */
    readonly name: string,
    private host: NicHost,
    drivers: readonly PciDriver[],
  ) {
    this.bus = new PciBus({ clock: host.clock, drivers });
  }

  /** NICs, in the order in which they were attached. */
  get nics(): readonly Nic[] {
    return this.attached;
  }

  /** The port that a driver's probe returned for a NIC; null where this driver has not bound it. */
  portOf<P>(nic: Nic, driver: PciDriver<P>): P | null {
    return this.bus.portOf(nic.bdf, driver);
  }

  /**
   * Attaches a NIC while the guest runs: makes it, connects it, and offers it to the drivers.
   * A driver's refusal is no failure of this: see `bus.listing()`.
   * @throws UsageError for a bad spec, ErrnoError EBUSY beyond 16 NICs and while the instance is
   *   migrating, ENOMEM; nothing has changed then.
   */
  hotPlug(spec: string | NicSpec): Nic {
    const resolved = resolveNicSpec(spec);
    if (this.attached.length >= MAX_NICS)
      throw new ErrnoError('EBUSY', `instance '${this.name}' has ${MAX_NICS} NICs: unplug one first`);
    if (this.migration !== null)
      throw new ErrnoError('EBUSY', `instance '${this.name}' is migrating: attach the NIC when that has ended`);
    const deviceNumber = this.bus.freeDeviceNumber();
    const nic = makeNic(this.host, resolved, this.name, this.made, deviceNumber);
    this.made++;
    this.attached = [...this.attached, nic];
    this.bus.plug(nic.owner);
    return nic;
  }

  /**
   * Detaches a NIC in an orderly way, or tidies up after a surprise removal. Ends the driver's port
   * first, then the connection to the network, then the device.
   * @throws ErrnoError ENODEV for a NIC that is not attached, EBUSY while a driver is at work on it.
   */
  hotUnplug(nic: Nic): void {
    this.requireAttached(nic);
    this.bus.unplug(nic.bdf);
    nic.port.disconnect();
    nic.owner.destroy();
    this.attached = this.attached.filter((other) => other !== nic);
  }

  /**
   * Makes a NIC vanish: all reads return ones, and no frame gets in or out. The driver stays bound
   * until `hotUnplug`, as in a guest that has not noticed (section 16).
   * @throws ErrnoError ENODEV for a NIC that is not attached.
   */
  surpriseRemove(nic: Nic): void {
    this.requireAttached(nic);
    this.bus.surpriseRemove(nic.bdf);
    nic.port.disconnect();
  }

  /** Makes new NICs on another node's host from now on. */
  moveTo(host: NicHost): void {
    this.host = host;
  }

  /** Called by the migration when it has ended. */
  migrationEnded(): void {
    this.migration = null;
    this.offerAgain = true;
  }

  /** Carries out the guest's part of a step: delivers pending interrupts to their handlers. */
  step(): void {
    this.bus.dispatchInterrupts();
    if (!this.offerAgain) return;
    this.offerAgain = false;
    this.bus.offerDeferred();
  }

  /** Detaches every NIC in an orderly way, the last first. */
  shutdown(): void {
    for (const nic of [...this.attached].reverse()) this.hotUnplug(nic);
  }

  private requireAttached(nic: Nic): void {
    if (!this.attached.includes(nic))
      throw new ErrnoError('ENODEV', `'${nic.name}' is not attached to instance '${this.name}'`);
  }
}
