import { MIGRATION_ATTACHED, MIGRATION_DETACHED, MIGRATION_NONE } from '../../shared/loops/layout';
import type { AvpDevice } from '../device/device';
import type { RingEntries } from '../device/memory/bufferAudit';
import type { AvpDeviceSettings } from '../device/settings';
import { ackOutcome, type AckOutcome } from './ackOutcome';
import type { MigrationStep } from './migrationTypes';
import type { Nic } from './nic';

/** Steps of the timeline, by the outcome of an event. */
const OUTCOME_STEPS = { acked: 'acked', refused: 'refused', nobody: 'not-driven' } as const;

/** Called with each step of one NIC. */
export type NicNote = (nic: string, step: MigrationStep, detail: string) => void;

/** One AVP NIC of an instance that is migrating: the host's side of events and acks (section 15). */
export class MovingNic {
  readonly name: string;
  readonly device: AvpDevice;
  /** The device's settings at the source. */
  readonly home: AvpDeviceSettings;
  /** True once another host than the source's has been behind the device. */
  replaced = false;
  /** Status of the event that the guest is to ack, `MIGRATION_NONE` where there is none. */
  private raised: number = MIGRATION_NONE;
  /** True if the guest left a detach event without an ack, which may still come. */
  private owesAck = false;
  private noted: AckOutcome | null = null;
  private notedShutdown = false;

  constructor(
    readonly nic: Nic,
    private readonly isAttached: () => boolean,
    private readonly note: NicNote,
  ) {
    this.name = nic.name;
    this.device = nic.device!;
    this.home = this.device.settings;
  }

  /** False once the NIC was unplugged or has vanished. */
  get there(): boolean {
    return this.isAttached() && this.nic.present;
  }

  /** Raises the detach event at the present host. */
  detach(): void {
    this.raiseMigration(MIGRATION_DETACHED, 'detach-event');
    this.device.beginDetach();
  }

  /** Raises the attach event at the present host. */
  attach(): void {
    this.raiseMigration(MIGRATION_ATTACHED, 'attach-event');
    this.device.beginAttach();
  }

  /** Returns the NIC to its guest after a detach that not every NIC has carried out. */
  giveBack(): void {
    const outcome = this.outcome();
    this.owesAck = outcome === null;
    // After ack 3 the device has resumed by itself, and an event would only confuse its guest.
    if (outcome === 'refused') this.raised = MIGRATION_NONE;
    else this.attach();
  }

  /** Puts another host behind the device. @throws UsageError, ErrnoError; nothing has changed then. */
  replaceHost(settings: AvpDeviceSettings): void {
    this.device.replaceHost(settings);
    this.replaced = true;
    const { mbufSize, rxQueues, txQueues, deviceId } = settings;
    const queues = `rx queues ${rxQueues.min} to ${rxQueues.max}, tx queues ${txQueues.min} to ${txQueues.max}`;
    this.note(this.name, 'host-replaced', `mbuf_size ${mbufSize}, ${queues}, device_id ${deviceId}`);
  }

  /** Returns the outcome of the last event, null as long as there is none. Notes changes in the timeline. */
  outcome(): AckOutcome | null {
    if (!this.there) return this.noteOutcome('nobody', 'the NIC is gone');
    const { ack, shutdown } = this.device.migration;
    if (shutdown && !this.notedShutdown) this.note(this.name, 'shut-down', entriesText(ringEntries([this.device])));
    this.notedShutdown = shutdown;
    if (this.raised === MIGRATION_NONE) return (this.noted = 'acked');
    const outcome = ackOutcome(this.device, this.raised, this.owesAck);
    return this.noteOutcome(outcome, outcome === 'nobody' ? 'no driver is bound to it' : `ack ${ack}`);
  }

  private raiseMigration(status: number, step: MigrationStep): void {
    this.raised = status;
    this.noted = null;
    this.note(this.name, step, `status ${status}`);
  }

  private noteOutcome(outcome: AckOutcome | null, detail: string): AckOutcome | null {
    if (outcome !== null && outcome !== this.noted && this.raised !== MIGRATION_NONE)
      this.note(this.name, OUTCOME_STEPS[outcome], detail);
    this.noted = outcome;
    return outcome;
  }
}

/** Counts the entries on the rings of some devices at this moment, all devices together. */
export function ringEntries(devices: readonly AvpDevice[]): RingEntries {
  const each = devices.map((device) => device.inspect.ringEntries());
  const sum = (kind: keyof RingEntries): number => each.reduce((total, entries) => total + entries[kind], 0);
  return { tx: sum('tx'), rx: sum('rx'), alloc: sum('alloc'), free: sum('free') };
}

function entriesText({ tx, rx, alloc, free }: RingEntries): string {
  return `tx ${tx}, rx ${rx}, alloc ${alloc}, free ${free}`;
}
