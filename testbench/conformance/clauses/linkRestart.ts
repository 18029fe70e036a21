import { ETHERNET_HEADER_BYTES, withVlanTag } from '../../../shared/ethernet';
import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import type { GuestPort } from '../../targets/target';
import { expectMoved, movable, otherHost } from './migrateSteps';

const STRANGER_MAC = Uint8Array.of(2, 9, 9, 9, 9, 9);
const MTU = 4_000;
/** Longest frame of this MTU. */
const MTU_FRAME_BYTES = MTU + ETHERNET_HEADER_BYTES;
const TCI = 0x123;

/** Checks that promiscuous mode, tag stripping, MTU and MAC address are what the application has set. */
async function expectSettings(t: ClauseContext, { nic, port }: Running, when: string): Promise<void> {
  const [stranger, plain, long] = [
    t.frameTo(nic, 100, { to: STRANGER_MAC }),
    t.frameTo(nic, 110),
    t.frameTo(nic, MTU_FRAME_BYTES),
  ];
  for (const frame of [stranger, withVlanTag(plain, TCI), long]) nic.deliver(frame);
  const received = await t.drain(port);
  t.expect.frames(
    `received ${when}: a foreign, a tagged and a long frame`,
    received.map(({ bytes }) => bytes),
    [stranger, plain, long],
  );
  if (t.can('mbuf-tags'))
    t.expect.equal(
      `tags ${when}`,
      received.map(({ vlanTci }) => vlanTci),
      [null, TCI, null],
    );
  t.expect.equal(`promiscuous mode ${when}`, await port.isPromiscuous(), true);
  t.expect.equal(`MTU ${when}`, (await port.info()).mtu, MTU);
  t.expect.bytes(`MAC address ${when}`, await port.mac(), nic.mac);
}

/** Delivers a tagged frame. Returns length and stripped tag of the received packet. */
async function receivedTag(t: ClauseContext, { nic, port }: Running): Promise<(number | null)[][]> {
  nic.deliver(withVlanTag(t.frameTo(nic, 110), TCI));
  const received = await t.drain(port);
  return received.map(({ bytes, vlanTci }) => [bytes.length, t.can('mbuf-tags') ? vlanTci : null]);
}

async function statesOf(port: GuestPort): Promise<readonly string[]> {
  const { rx, tx } = await port.queueStates();
  return [...rx, ...tx];
}

/** Settings that outlive a restart of the port, and the link while the port starts and stops. */
export const linkRestartClauses: readonly Clause[] = [
  clause({
    id: 'link/8',
    title: 'what was set outlives stop and start',
    level: 'MUST',
    section: '14',
    basis: 'ethdev',
    goal: 'An application that stops a port for a moment does not set everything up anew',
    steps: [
      'set an MTU of 4,000, VLAN strip and promiscuous mode, start',
      'deliver a foreign, a tagged and a 4,014-byte frame; ask for mode, MTU and MAC address',
      'stop, start and do so again, twice',
      'switch strip off while running, stop, start, and compare what becomes of a tag before and after',
    ],
    requirement: 'MTU, promiscuous mode, VLAN setting and MAC address are kept from stop to start',
    note: 'rte_ethdev.h lists what "will be retained" between rte_eth_dev_stop() and rte_eth_dev_start(): "MTU", "receive mode configuration (promiscuous mode, all-multicast mode, hardware checksum mode, ...)" and "default MAC address" among others. Receive offloads, VLAN strip among them, are part of the receive mode that configure sets.',
    timeLimitMs: 60_000,
    run: async (t) => {
      const running = await t.started({ mtu: MTU, vlanStrip: true });
      const { port } = running;
      await t.must('promiscuous mode', port.setPromiscuous(true));
      await expectSettings(t, running, 'before a stop');
      for (const round of ['first', 'second']) {
        await t.must('stop', port.stop());
        await t.must('start', port.start());
        await expectSettings(t, running, `after the ${round} restart`);
      }
      await t.must('VLAN change', port.setVlanOffload({ strip: false, insert: false }));
      const before = await receivedTag(t, running);
      await t.must('stop', port.stop());
      await t.must('start', port.start());
      t.expect.equal('a tag after strip was switched off, stop and start', await receivedTag(t, running), before);
    },
  }),
  clause({
    id: 'link/9',
    title: 'starting a started port and stopping a stopped one changes nothing',
    level: 'SHOULD',
    section: '14',
    basis: 'ethdev',
    needs: ['repeated-calls'],
    goal: 'A call that has nothing to do is a success, and the host hears nothing of it',
    steps: ['stop a configured port', 'start twice and pass traffic', 'stop twice'],
    requirement: 'A second start and a second stop succeed without a request',
    note: 'rte_eth_dev_start() answers a started device ("already started") with 0 and rte_eth_dev_stop() a stopped one ("already stopped") likewise, both without asking the driver.',
    run: async (t) => {
      const { nic, port } = await t.configured();
      const repeat = async (what: string, call: () => ReturnType<GuestPort['start']>): Promise<void> => {
        const before = nic.requests.length;
        t.expect.success(what, await call());
        t.expect.equal(`requests of: ${what}`, nic.requests.length - before, 0);
      };
      await repeat('stop of a port that never ran', () => port.stop());
      await t.must('start', port.start());
      await t.expectTraffic({ nic, port });
      await repeat('start of a started port', () => port.start());
      t.expect.equal('link', (await port.link()).up, true);
      await t.expectTraffic({ nic, port });
      await t.must('stop', port.stop());
      await repeat('stop of a stopped port', () => port.stop());
      t.expect.equal('link', (await port.link()).up, false);
    },
  }),
  clause({
    id: 'link/10',
    title: 'the state of a queue is that of its port',
    level: 'SHOULD',
    section: '14',
    basis: 'ethdev',
    needs: ['queue-states'],
    goal: 'Every configured queue counts, however many FIFOs stand behind it',
    steps: [
      'configure 3 receive and 2 transmit queues on a host with 5 receive FIFOs',
      'read the state of each queue before start, after it and after stop',
      'start, migrate to a host with 2 receive FIFOs, read it, stop and read it again',
    ],
    requirement: 'Each configured queue is started after start and stopped after stop',
    note: 'rte_eth_rxq_info and rte_eth_txq_info have a queue_state, one of RTE_ETH_QUEUE_STATE_STARTED and _STOPPED, which the driver keeps. AVP starts and stops no single queue, so that the state follows the port is a reading.',
    run: async (t) => {
      const nic = movable({ rxQueues: { min: 5, max: 5 } });
      const running = await t.configured({ nic, rxQueues: 3, txQueues: 2 });
      const { port } = running;
      const all = (state: string): string[] => Array.from({ length: 5 }, () => state);
      t.expect.equal('queues before start', await statesOf(port), all('stopped'));
      await t.must('start', port.start());
      t.expect.equal('queues after start', await statesOf(port), all('started'));
      await t.must('stop', port.stop());
      t.expect.equal('queues after stop', await statesOf(port), all('stopped'));
      await t.must('start', port.start());
      await expectMoved(t, running.nic, otherHost(t, running.nic, { rxQueues: { min: 1, max: 2 } }));
      t.expect.equal('queues after a migration to 2 receive FIFOs', await statesOf(port), all('started'));
      await t.must('stop', port.stop());
      t.expect.equal('queues after a stop there', await statesOf(port), all('stopped'));
    },
  }),
];
