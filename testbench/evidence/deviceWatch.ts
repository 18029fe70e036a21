import type { AvpDevice, LoggedRequest } from '../../emulator';
import type { ControlRequest } from '../../emulator/device/control/controlRequest';
import { errnoName } from '../../shared/errno';
import { hex } from '../../shared/hex';
import { REQ_CHANGE_MTU, REQ_CONFIG, REQ_LINK, REQ_SHUTDOWN } from '../../shared/loops/layout';
import type { WireLog } from './wireLog';

/** The `result` of a request, with the name of its errno. */
export function resultText(result: number): string {
  return result < 0 ? `-${errnoName(result)} (${result})` : `${result}`;
}

/** A request of section 8 in words. */
export function requestText({ reqId, newMtu, ifUp, config }: ControlRequest): string {
  if (reqId === REQ_CHANGE_MTU) return `request 1, change MTU to ${newMtu}`;
  if (reqId === REQ_LINK) return `request 2, link ${ifUp === 0 ? 'down' : 'up'}`;
  if (reqId === REQ_SHUTDOWN) return 'request 4, shut down';
  if (reqId !== REQ_CONFIG) return `request ${reqId}, unknown`;
  const queues = `${config.numRxQueues} receive and ${config.numTxQueues} transmit queues`;
  const driver = `driver type ${config.driverType} version ${hex(config.driverVersion)}`;
  const link = config.ifUp === 0 ? 'down' : 'up';
  return `request 3, device config: ${queues}, features ${hex(config.features)}, link ${link}, device id ${hex(config.deviceId)}, ${driver}`;
}

/** Logs the requests of a guest, the device's responses, and the registers that the guest writes. */
export class DeviceWatch {
  private newest: LoggedRequest | undefined;
  private unanswered: LoggedRequest[] = [];
  private linkUp = false;
  private mask = 0;
  private ack = 0;

  /** @param name name of the device in the log. */
  constructor(
    private readonly device: AvpDevice,
    private readonly name: string,
    private readonly log: WireLog,
  ) {
    device.inspect.onFifoInit((kind, queue) => this.note('ring', `${kind} FIFO ${queue} is made empty`));
  }

  note(subject: Parameters<WireLog['event']>[0], what: string): void {
    this.log.event(subject, this.name, what);
  }

  /** Call it for each request that the host has taken. */
  request(request: ControlRequest): void {
    this.observe();
    this.note('request', requestText(request));
  }

  /** Logs register changes and responses. Call it after each round of the host. */
  observe(): void {
    this.observeAnswers();
    if (!this.device.function.present) return;
    const { linkUp, interruptMask } = this.device.inspect;
    const { ack } = this.device.migration;
    if (interruptMask !== this.mask) this.note('register', `interrupt mask = ${hex(interruptMask)}`);
    if (ack !== this.ack) this.note('register', `migration ack = ${ack}`);
    if (linkUp !== this.linkUp) this.note('link', linkUp ? 'up' : 'down');
    this.linkUp = linkUp;
    this.mask = interruptMask;
    this.ack = ack;
  }

  private observeAnswers(): void {
    const { requests } = this.device.inspect;
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
}
