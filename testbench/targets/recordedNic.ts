import { actAs, readBytes } from '#mem';
import type { AvpDevice } from '../../emulator';
import type { ControlRequest } from '../../emulator/device/control/controlRequest';
import type { FrameSource } from '../traffic/frameSource';
import { ACTOR_HOST } from '../../shared/loops/rights';
import { DeviceWatch, hex, resultText } from '../evidence/deviceWatch';
import type { Answer, AvpNic, DescChange, NicSettings, Place } from './host';
import { DeviceNic } from './deviceNic';
import type { WireLog } from '../evidence/wireLog';

function answerText({ result, delayMs, never, entry }: Answer): string {
  if (never === true) return 'never';
  const parts = [
    ...(result === undefined ? [] : [`with ${resultText(result)}`]),
    ...(entry === undefined ? [] : [`with ${hex(entry)} on resp`]),
    ...(delayMs === undefined ? [] : [`after ${delayMs} ms`]),
  ];
  return parts.length === 0 ? 'as usual' : parts.join(', ');
}

function changeText({ segment, field, value }: DescChange): string {
  const shown = typeof value === 'string' ? `the address of the ${value}` : hex(value);
  return field === 'entry' ? `entry on rx = ${shown}` : `descriptor ${segment}: ${field} = ${shown}`;
}

function placeText(place: Place): string {
  if (place.struct === 'memmap' || place.struct === 'mempool_info') return `${place.struct} ${place.index}`;
  return place.struct === 'fifo' ? `${place.fifo} FIFO ${place.queue}` : place.struct;
}

function settingsText(settings: NicSettings): string {
  return JSON.stringify(settings, (_key, value: unknown) => (typeof value === 'bigint' ? hex(value) : value));
}

/** A device that notes down what crosses its port, what is asked of it, and what is done to it. */
export class RecordedNic extends DeviceNic {
  private hook: ((request: ControlRequest) => void) | null = null;
  private readonly watch: DeviceWatch;

  constructor(
    device: AvpDevice,
    source: FrameSource,
    dispatch: (nic: DeviceNic) => boolean,
    private readonly log: WireLog,
  ) {
    super(device, source, dispatch);
    const { uplink } = device;
    device.uplink = {
      deliver: (address, bytes) => {
        log.frame(this.slot, 'fromGuest', this.frameAt(address, bytes));
        uplink?.deliver(address, bytes);
      },
    };
    this.watch = new DeviceWatch(device, this.slot, log);
    device.onRequest((request) => {
      this.watch.request(request);
      this.hook?.(request);
    });
    this.note(
      'host',
      `plugs a device: ${device.settings.rxQueues.max} receive and ${device.settings.txQueues.max} transmit queues at most`,
    );
  }

  private frameAt(address: number, bytes: number): Uint8Array {
    const former = actAs(ACTOR_HOST);
    try {
      return readBytes(address, bytes);
    } finally {
      actAs(former);
    }
  }

  private note(subject: Parameters<WireLog['event']>[0], what: string): void {
    this.watch.note(subject, what);
  }

  /** To be called after each round of the host. */
  override observe(): void {
    this.watch.observe();
  }

  override deliver(frame: Uint8Array, changes: readonly DescChange[] = []): void {
    this.log.frame(this.slot, 'toGuest', frame, changes.map(changeText).join('; '));
    super.deliver(frame, changes);
  }

  override onRequest(hook: Parameters<AvpNic['onRequest']>[0]): void {
    this.hook = hook;
  }

  override answerNext(...answers: readonly Answer[]): void {
    this.note('host', `is to answer the next requests: ${answers.map(answerText).join('; ')}`);
    super.answerNext(...answers);
  }

  override overwrite(place: Place, field: string, value: number | bigint): void {
    this.note('host', `writes ${placeText(place)}: ${field} = ${hex(value)}`);
    super.overwrite(place, field, value);
  }

  override junkAnswer(entry: bigint): void {
    this.note('host', `puts ${hex(entry)} on resp`);
    super.junkAnswer(entry);
  }

  override withoutBar(bar: number): void {
    this.note('host', `has no BAR ${bar}`);
    super.withoutBar(bar);
  }

  override setMigrationStatus(status: number): void {
    this.note('register', `migration status = ${status}`);
    super.setMigrationStatus(status);
  }

  override announce(status: number): void {
    this.note('host', `announces migration status ${status}`);
    super.announce(status);
  }

  override replaceHost(settings: NicSettings): void {
    this.note('host', `another host takes over: ${settingsText(settings)}`);
    super.replaceHost(settings);
  }

  private async interrupt(
    what: string,
    raise: () => Promise<{ dispatched: boolean }>,
  ): Promise<{ dispatched: boolean }> {
    const event = this.log.event('interrupt', this.slot, what);
    const ended = await raise();
    event.result = ended.dispatched ? "the guest's handler ran" : 'no handler ran';
    return ended;
  }

  override raiseInterrupt(bits: number): Promise<{ dispatched: boolean }> {
    return this.interrupt(`raised, bits ${hex(bits)}`, () => super.raiseInterrupt(bits));
  }

  override lateInterrupt(): Promise<{ dispatched: boolean }> {
    return this.interrupt('one that was on its way', () => super.lateInterrupt());
  }

  override interrupted(): void {
    this.log.event('interrupt', this.slot, 'delivered', "the guest's handler ran");
  }

  override pause(): void {
    this.note('host', 'stops looking at the rings');
    super.pause();
  }

  override resume(): void {
    this.note('host', 'looks at the rings again');
    super.resume();
  }

  override surpriseRemove(): void {
    this.note('host', 'the device vanishes');
    super.surpriseRemove();
  }
}
