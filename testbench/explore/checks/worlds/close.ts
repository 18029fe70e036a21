import { Port } from '../../../../driver';
import { PciFunction } from '../../../../shared/pci';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../../../shared/loops/records';
import { type Actor, defineCheck, type Finding, type Stage } from '../../machine/definition';
import { PollingHost } from './parts/migrationActors';
import { judgeBuffers, judgeRefusals } from './parts/oracle';
import { SmallGuest } from './parts/smallGuest';

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

/** The port is closed, and the host knows of no guest any more. */
function judge({ host: { host }, closer: { guest } }: Actors, thorough: boolean): Finding | null {
  const { device } = host;
  if (guest.port.state !== 'closed') return { cause: `the port is ${guest.port.state} after it was closed` };
  if (!thorough) return null;
  for (let round = 0; round < 3; round++) device.step();
  if (device.configured) return { cause: 'the host still serves a port that was closed' };
  if (device.inspect.interruptMask !== 0) return { cause: 'the interrupt is still open after the port was closed' };
  return judgeBuffers(host, 0) ?? judgeRefusals(host, null);
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
