import { MIGRATION_ATTACHED, MIGRATION_DETACHED, MIGRATION_ERROR, MIGRATION_NONE } from '../../shared/loops/layout';
import type { AvpDevice } from '../device/device';
import type { AvpDeviceSettings } from '../device/settings';
import type { Nic } from './nic';
import { entriesText, ringEntries } from './ringEntries';

/**
 * What has come of the last event: nothing yet, carried out, refused (ack 3), or there is nobody
 * who could answer, for want of a driver, of a guest, or of the NIC itself.
 */
export type Answer = 'none' | 'done' | 'refused' | 'nobody';

/** Told of each step of one NIC. */
export type NicNote = (nic: string, step: string, detail: string) => void;

/** One AVP NIC of an instance that is migrating: the host's side of events and acks (section 15). */
export class MovingNic {
  readonly name: string;
  readonly device: AvpDevice;
  /** What it had at the source. */
  readonly home: AvpDeviceSettings;
  /** The host behind it is not the source's any more. */
  replaced = false;
  /** Status of the event that is to be answered, `MIGRATION_NONE` where none is. */
  private announced: number = MIGRATION_NONE;
  /** It left a detach event without an answer, which may still come. */
  private owesAnswer = false;
  private noted: Answer = 'none';
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

  /** False once it was unplugged or has vanished. */
  get there(): boolean {
    return this.isAttached() && this.nic.present;
  }

  detach(): void {
    this.announce(MIGRATION_DETACHED, 'detach-event');
    this.device.beginDetach();
  }

  attach(): void {
    this.announce(MIGRATION_ATTACHED, 'attach-event');
    this.device.beginAttach();
  }

  /** After a detach that not every NIC has carried out: this one's guest is to go on where it is. */
  giveBack(): void {
    const answer = this.answer();
    this.owesAnswer = answer === 'none';
    // On ack 3 the device has gone on by itself, and an event would only confuse its guest.
    if (answer === 'refused') this.announced = MIGRATION_NONE;
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

  /** What came of the last event so far; changes are noted. */
  answer(): Answer {
    if (!this.there) return this.noteAnswer('nobody', 'the NIC is gone');
    const { ack, shutdown } = this.device.migration;
    if (shutdown && !this.notedShutdown) this.note(this.name, 'shut-down', entriesText(ringEntries([this.device])));
    this.notedShutdown = shutdown;
    const answer = this.readAnswer();
    return this.noteAnswer(answer, answer === 'nobody' ? 'no driver is bound to it' : `ack ${ack}`);
  }

  private readAnswer(): Answer {
    if (this.announced === MIGRATION_NONE) return 'done';
    const { status, ack, released } = this.device.migration;
    const detaching = this.announced === MIGRATION_DETACHED;
    if (ack === this.announced && (released || !detaching)) return 'done';
    if (!this.driven) return 'nobody';
    if (detaching) return ack === MIGRATION_ERROR || status !== MIGRATION_DETACHED ? 'refused' : 'none';
    // A late answer to the detach can't be told from one to this event.
    return ack === MIGRATION_ERROR && !this.owesAnswer ? 'refused' : 'none';
  }

  /** A driver that has enabled its interrupt, or is at work, answers. */
  private get driven(): boolean {
    return this.device.interruptMask !== 0 || this.device.configured;
  }

  private announce(status: number, step: string): void {
    this.announced = status;
    this.noted = 'none';
    this.note(this.name, step, `status ${status}`);
  }

  private noteAnswer(answer: Answer, detail: string): Answer {
    const steps = { done: 'acked', refused: 'refused', nobody: 'not-driven' } as const;
    if (answer !== 'none' && answer !== this.noted && this.announced !== MIGRATION_NONE)
      this.note(this.name, steps[answer], detail);
    this.noted = answer;
    return answer;
  }
}
