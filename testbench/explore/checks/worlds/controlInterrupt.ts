import { load32 } from '#mem';
import { Port } from '../../../../driver';
import { ErrnoError } from '../../../../shared/errors';
import { BAR_MMIO, MIGRATION_ATTACHED, REG_MIGRATION_ACK } from '../../../../shared/loops/layout';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../../../shared/loops/records';
import { PciFunction } from '../../../../shared/pci';
import { type Actor, defineCheck, type Finding, type Stage } from '../../machine/definition';
import { judgeBuffers, judgeRefusals } from './parts/oracle';
import { SmallGuest } from './parts/smallGuest';
import { SmallHost } from './parts/smallHost';

const ROUND_MS = 3;
/** Many more than the guest needs. A host that went on for ever would make a run long in which the guest waits in vain. */
const MOST_ROUNDS = 100;

/** Begins a detach, changes its mind at any moment, and serves the guest. */
class Host implements Actor {
  readonly host: SmallHost;

  constructor(private readonly stage: Stage) {
    this.host = new SmallHost(stage, 0);
  }

  run(): void {
    const { device } = this.host;
    device.beginDetach();
    device.step();
    device.beginAttach();
    for (let round = 0; round < MOST_ROUNDS; round++) {
      device.step();
      this.stage.clock.sleepMs(ROUND_MS);
    }
  }
}

/** A thread that changes the offloads of the port, unless that is detached just then. It stays until the attach is answered. */
class Offloads implements Actor {
  readonly guest: SmallGuest;
  changed = false;

  constructor(private readonly stage: Stage) {
    this.guest = new SmallGuest(stage);
  }

  run(): void {
    try {
      this.guest.port.vlanOffloadSet({ strip: true });
      this.changed = true;
    } catch (error) {
      if (!(error instanceof ErrnoError && error.code === 'ENOTSUP')) throw error;
    }
    this.stage.pass('changed');
    const ack = this.guest.pci.barAddress(BAR_MMIO) + REG_MIGRATION_ACK;
    for (let found = load32(ack); found !== MIGRATION_ATTACHED; found = load32(ack)) this.stage.waitWhile(ack, found);
  }
}

/** The thread that serves the interrupt. What it cannot serve, it leaves to the other one. */
class Handler implements Actor {
  private readonly pci: PciFunction;

  constructor(private readonly stage: Stage) {
    this.pci = PciFunction.at(stage.find<number>('function'));
    Port.at(stage.find<number>('port'), stage.platform).takeInterrupts();
  }

  run(): void {
    for (;;) {
      this.stage.waitWhile(this.pci.base + PCI_FUNCTION_INTERRUPT_PENDING, 0);
      this.pci.dispatchInterrupt();
    }
  }
}

interface Actors {
  readonly [name: string]: Actor;
  readonly host: Host;
  readonly offloads: Offloads;
}

/** The last event has an answer, and the sides agree on the offloads, no matter which actor served the events. */
function judge({ host: { host }, offloads: { guest, changed } }: Actors, thorough: boolean): Finding | null {
  const { device } = host;
  if (device.migration.ack !== MIGRATION_ATTACHED) return { cause: 'the driver has not answered the attach' };
  if (guest.port.detached) return { cause: 'the driver has not attached' };
  if (device.inspect.negotiated.features !== (changed ? 1 : 0)) return { cause: 'the sides disagree on the offload' };
  if (!thorough) return null;
  for (let round = 0; round < 2; round++) device.step();
  return judgeBuffers(host, 0) ?? judgeRefusals(host, guest.port);
}

export const controlAgainstInterrupt = defineCheck<Actors>({
  name: 'control-against-interrupt',
  description: 'one thread carries out a control operation, another one serves a detach event and an attach event',
  actors: {
    host: (stage) => new Host(stage),
    offloads: (stage) => new Offloads(stage),
    handler: (stage) => new Handler(stage),
  },
  services: ['host', 'handler'],
  milestones: ['changed'],
  judge,
});
