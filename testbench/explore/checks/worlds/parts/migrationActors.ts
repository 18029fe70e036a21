import { MIGRATION_ATTACHED } from '../../../../../shared/loops/layout';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../../../../shared/loops/records';
import { BLOCKED_DETACHED, PORT_BLOCKED } from '../../../../../driver/loops/records';
import type { Actor, Stage } from '../../../machine/definition';
import { Receiver, Sender, SmallGuest } from './smallGuest';
import { SmallHost } from './smallHost';

/** Virtual time between two rounds of a host that has something to wait for. */
const ROUND_MS = 3;

/** A host that goes on round by round until the guest has done its part. */
export class PollingHost implements Actor {
  readonly host: SmallHost;
  /** True once the guest has acked an attach before the host had carried out its request 3. */
  ackedTooEarly = false;

  /**
   * @param begin what the host does first in a run.
   * @param each what it does before each round.
   */
  constructor(
    private readonly stage: Stage,
    private readonly begin: (host: SmallHost) => void,
    private readonly each: (host: SmallHost) => void = () => undefined,
  ) {
    this.host = new SmallHost(stage, stage.size.packets);
    stage.give(HOST, this.host);
    const { device } = this.host;
    device.inspect.onMigration(({ what, value }) => {
      if (what === 'acked' && value === MIGRATION_ATTACHED && !device.configured) this.ackedTooEarly = true;
    });
  }

  run(): void {
    this.begin(this.host);
    for (;;) {
      this.each(this.host);
      this.host.device.step();
      this.stage.rest(ROUND_MS);
    }
  }
}

/** Name by which actors find the host during set-up, when one may call another. */
const HOST = 'host';

/** The host's packets lie on rx before the run. */
export function deliverAll(stage: Stage): void {
  const host = stage.find<SmallHost>(HOST);
  for (let i = 0; i < stage.size.packets; i++) host.deliver();
  host.device.step();
}

/** The thread that serves the interrupt, and with it migrations. */
export class Control implements Actor {
  readonly guest: SmallGuest;

  /** @param interrupts how many it serves before it ends. */
  constructor(
    private readonly stage: Stage,
    private readonly interrupts: number,
    private readonly milestone: string,
  ) {
    this.guest = new SmallGuest(stage);
  }

  /** Carries out a detach during set-up, of a host that is then replaced by another one. */
  detachFirst(replace: (host: SmallHost) => void): void {
    const host = this.stage.find<SmallHost>(HOST);
    host.device.beginDetach();
    this.guest.pci.dispatchInterrupt();
    host.device.step();
    replace(host);
  }

  run(): void {
    const { pci } = this.guest;
    for (let served = 0; served < this.interrupts; served++) {
      this.stage.waitWhile(pci.base + PCI_FUNCTION_INTERRUPT_PENDING, 0);
      pci.dispatchInterrupt();
    }
    this.stage.pass(this.milestone);
  }
}

function eachQueue<T>(stage: Stage, make: (queue: number) => T): T[] {
  return Array.from({ length: stage.size.queues }, (_unused, queue) => make(queue));
}

/** Waits while a detach blocks the port, as a thread that polls all the time does without any effect. */
function awaitUnblocked(stage: Stage): void {
  stage.waitWhile(stage.find<number>('port') + PORT_BLOCKED, BLOCKED_DETACHED);
}

/** Makes one receive burst on each queue. */
export class OneReceive implements Actor {
  readonly receivers: readonly Receiver[];

  /** @param awaits true to wait until no detach blocks the port any more. */
  constructor(
    private readonly stage: Stage,
    private readonly awaits = false,
  ) {
    this.receivers = eachQueue(stage, (queue) => new Receiver(stage, queue));
  }

  run(): void {
    if (this.awaits) awaitUnblocked(this.stage);
    for (const receiver of this.receivers) receiver.receive();
  }
}

/** Makes one transmit burst on each queue. */
export class OneSend implements Actor {
  readonly senders: readonly Sender[];

  /** @param awaits true to wait until no detach blocks the port any more. */
  constructor(
    private readonly stage: Stage,
    private readonly awaits = false,
  ) {
    this.senders = eachQueue(stage, (queue) => new Sender(stage, queue, stage.size.packets));
  }

  run(): void {
    if (this.awaits) awaitUnblocked(this.stage);
    for (const sender of this.senders) sender.send();
  }
}

/** A thread that makes a receive burst, then a transmit burst, on each queue. */
export class BothBursts implements Actor {
  readonly receivers: readonly Receiver[];
  readonly senders: readonly Sender[];

  constructor(stage: Stage) {
    this.receivers = eachQueue(stage, (queue) => new Receiver(stage, queue));
    this.senders = eachQueue(stage, (queue) => new Sender(stage, queue, stage.size.packets));
  }

  run(): void {
    for (const receiver of this.receivers) receiver.receive();
    for (const sender of this.senders) sender.send();
  }
}
