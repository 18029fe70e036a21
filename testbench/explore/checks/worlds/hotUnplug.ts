import { load32, protect } from '#mem';
import { avpDriver, Port } from '../../../../driver';
import { removePort } from '../../../../driver/lock';
import {
  CONTROL_COUNTERS_UNEXPECTED_INTERRUPTS,
  MIGRATION_COUNTERS_REFUSED_STATUS,
  PORT_COUNTERS,
  PORT_MIGRATIONS,
} from '../../../../driver/loops/records';
import { extentAt } from '../../../../shared/arena';
import { BAR_DEVICE, BAR_MEMMAP, BAR_MEMORY, BAR_MMIO, BAR_MSIX } from '../../../../shared/loops/layout';
import { HOST_ONLY } from '../../../../shared/loops/rights';
import { PciFunction } from '../../../../shared/pci';
import { type Actor, type CheckDefinition, defineCheck, type Finding, type Stage } from '../../machine/definition';
import { deliverAll } from './parts/migrationActors';
import { judgeNumbers, judgePlaces } from './parts/oracle';
import { packetNumberBelowOnes } from './parts/packets';
import { Receiver, Sender, SmallGuest } from './parts/smallGuest';
import { SmallHost } from './parts/smallHost';

const BARS = [BAR_MMIO, BAR_MSIX, BAR_MEMORY, BAR_MEMMAP, BAR_DEVICE];

/** Makes one round, in which it may answer a request. The BARs go once the guest has removed the port. */
class Host implements Actor {
  readonly host: SmallHost;

  /** @param vanishes true for a device that vanishes before, at any moment. */
  constructor(
    private readonly stage: Stage,
    private readonly vanishes: boolean,
  ) {
    this.host = new SmallHost(stage, stage.size.packets);
    stage.give('host', this.host);
  }

  run(): void {
    const { device } = this.host;
    device.step();
    if (this.vanishes) {
      device.surpriseRemove();
      this.stage.pass('vanished');
    }
    this.stage.waitFor('removed');
    for (const bar of BARS) protect(device.function.barAddress(bar), device.function.barBytes(bar), HOST_ONLY);
  }
}

/** A removal that has lasted this long may have given up on an operation, or on a burst after one more second. */
const GAVE_UP_MS = 20;

/**
 * The thread that has probed the device. It removes the port at any moment. Where the removal has given up on a
 * thread that an unfair schedule keeps out, the device stays until that has ended.
 */
class Bus implements Actor {
  readonly guest: SmallGuest;

  constructor(
    private readonly stage: Stage,
    private readonly remove: (port: Port) => void,
  ) {
    this.guest = new SmallGuest(stage);
    deliverAll(stage);
  }

  run(): void {
    const { clock } = this.stage;
    const fromMs = clock.nowMs();
    this.remove(this.guest.port);
    if (clock.nowMs() - fromMs >= GAVE_UP_MS) {
      this.stage.waitFor('bursts ended');
      this.stage.waitFor('interrupt served');
    }
    this.stage.pass('removed');
  }
}

/** The thread that serves the interrupt: a detach has begun. */
class Handler implements Actor {
  private readonly pci: PciFunction;
  private readonly port: Port;
  /** Events that the driver took for something else, which happens only to one that takes ones for values. */
  mistaken = 0;

  constructor(private readonly stage: Stage) {
    this.pci = PciFunction.at(stage.find<number>('function'));
    this.port = Port.at(stage.find<number>('port'), stage.platform);
    this.port.takeInterrupts();
    stage.find<SmallHost>('host').device.beginDetach();
  }

  run(): void {
    this.pci.dispatchInterrupt();
    this.stage.pass('interrupt served');
    this.mistaken =
      load32(this.port.address + PORT_COUNTERS + CONTROL_COUNTERS_UNEXPECTED_INTERRUPTS) +
      load32(this.port.address + PORT_MIGRATIONS + MIGRATION_COUNTERS_REFUSED_STATUS);
    this.port.leave();
  }
}

/** A thread that makes a burst in each direction, and another one once the port is removed. */
class Bursts implements Actor {
  readonly receiver: Receiver;
  readonly sender: Sender;
  /** Packets that it got from a port that was removed. */
  late = 0;

  constructor(private readonly stage: Stage) {
    const { packets } = stage.size;
    this.receiver = new Receiver(stage, 0, (frame) => packetNumberBelowOnes(frame, packets));
    this.sender = new Sender(stage, 0, packets);
  }

  run(): void {
    this.receiver.receive();
    this.sender.send();
    this.stage.pass('bursts ended');
    this.stage.waitFor('removed');
    this.late = this.receiver.receive();
    this.receiver.leave();
    this.sender.leave();
  }
}

interface Actors {
  readonly [name: string]: Actor;
  readonly host: Host;
  readonly bus: Bus;
  readonly handler: Handler;
  readonly bursts: Bursts;
}

/**
 * The port has gone with all that it had: its record, and each mbuf that a burst had taken. A packet on which a burst
 * was at work when the device vanished may count as dropped and come all the same.
 */
function judge(
  { host: { host }, bus: { guest }, handler: { mistaken }, bursts: { receiver, sender, late } }: Actors,
  thorough: boolean,
): Finding | null {
  const early = judgeNumbers(receiver.numbers, 'to the guest') ?? judgeNumbers(host.sink.numbers, 'from the guest');
  if (early !== null) return early;
  if (late > 0) return { cause: 'a burst works on a port that was removed' };
  if (mistaken > 0) return { cause: 'the driver has taken the ones of a device that is gone for values' };
  if (guest.mbufsOut !== sender.left) return { cause: 'an mbuf is lost' };
  if (!thorough) return null;
  if (extentAt(guest.port.address) !== undefined) return { cause: 'nobody has freed the record of the port' };
  return host.device.function.present ? null : judgeVanished(host);
}

/** The host has counted all packets, and has its buffers back. */
function judgeVanished(host: SmallHost): Finding | null {
  const { delivered, dropped } = host.device.inspect.stats().toGuest;
  const counted = Object.values(dropped).reduce((sum, count) => sum + count, delivered);
  return counted === host.offered ? judgePlaces(host, 0) : { cause: 'the host has not counted a packet to the guest' };
}

interface Removal {
  readonly name: string;
  readonly description: string;
  readonly vanishes: boolean;
  /** Way in which the bus removes the port. */
  readonly remove: (port: Port) => void;
}

function checkOf({ name, description, vanishes, remove }: Removal): CheckDefinition<Actors> {
  return defineCheck<Actors>({
    name,
    description,
    actors: {
      host: (stage) => new Host(stage, vanishes),
      bus: (stage) => new Bus(stage, remove),
      handler: (stage) => new Handler(stage),
      bursts: (stage) => new Bursts(stage),
    },
    milestones: ['vanished', 'removed', 'bursts ended', 'interrupt served'],
    judge,
  });
}

export const hotUnplug = checkOf({
  name: 'hot-unplug',
  description: 'the device vanishes and its port is removed, against bursts and a detach under way',
  vanishes: true,
  remove: (port) => avpDriver.remove(port),
});

/** A removal closes the port first, and then has little left to do. It has more to do where the close waits in vain. */
export const hotUnplugUnclosed = checkOf({
  name: 'hot-unplug-unclosed',
  description: 'as hot-unplug, with a port that could not be closed before it is removed',
  vanishes: true,
  remove: (port) => removePort(port),
});

export const removalUnclosed = checkOf({
  name: 'removal-unclosed',
  description: 'a port that could not be closed is removed, against bursts and a detach under way',
  vanishes: false,
  remove: (port) => removePort(port),
});
