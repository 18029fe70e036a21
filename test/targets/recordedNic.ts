import { actAs, readBytes } from '#mem';
import type { AvpDevice } from '../../emulator';
import type { ControlRequest } from '../../emulator/controlRequest';
import type { FrameSource } from '../../emulator/frameSource';
import { errnoName } from '../../shared/errno';
import { REQ_CHANGE_MTU, REQ_CONFIG, REQ_LINK, REQ_SHUTDOWN } from '../../shared/layout';
import { ACTOR_HOST } from '../../shared/mem/rights';
import type { Answer, AvpNic, DescChange, Place } from './host';
import { InlineNic } from './inlineNic';
import type { WireLog } from './wireLog';

type Logged = AvpDevice['requests'][number];

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

function requestText({ reqId, newMtu, ifUp, config }: ControlRequest): string {
  if (reqId === REQ_CHANGE_MTU) return `request 1, change MTU to ${newMtu}`;
  if (reqId === REQ_LINK) return `request 2, link ${ifUp === 0 ? 'down' : 'up'}`;
  if (reqId === REQ_SHUTDOWN) return 'request 4, shut down';
  if (reqId !== REQ_CONFIG) return `request ${reqId}, unknown`;
  const queues = `${config.numRxQueues} receive and ${config.numTxQueues} transmit queues`;
  const driver = `driver type ${config.driverType} version ${hex(config.driverVersion)}`;
  const link = config.ifUp === 0 ? 'down' : 'up';
  return `request 3, device config: ${queues}, features ${hex(config.features)}, link ${link}, device id ${hex(config.deviceId)}, ${driver}`;
}

function resultText(result: number): string {
  return result < 0 ? `-${errnoName(result)} (${result})` : `${result}`;
}

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
  const shown = value === 'first' ? 'the address of the first' : hex(value);
  return field === 'entry' ? `entry on rx = ${shown}` : `descriptor ${segment}: ${field} = ${shown}`;
}

function placeText(place: Place): string {
  if (place.struct === 'memmap') return `memmap ${place.index}`;
  return place.struct === 'fifo' ? `${place.fifo} FIFO ${place.queue}` : place.struct;
}

/** A device that notes down what crosses its port, what is asked of it, and what is done to it. */
export class RecordedNic extends InlineNic {
  private hook: ((request: ControlRequest) => void) | null = null;
  private newest: Logged | undefined;
  private unanswered: Logged[] = [];
  private linkUp = false;
  private mask = 0;
  private ack = 0;

  constructor(
    device: AvpDevice,
    source: FrameSource,
    dispatch: (nic: InlineNic) => boolean,
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
    device.onRequest((request) => {
      this.note('request', requestText(request));
      this.hook?.(request);
    });
    device.onFifoInit((kind, queue) => this.note('ring', `${kind} FIFO ${queue} is made empty`));
    this.note('host', `plugs a device: ${device.settings.rxQueues.max} receive and ${device.settings.txQueues.max} transmit queues at most`);
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
    this.log.event(subject, this.slot, what);
  }

  /** To be called after each round of the host: what the guest wrote, and which requests were answered. */
  override observe(): void {
    this.observeAnswers();
    if (!this.device.function.present) return;
    const { linkUp, interruptMask, ack } = this.device;
    if (interruptMask !== this.mask) this.note('register', `interrupt mask = ${hex(interruptMask)}`);
    if (ack !== this.ack) this.note('register', `migration ack = ${ack}`);
    if (linkUp !== this.linkUp) this.note('link', linkUp ? 'up' : 'down');
    this.linkUp = linkUp;
    this.mask = interruptMask;
    this.ack = ack;
  }

  private observeAnswers(): void {
    const { requests } = this.device;
    const known = this.newest === undefined ? -1 : requests.lastIndexOf(this.newest);
    this.unanswered.push(...requests.slice(known + 1));
    this.newest = requests.at(-1) ?? this.newest;
    this.unanswered = this.unanswered.filter(({ reqId, result, answeredAtMs }) => {
      if (answeredAtMs.length === 0) return true;
      const twice = answeredAtMs.length > 1 ? `, ${answeredAtMs.length} times` : '';
      this.note('answer', `to request ${reqId}: ${resultText(result)}${twice}`);
      return false;
    });
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

  private async interrupt(what: string, raise: () => Promise<{ dispatched: boolean }>): Promise<{ dispatched: boolean }> {
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
