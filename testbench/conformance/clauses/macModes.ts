import { BROADCAST_MAC } from '../../../shared/ethernet';
import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';

const OTHER_MAC = Uint8Array.of(2, 8, 8, 8, 8, 8);

/** Sets promiscuous mode and reads it. */
async function expectSet(t: ClauseContext, { port }: Running, on: boolean, when: string): Promise<void> {
  t.expect.success(`promiscuous mode ${on} ${when}`, await port.setPromiscuous(on));
  t.expect.equal(`mode read ${when}`, await port.isPromiscuous(), on);
}

/** Delivers a frame to another station: it has to arrive in promiscuous mode, and only then. */
async function expectForeign(t: ClauseContext, { nic, port }: Running, passes: boolean, when: string): Promise<void> {
  const frame = t.frameTo(nic, 100, { to: OTHER_MAC });
  nic.deliver(frame);
  const received = await t.drain(port);
  t.expect.frames(
    `received ${when}`,
    received.map(({ bytes }) => bytes),
    passes ? [frame] : [],
  );
}

/** Promiscuous mode in each state of a port, and all-multicast mode. */
export const macModeClauses: readonly Clause[] = [
  clause({
    id: 'mac/7',
    title: 'promiscuous mode is set and read in any state, for each port by itself',
    level: 'SHOULD',
    section: '10',
    basis: 'ethdev',
    goal: 'A mode that was set before the start is in force from the first packet on',
    steps: [
      'take two ports; set the mode of one while it is probed, configured, started and stopped; twice each time',
      'read the mode of both after each change',
      'start both and deliver frames to another station',
    ],
    requirement: 'Promiscuous mode can be set and read from the probe on, and belongs to its port alone',
    note: 'rte_eth_promiscuous_enable(), _disable and _get take any valid port: no state is named in which they fail, and _get returns 1 or 0 as set. ethdev applies the mode again at rte_eth_dev_start().',
    run: async (t) => {
      const [one, other] = [await t.probed(), await t.probed()];
      await expectSet(t, other, false, 'on the other port');
      const expectOwn = async (on: boolean, when: string): Promise<void> => {
        await expectSet(t, one, on, when);
        await expectSet(t, one, on, `once more ${when}`);
        t.expect.equal(`mode of the other port, ${when}`, await other.port.isPromiscuous(), false);
      };
      for (const on of [false, true]) await expectOwn(on, 'after the probe');
      for (const { port } of [one, other]) await t.configure(port);
      t.expect.equal('mode read after configure', await one.port.isPromiscuous(), true);
      for (const on of [false, true]) await expectOwn(on, 'after configure');
      for (const { port } of [one, other]) await t.must('start', port.start());
      t.expect.equal('mode read after start', await one.port.isPromiscuous(), true);
      await expectForeign(t, one, true, 'in promiscuous mode, set before start');
      await expectForeign(t, other, false, 'on the other port');
      await t.must('stop', one.port.stop());
      for (const on of [true, false]) await expectOwn(on, 'after stop');
      await t.must('start', one.port.start());
      t.expect.equal('mode read after the second start', await one.port.isPromiscuous(), false);
      await expectForeign(t, one, false, 'without promiscuous mode, left while stopped');
    },
  }),
  clause({
    id: 'mac/8',
    title: 'group frames pass whatever became of all-multicast mode',
    level: 'SHOULD',
    section: '10',
    basis: 'reading',
    goal: 'An application that switches the mode loses no group frame, and gets no frame to another station',
    steps: ['switch all-multicast mode on, off and on', 'each time deliver frames to groups and to another station'],
    requirement: 'The mode is set or refused with ENOTSUP; frames to groups pass either way, and it is no other mode',
    note: 'rte_eth_allmulticast_enable() has "-ENOTSUP if support for allmulticast_enable() does not exist". That groups pass while the mode is off is a decision: DPDK\'s own suite wants them dropped then, but an AVP guest is its only filter and cannot tell the host of a group, so a driver that drops them cuts off IPv6 neighbour discovery. Both released drivers let them pass.',
    run: async (t) => {
      const running = await t.started();
      const { nic, port } = running;
      const groups = [BROADCAST_MAC, Uint8Array.of(0x01, 0, 0x5e, 0, 0, 1), Uint8Array.of(0x33, 0x33, 0, 0, 0, 1)];
      for (const on of [true, false, true]) {
        const result = await port.setAllMulticast(on);
        if (!result.ok) t.expect.refusal(`all-multicast mode ${on}`, result, 'ENOTSUP');
        const frames = groups.map((to) => t.frameTo(nic, 100, { to }));
        for (const frame of frames) nic.deliver(frame);
        nic.deliver(t.frameTo(nic, 100, { to: OTHER_MAC }));
        const received = await t.drain(port);
        t.expect.frames(
          `received after mode ${on}`,
          received.map(({ bytes }) => bytes),
          frames,
        );
      }
    },
  }),
];
