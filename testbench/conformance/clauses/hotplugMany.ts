import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import type { AvpNic } from '../../targets/host';
import { expectNoBufferKept, probeAndStart } from './steps';
import { expectMoved, movable, otherHost } from './migrateSteps';

/** Small, because a host keeps the memory of a device that has vanished until the clause ends. */
const SMALLEST = { pools: [{ buffers: 192 }] };
const ROUNDS = 100;
/** Rounds for a target on which each life takes real time. */
const FEW_ROUNDS = 20;
const PORTS = 16;
/** Memory that the first rounds take for good, such as tables, is none that leaks. */
const FIRST_ROUNDS = 4;

/** One life of a device in a guest. */
async function liveOnce(t: ClauseContext, nic: AvpNic, end: 'close' | 'remove' | 'vanish'): Promise<void> {
  const { port } = await probeAndStart(t, nic);
  await t.expectTraffic({ nic, port });
  for (let i = 0; i < 3; i++) nic.deliver(t.frameTo(nic, 100));
  if (end === 'vanish') nic.surpriseRemove();
  if (end === 'close') {
    await t.must('stop', port.stop());
    await t.must('close', port.close());
  } else await port.remove();
  if (end !== 'vanish') {
    expectNoBufferKept(t, nic, `after ${end}: `);
    t.expect.equal(`interrupt mask after ${end}`, nic.interruptMask, 0);
    if (t.can('exact-time')) t.expect.equal('handler ran after the end', (await nic.lateInterrupt()).dispatched, false);
  }
  if (t.can('mbuf-balance')) t.expect.equal(`mbufs in use after ${end}`, await port.mbufsInUse(), 0);
}

function plugNumbered(t: ClauseContext, number: number): AvpNic {
  const last = number.toString(16).padStart(2, '0');
  return t.plug(movable({ ...SMALLEST, mac: `52:54:00:00:00:${last}` }));
}

/** Many devices, one after the other and at once. */
export const hotplugManyClauses: readonly Clause[] = [
  clause({
    id: 'hotplug/13',
    title: 'a hundred rounds of plug, run and unplug leave nothing behind',
    level: 'MUST',
    section: '16',
    basis: 'protocol',
    goal: 'A guest that runs for years does not run out of anything',
    steps: [
      'take a device, pass traffic, leave packets on rx, and let it go: closed, removed, or vanished without a word',
      'plug another one where it vanished, else take the same one again',
      'look at mbufs, buffers, interrupts and memory after each round',
    ],
    requirement: 'Nothing of a former device is left: neither memory nor mbufs nor handlers',
    note: 'The guide of net_avp: "PCI hotplug insertion and removal". Where a life of a port takes real time there are 20 rounds.',
    timeLimitMs: 240_000,
    run: async (t) => {
      let nic = plugNumbered(t, 1);
      const fast = t.can('many-lives');
      let memory = 0;
      for (let round = 0; round < (fast ? ROUNDS : FEW_ROUNDS); round++) {
        const vanishes = fast && t.can('surprise-removal') && round % 3 === 2;
        await liveOnce(t, nic, vanishes ? 'vanish' : round % 3 === 0 ? 'close' : 'remove');
        if (vanishes) nic = plugNumbered(t, 1);
        if (!t.can('guest-memory')) continue;
        if (round === FIRST_ROUNDS) memory = t.host.guestMemoryInUse();
        if (round > FIRST_ROUNDS)
          t.expect.atMost(`memory of the guest after ${round + 1} rounds`, t.host.guestMemoryInUse(), memory);
      }
      await t.expectTraffic(await t.started({ plugged: nic }));
    },
  }),
  clause({
    id: 'hotplug/14',
    title: 'sixteen ports work in one guest',
    level: 'SHOULD',
    section: '5',
    basis: 'reading',
    needs: ['shared-guest', 'surprise-removal'],
    goal: 'Ports share no state where a machine has as many as it may have',
    steps: [
      'run sixteen ports and pass traffic over each',
      'migrate one, let one vanish, close one; pass traffic over the rest after each',
      'plug devices in the place of those that have gone',
    ],
    requirement: 'A machine may have sixteen AVP devices, and what happens to one does not affect the others',
    note: 'Sixteen NICs a machine are a limit of this project; no source names one. That ports of a smaller number do not affect each other is in hotplug/7.',
    timeLimitMs: 120_000,
    run: async (t) => {
      const ports: Running[] = [];
      for (let number = 1; number <= PORTS; number++) ports.push(await t.started({ plugged: plugNumbered(t, number) }));
      const expectAll = async (): Promise<void> => {
        for (const one of ports) await t.expectTraffic(one);
      };
      await expectAll();
      const moving = ports[PORTS / 2]!;
      await expectMoved(t, moving.nic, otherHost(t, moving.nic));
      await expectAll();
      const vanished = ports.shift()!;
      vanished.nic.surpriseRemove();
      await expectAll();
      await t.must('close', ports.pop()!.port.close());
      await vanished.port.remove();
      await expectAll();
      for (const number of [PORTS + 1, PORTS + 2]) ports.push(await t.started({ plugged: plugNumbered(t, number) }));
      await expectAll();
    },
  }),
];
