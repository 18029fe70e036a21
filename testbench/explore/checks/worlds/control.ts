import { type Actor, defineCheck, type Finding, type Stage } from '../../machine/definition';
import { PollingHost } from './parts/migrationActors';
import { judgeBuffers, judgeRefusals } from './parts/oracle';
import { SmallGuest } from './parts/smallGuest';
import { Port } from '../../../../driver';

/** A thread that changes the offloads of the port: request 3. */
class Offloads implements Actor {
  readonly guest: SmallGuest;

  constructor(private readonly stage: Stage) {
    this.guest = new SmallGuest(stage);
  }

  run(): void {
    this.guest.port.vlanOffloadSet({ strip: true });
    this.stage.pass('changed');
  }
}

/** Another thread, which takes the link down: request 2. */
class Link implements Actor {
  private readonly port: Port;

  constructor(private readonly stage: Stage) {
    this.port = Port.at(stage.find<number>('port'), stage.platform);
  }

  run(): void {
    this.port.stop();
    this.stage.pass('stopped');
  }
}

interface Actors {
  readonly [name: string]: Actor;
  readonly host: PollingHost;
  readonly offloads: Offloads;
  readonly link: Link;
}

/** Both operations succeed, in either order, and the sides agree on what came of them. */
function judge({ host: { host }, offloads: { guest } }: Actors, thorough: boolean): Finding | null {
  const { inspect } = host.device;
  if (guest.port.state !== 'stopped') return { cause: `the port is ${guest.port.state} after it was stopped` };
  if (inspect.linkUp) return { cause: 'the host takes the link for up' };
  if (inspect.negotiated.features !== 1) return { cause: 'the host does not know of the offload' };
  return thorough ? (judgeBuffers(host, 0) ?? judgeRefusals(host, guest.port)) : null;
}

export const control = defineCheck<Actors>({
  name: 'control',
  description: 'two control operations by two threads, while the host answers',
  actors: {
    host: (stage) => new PollingHost(stage, () => undefined),
    offloads: (stage) => new Offloads(stage),
    link: (stage) => new Link(stage),
  },
  services: ['host'],
  milestones: ['changed', 'stopped'],
  judge,
});
