import { type Actor, defineCheck, type Finding } from '../../machine/definition';
import { BothBursts, Control, deliverAll, OneReceive, OneSend, PollingHost } from './parts/migrationActors';
import { judgeDetached, judgePackets, type Sides } from './parts/migrationOracles';

interface Common {
  readonly [name: string]: Actor;
  readonly host: PollingHost;
  readonly control: Control;
}

interface TwoThreads extends Common {
  readonly rx: OneReceive;
  readonly tx: OneSend;
}

interface OneThread extends Common {
  readonly burst: BothBursts;
}

const COMMON = {
  host: (stage) => new PollingHost(stage, ({ device }) => device.beginDetach()),
  control: (stage) => {
    const control = new Control(stage, 1, 'detached');
    deliverAll(stage);
    return control;
  },
} satisfies Parameters<typeof defineCheck<Common>>[0]['actors'];

function judge(sides: Sides, thorough: boolean): Finding | null {
  const early = judgePackets(sides);
  if (early !== null) return early;
  if (!sides.guest.port.detached) return { cause: 'the driver has not detached' };
  return thorough ? judgeDetached(sides) : null;
}

export const detach = defineCheck<TwoThreads>({
  name: 'detach',
  description: 'the guest detaches, against a burst in each direction',
  actors: { ...COMMON, rx: (stage) => new OneReceive(stage), tx: (stage) => new OneSend(stage) },
  services: ['host'],
  milestones: ['detached'],
  judge: ({ host: { host }, control: { guest }, rx: { receivers }, tx: { senders } }, thorough) =>
    judge({ host, guest, receivers, senders }, thorough),
});

/** One preemption and time that passes meanwhile put the whole detach between any two accesses of the bursts. */
export const detachAtEveryAccess = defineCheck<OneThread>({
  name: 'detach-at-every-access',
  description: 'the guest detaches between any two accesses of a receive burst and a transmit burst',
  actors: { ...COMMON, burst: (stage) => new BothBursts(stage) },
  services: ['host'],
  milestones: ['detached'],
  judge: ({ host: { host }, control: { guest }, burst: { receivers, senders } }, thorough) =>
    judge({ host, guest, receivers, senders }, thorough),
});
