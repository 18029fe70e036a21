import { readBytes } from '#mem';
import type { AvpDevice } from '../../emulator';
import type { ControlRequest } from '../../emulator/device/control/controlRequest';
import { asHost } from '../../shared/actors';
import { hex } from '../../shared/hex';
import { DeviceWatch, resultText } from '../evidence/deviceWatch';
import type { WireLog } from '../evidence/wireLog';
import { Tap, type TapDirection } from '../traffic/tap';
import type { AvpNic, DescChange, NicSettings, ProtocolStruct, ResponseOverride } from './host';

function overrideText({ result, delayMs, held, never, entry }: ResponseOverride): string {
  if (never === true) return 'never';
  const parts = [
    ...(result === undefined ? [] : [`with ${resultText(result)}`]),
    ...(entry === undefined ? [] : [`with ${hex(entry)} on resp`]),
    ...(delayMs === undefined ? [] : [`after ${delayMs} ms`]),
    ...(held === true ? ['held back'] : []),
  ];
  return parts.length === 0 ? 'as usual' : parts.join(', ');
}

function changeText({ segment, field, value }: DescChange): string {
  const shown = typeof value === 'string' ? `the address of the ${value}` : hex(value);
  return field === 'entry' ? `entry on rx = ${shown}` : `descriptor ${segment}: ${field} = ${shown}`;
}

function structText(where: ProtocolStruct): string {
  if (where.struct === 'memmap' || where.struct === 'mempool_info') return `${where.struct} ${where.index}`;
  return where.struct === 'fifo' ? `${where.fifo} FIFO ${where.queue}` : where.struct;
}

function settingsText(settings: NicSettings): string {
  return JSON.stringify(settings, (_key, value: unknown) => (typeof value === 'bigint' ? hex(value) : value));
}

/**
 * Records a NIC in a log: the frames at its port, the guest's requests and register writes, and the
 * calls that are made through `nic`.
 */
export class NicRecorder {
  /** Stands before the recorded NIC: logs the calls, and passes everything on. */
  readonly nic: AvpNic;
  private readonly watch: DeviceWatch;
  private hook: ((request: ControlRequest) => void) | null = null;

  /** @param device behind `recorded`; its uplink and its request hook are tapped. */
  constructor(
    private readonly recorded: AvpNic,
    device: AvpDevice,
    private readonly log: WireLog,
  ) {
    this.tapUplink(device);
    this.watch = new DeviceWatch(device, recorded.bdf, log);
    recorded.onRequest((request) => {
      this.watch.request(request);
      this.hook?.(request);
    });
    const { rxQueues, txQueues } = recorded.settings;
    this.note('host', `plugs a device: ${rxQueues.max} receive and ${txQueues.max} transmit queues at most`);
    this.nic = inFrontOf(recorded, this.notingCalls());
  }

  private tapUplink(device: AvpDevice): void {
    const onFrame = (_direction: TapDirection, address: number, bytes: number): boolean => {
      this.log.frame(
        this.recorded.bdf,
        'fromGuest',
        asHost(() => readBytes(address, bytes)),
      );
      return false;
    };
    const { uplink } = device;
    new Tap(device, { onFrame }).uplink = uplink;
  }

  /** Logs changes of the device. Call it after each round of the host. */
  observe(): void {
    this.watch.observe();
  }

  /** Logs an interrupt that was delivered without a call of the clause. */
  interrupted(): void {
    this.log.event('interrupt', this.recorded.bdf, 'delivered', "the guest's handler ran");
  }

  private note(subject: Parameters<WireLog['event']>[0], what: string): void {
    this.watch.note(subject, what);
  }

  /** The calls that are logged before they are passed on. */
  private notingCalls(): Partial<AvpNic> {
    const { recorded: nic, log } = this;
    const host = (what: string): void => this.note('host', what);
    return {
      deliver: (frame, changes = []) => {
        log.frame(nic.bdf, 'toGuest', frame, changes.map(changeText).join('; '));
        nic.deliver(frame, changes);
      },
      onRequest: (hook) => (this.hook = hook),
      answerNext: (...answers) => {
        host(`is to answer the next requests: ${answers.map(overrideText).join('; ')}`);
        nic.answerNext(...answers);
      },
      answerLate: () => {
        host('is to give the answers that it has held back');
        nic.answerLate();
      },
      overwrite: (where, field, value) => {
        host(`writes ${structText(where)}: ${field} = ${hex(value)}`);
        nic.overwrite(where, field, value);
      },
      junkAnswer: (entry) => {
        host(`puts ${hex(entry)} on resp`);
        nic.junkAnswer(entry);
      },
      withoutBar: (bar) => {
        host(`has no BAR ${bar}`);
        nic.withoutBar(bar);
      },
      setMigrationStatus: (status) => {
        this.note('register', `migration status = ${status}`);
        nic.setMigrationStatus(status);
      },
      raiseMigration: (status) => {
        host(`announces migration status ${status}`);
        nic.raiseMigration(status);
      },
      replaceHost: (settings) => {
        host(`another host takes over: ${settingsText(settings)}`);
        nic.replaceHost(settings);
      },
      raiseInterrupt: (bits) => this.interrupt(`raised, bits ${hex(bits)}`, () => nic.raiseInterrupt(bits)),
      interruptLate: (status, body) => {
        host(`announces migration status ${status}; the interrupt is on its way`);
        return this.interrupt('the one that was on its way', () => nic.interruptLate(status, body));
      },
      lateInterrupt: () => this.interrupt('one that was on its way', () => nic.lateInterrupt()),
      pause: () => {
        host('stops looking at the rings');
        nic.pause();
      },
      resume: () => {
        host('looks at the rings again');
        nic.resume();
      },
      surpriseRemove: () => {
        host('the device vanishes');
        nic.surpriseRemove();
      },
    };
  }

  private async interrupt(
    what: string,
    raise: () => Promise<{ dispatched: boolean }>,
  ): Promise<{ dispatched: boolean }> {
    const event = this.log.event('interrupt', this.recorded.bdf, what);
    const ended = await raise();
    event.result = ended.dispatched ? "the guest's handler ran" : 'no handler ran';
    return ended;
  }
}

/** A NIC with some members replaced. All others are those of `nic`, on which its methods still run. */
function inFrontOf(nic: AvpNic, replaced: Partial<AvpNic>): AvpNic {
  return new Proxy(nic, {
    get(target, key) {
      if (key in replaced) return replaced[key as keyof AvpNic];
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
