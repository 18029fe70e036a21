import { MIGRATION_DETACHED } from '../../../../shared/loops/layout';
import { type Actor, defineCheck, type Finding, type Stage } from '../../machine/definition';
import { Control, deliverAll, OneReceive, OneSend, PollingHost } from './parts/migrationActors';
import { judgeAttached, judgePackets } from './parts/migrationOracles';
import { otherSettings, type SmallHost } from './parts/smallHost';

interface Actors {
  readonly [name: string]: Actor;
  readonly host: PollingHost;
  readonly control: Control;
  readonly rx: OneReceive;
  readonly tx: OneSend;
}

/** Puts the guest's packets on rx once the guest has taken over the rings. */
function deliverWhenLive(stage: Stage): (host: SmallHost) => void {
  return (host) => {
    if (host.offered === 0 && host.device.configured) for (let i = 0; i < stage.size.packets; i++) host.deliver();
  };
}

function judge(
  { host: { host }, control: { guest }, rx: { receiver }, tx: { sender } }: Actors,
  thorough: boolean,
): Finding | null {
  const sides = { host, guest, receiver, sender };
  const early = judgePackets(sides);
  if (early !== null) return early;
  if (guest.port.detached) return { cause: 'the driver has not attached' };
  return thorough ? judgeAttached(sides) : null;
}

export const attach = defineCheck<Actors>({
  name: 'attach',
  description: 'the guest takes over the rings of another host, against a burst in each direction',
  actors: {
    host: (stage) => new PollingHost(stage, ({ device }) => device.beginAttach(), deliverWhenLive(stage)),
    control: (stage) => {
      const control = new Control(stage, 1, 'attached');
      control.detachFirst(({ device }) => device.replaceHost(otherSettings(stage.size)));
      return control;
    },
    rx: (stage) => new OneReceive(stage),
    tx: (stage) => new OneSend(stage),
  },
  services: ['host'],
  milestones: ['attached'],
  judge,
});

/** Replaces the host once the guest has let go of it. */
function replaceWhenReleased(stage: Stage): (host: SmallHost) => void {
  const settings = otherSettings(stage.size);
  return ({ device }) => {
    const { status, released } = device.migration;
    if (status !== MIGRATION_DETACHED || !released) return;
    device.replaceHost(settings);
    device.beginAttach();
  };
}

export const thereAndBack = defineCheck<Actors>({
  name: 'there-and-back',
  description: 'a whole migration: the guest detaches from one host and attaches to another, against bursts',
  actors: {
    host: (stage) => new PollingHost(stage, ({ device }) => device.beginDetach(), replaceWhenReleased(stage)),
    control: (stage) => {
      const control = new Control(stage, 2, 'attached');
      deliverAll(stage);
      return control;
    },
    rx: (stage) => new OneReceive(stage),
    tx: (stage) => new OneSend(stage),
  },
  services: ['host'],
  milestones: ['attached'],
  judge,
});
