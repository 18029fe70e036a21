import { MIGRATION_DETACHED } from '../../../../shared/loops/layout';
import { type Actor, type CheckDefinition, defineCheck, type Finding, type Stage } from '../../machine/definition';
import { Control, deliverAll, OneReceive, OneSend, PollingHost } from './parts/migrationActors';
import { judgeAttached, judgeFlow, judgePackets, type Sides } from './parts/migrationOracles';
import { otherSettings, smallSettings, type SmallHost } from './parts/smallHost';

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

/** @param last looks at the sides of a port that has attached. */
function judgeBy(last: (sides: Sides) => Finding | null): CheckDefinition<Actors>['judge'] {
  return ({ host: { host, ackedTooEarly }, control: { guest }, rx: { receivers }, tx: { senders } }, thorough) => {
    const sides = { host, guest, receivers, senders };
    const early = judgePackets(sides);
    if (early !== null) return early;
    if (ackedTooEarly) return { cause: 'the driver has acked an attach that was not complete' };
    if (guest.port.detached) return { cause: 'the driver has not attached' };
    return thorough ? last(sides) : null;
  };
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
    rx: (stage) => new OneReceive(stage, true),
    tx: (stage) => new OneSend(stage, true),
  },
  services: ['host'],
  milestones: ['attached'],
  judge: judgeBy(judgeAttached),
});

/**
 * The guest finds another host than the one that it knows, as after a detach that it has missed. Bursts go on until it
 * learns of that, and read and write whatever lies now where the former rings did. So each side may find mistakes of
 * the other. The rings lie in the same places, or a burst would write where nobody may.
 */
export const attachUnannounced = defineCheck<Actors>({
  name: 'attach-unannounced',
  description: 'the guest attaches to another host without a detach before, against a burst in each direction',
  actors: {
    host: (stage) => new PollingHost(stage, ({ device }) => device.beginAttach(), deliverWhenLive(stage)),
    control: (stage) => {
      const control = new Control(stage, 1, 'attached');
      stage.find<SmallHost>('host').device.replaceHost({ ...smallSettings(stage.size), deviceId: 2n });
      return control;
    },
    rx: (stage) => new OneReceive(stage),
    tx: (stage) => new OneSend(stage),
  },
  services: ['host'],
  milestones: ['attached'],
  judge: judgeBy(judgeFlow),
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
  judge: judgeBy(judgeAttached),
});
