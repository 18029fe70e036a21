import { actAs } from '#mem';
import { asHost } from '../../shared/actors';
import type { Clock } from '../../shared/clock';
import { ErrnoError, UsageError } from '../../shared/errors';
import { MIGRATION_ATTACHED, MIGRATION_DETACHED } from '../../shared/loops/layout';
import { ACTOR_HOST } from '../../shared/loops/rights';
import type { PciFunction } from '../../shared/pci';
import type { Random } from '../../shared/random';
import type { Endpoint, FrameSink } from '../network/endpoint';
import { isLive } from './control/portLife';
import { DeviceCore } from './core';
import { hostRound, takeLast } from './hostRound';
import { DeviceInspection } from './inspection';
import { loadHostPortPaused, loadHostPortRemoved } from './loops/records';
import type { MigrationState } from './migration/migrationState';
import { hostLoops } from './hostLoops';
import type { AvpDeviceSettings } from './settings';
import { DeviceTampering } from './tampering';

const MAX_DEVICE_NUMBER = 31;

/** Options of an AVP device. */
export interface AvpDeviceOptions {
  /** Identifies the device in messages, captures and dumps. */
  readonly name: string;
  /** All settings, as `avpDeviceSettings` completes them. */
  readonly settings: AvpDeviceSettings;
  /**
   * PCI device number on bus 0.
   * @range 0 to 31
   * @unit none
   */
  readonly deviceNumber: number;
  /** Clock by which requests, interrupts and migrations are timed. */
  readonly clock: Clock;
  /** Draws what the settings leave to chance: junk, gaps, delays. */
  readonly random: Random;
}

/**
 * An AVP device with the host behind it: PCI function, registers, exported memory, control
 * channel, rings. It acts only when one of its methods is called, whichever actor calls it.
 */
export class AvpDevice implements Endpoint {
  readonly name: string;
  /** Receives packets from the guest; while it is null they are dropped and counted. */
  uplink: FrameSink | null = null;
  /** Reads counters, buffers and state, and observes events; changes nothing. */
  readonly inspect: DeviceInspection;
  /** Makes the host do what it should not: wrong values, wrong answers, stalls. */
  readonly tamper: DeviceTampering;
  private readonly core: DeviceCore;

  /**
   * @throws UsageError for a device number out of range or memory that exceeds BAR 2,
   *   ErrnoError ENOMEM where the arena has no room. Nothing is left behind then.
   */
  constructor(options: AvpDeviceOptions) {
    const { name, deviceNumber } = options;
    if (!Number.isInteger(deviceNumber) || deviceNumber < 0 || deviceNumber > MAX_DEVICE_NUMBER)
      throw new UsageError(`PCI device number ${deviceNumber} of ${name}: expected 0 to ${MAX_DEVICE_NUMBER}`);
    this.name = name;
    this.core = asHost(() => new DeviceCore(options));
    this.inspect = new DeviceInspection(this.core);
    this.tamper = new DeviceTampering(this.core);
  }

  /** The PCI function as the guest sees it. */
  get function(): PciFunction {
    return this.core.pci.function;
  }

  /** Settings of the present host. */
  get settings(): AvpDeviceSettings {
    return this.core.host.settings;
  }

  /** True from a successful request 3 to request 4. */
  get configured(): boolean {
    return asHost(() => isLive(this.core.host));
  }

  /** The device's state in a migration (section 15). */
  get migration(): MigrationState {
    return asHost(() => this.core.migration.view);
  }

  /** Runs one round of the host: registers, control channel, free, tx, rx, alloc. */
  step(): void {
    const { core } = this;
    if (core.destroyed) return;
    const former = actAs(ACTOR_HOST);
    try {
      if (this.acts) hostRound(core, this.uplink);
    } finally {
      actAs(former);
    }
  }

  /** False while the host does nothing at all. */
  private get acts(): boolean {
    const { port } = this.core.host;
    return loadHostPortRemoved(port) === 0 && loadHostPortPaused(port) === 0;
  }

  /** Takes a frame for the guest, which sees it after the next step. */
  deliver(address: number, bytes: number): void {
    if (this.core.destroyed) return;
    const former = actAs(ACTOR_HOST);
    try {
      hostLoops().deliverFrame(this.core.host.port, address, bytes);
    } finally {
      actAs(former);
    }
  }

  /** Takes a table of `count` frames for the guest, which sees them after the next step. */
  deliverTable(table: number, count: number): void {
    if (this.core.destroyed) return;
    const former = actAs(ACTOR_HOST);
    try {
      hostLoops().deliverFrames(this.core.host.port, table, count);
    } finally {
      actAs(former);
    }
  }

  /** Raises a detach event: ack 0, status 1, interrupt. The guest is expected to shut down and write ack 1 (section 15). */
  beginDetach(): void {
    this.raiseMigration(MIGRATION_DETACHED);
  }

  /**
   * Raises an attach event: ack 0, status 2, interrupt. If ack 1 has come under the detach, all FIFOs
   * are emptied before; otherwise they keep their contents. It also ends a detach that the guest has
   * not answered in time.
   */
  beginAttach(): void {
    this.raiseMigration(MIGRATION_ATTACHED);
  }

  /** Raises a migration event with any status. A guest that has not taken the event before sees only this one. */
  raiseMigration(status: number): void {
    if (!this.core.gone) asHost(() => this.core.migration.raise(this.core.host, status >>> 0));
  }

  /**
   * Cancels a detach without an event: restores the former status and leaves the rings as they are. For a
   * guest that cannot have let go; use `beginAttach` where it may have.
   * @returns false if ack 1 has come; nothing has changed then.
   */
  undoDetach(): boolean {
    return this.core.gone || asHost(() => this.core.migration.undo(this.core.host));
  }

  /**
   * Puts another host behind the device: other memory, map and info, with the same function and
   * registers (section 15). What the guest held is lost and counted; counters go on. Only an attach
   * event tells the guest.
   * @throws UsageError where the memory exceeds BAR 2, ErrnoError ENOMEM, ENODEV after a removal;
   *   nothing has changed then.
   */
  replaceHost(settings: AvpDeviceSettings): void {
    if (this.core.gone) throw new ErrnoError('ENODEV', `${this.name} is gone: expected a device that is plugged in`);
    asHost(() => this.core.changeHost(settings));
  }

  /**
   * Handles a guest that died without a word: forwards what it had sent, resets registers, takes back
   * its buffers, empties every FIFO.
   */
  guestDied(): void {
    if (this.core.gone) return;
    asHost(() => {
      if (this.acts) takeLast(this.core, this.uplink);
      this.core.endGuest();
    });
  }

  /** Makes the device vanish: registers and BARs read as all ones, and nothing has an effect (section 16). */
  surpriseRemove(): void {
    if (!this.core.gone) asHost(() => this.core.vanish());
  }

  /** Releases all memory; nobody may touch the device afterwards. Further calls do nothing. */
  destroy(): void {
    if (!this.core.destroyed) asHost(() => this.core.destroy());
  }
}
