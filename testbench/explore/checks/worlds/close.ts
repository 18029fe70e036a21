import { load32 } from '#mem';
import { Port } from '../../../../driver';
import { CONTROL_COUNTERS_UNEXPECTED_INTERRUPTS, PORT_COUNTERS } from '../../../../driver/loops/records';
import { MIGRATION_ERROR } from '../../../../shared/loops/layout';
import { PciFunction } from '../../../../shared/pci';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../../../shared/loops/records';
import { type Actor, defineCheck, type Finding, type Stage } from '../../machine/definition';
import { BothBursts, deliverAll, PollingHost } from './parts/migrationActors';
import { burstOnAll, judgeAccounts, judgePackets } from './parts/migrationOracles';
import { judgeBuffers, judgeRefusals } from './parts/oracle';
import { SmallGuest } from './parts/smallGuest';
import type { SmallHost } from './parts/smallHost';

/** The thread that closes the port. */
class Closer implements Actor {
  readonly guest: SmallGuest;

  constructor(private readonly stage: Stage) {
    this.guest = new SmallGuest(stage);
  }

  run(): void {
    this.guest.port.close();
    this.stage.pass('closed');
  }
}

/** Another thread, which serves whatever interrupt comes. */
class Handler implements Actor {
  private readonly pci: PciFunction;

  constructor(private readonly stage: Stage) {
    this.pci = PciFunction.at(stage.find<number>('function'));
    Port.at(stage.find<number>('port'), stage.platform).takeInterrupts();
  }

  run(): void {
    for (;;) {
      this.stage.waitWhile(this.pci.base + PCI_FUNCTION_INTERRUPT_PENDING, 0);
      // An interrupt without a handler stays pending: a closed port has none.
      if (!this.pci.dispatchInterrupt()) return;
    }
  }
}

interface Actors {
  readonly [name: string]: Actor;
  readonly host: PollingHost;
  readonly closer: Closer;
  readonly handler: Handler;
}

/** The port is closed. A detach that has begun before is over, and nobody serves or refuses one that has begun since. */
function judge({ host: { host }, closer: { guest } }: Actors, thorough: boolean): Finding | null {
  if (guest.port.state !== 'closed') return { cause: `the port is ${guest.port.state} after it was closed` };
  if (host.device.migration.ack === MIGRATION_ERROR) return { cause: 'a closed port refuses a detach' };
  if (load32(guest.port.address + PORT_COUNTERS + CONTROL_COUNTERS_UNEXPECTED_INTERRUPTS) !== 0)
    return { cause: 'a closed port serves an interrupt' };
  return thorough ? (judgeClosed(host) ?? judgeRefusals(host, null)) : null;
}

/** The host knows of no guest any more. */
function judgeClosed(host: SmallHost): Finding | null {
  const { device } = host;
  for (let round = 0; round < 3; round++) device.step();
  if (device.configured) return { cause: 'the host still serves a port that was closed' };
  if (device.inspect.interruptMask !== 0) return { cause: 'the interrupt is still open after the port was closed' };
  return judgeBuffers(host, 0);
}

export const closeAgainstInterrupt = defineCheck<Actors>({
  name: 'close-against-interrupt',
  description: 'one thread closes the port, while another one serves a detach event',
  actors: {
    host: (stage) => new PollingHost(stage, ({ device }) => device.beginDetach()),
    closer: (stage) => new Closer(stage),
    handler: (stage) => new Handler(stage),
  },
  services: ['host', 'handler'],
  milestones: ['closed'],
  judge,
});

interface Bursting {
  readonly [name: string]: Actor;
  readonly host: PollingHost;
  readonly closer: Closer;
  readonly burst: BothBursts;
}

/** Each packet and each mbuf has ended somewhere, and bursts on the closed port do nothing. */
function judgeBursts(
  { host: { host }, closer: { guest }, burst: { receivers, senders } }: Bursting,
  thorough: boolean,
): Finding | null {
  const sides = { host, guest, receivers, senders };
  const early = judgePackets(sides);
  if (early !== null) return early;
  if (guest.port.state !== 'closed') return { cause: `the port is ${guest.port.state} after it was closed` };
  const left = senders.reduce((sum, sender) => sum + sender.left, 0);
  if (guest.mbufsOut !== left) return { cause: 'an mbuf is lost' };
  if (!thorough) return null;
  if (burstOnAll(sides) > 0) return { cause: 'a burst works on a closed port' };
  return judgeClosed(host) ?? judgeAccounts(sides) ?? judgeRefusals(host, guest.port);
}

export const close = defineCheck<Bursting>({
  name: 'close',
  description: 'one thread closes the port, against a burst in each direction',
  actors: {
    host: (stage) => new PollingHost(stage, () => undefined),
    closer: (stage) => {
      const closer = new Closer(stage);
      deliverAll(stage);
      return closer;
    },
    burst: (stage) => new BothBursts(stage),
  },
  services: ['host'],
  milestones: ['closed'],
  judge: judgeBursts,
});
