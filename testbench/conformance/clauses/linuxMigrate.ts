import { type Clause, clause } from '../clause';
import { drainAll, expectLinuxAccounts, expectLinuxSent, linuxStarted } from './linuxGuest';
import {
  attach,
  ATTACHED,
  configRequests,
  destination,
  detach,
  DETACHED,
  ERROR,
  fillCaches,
  raiseEvent,
  SOURCE,
  startLoad,
} from './linuxMoving';

const needs = ['guest-in-arena'] as const;
const REFUSED = -16;

/** Clauses on a Linux kernel driver during a migration, which a host must serve (sections 15 and 17). */
export const linuxMigrateClauses: readonly Clause[] = [
  clause({
    id: 'linux/15',
    title: 'there and back under load, with buffers in the cache',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    needs,
    goal: 'Nothing is delivered twice, nothing leaks, and each lost packet has its cause',
    steps: [
      'fill the caches, put packets on their way both ways, detach',
      'send, receive and deliver while detached',
      'change the host, attach, pass traffic; ten times, to and fro',
    ],
    requirement: "After ack 1 each buffer that the guest held is the host's again, put back on alloc or not",
    run: async (t) => {
      const hosts = [SOURCE, destination(t)];
      const running = await linuxStarted(t, { nic: SOURCE, cpus: 2 });
      const { nic, port } = running;
      for (let move = 1; move <= 10; move++) {
        await fillCaches(t, running);
        const incoming = await startLoad(t, running);
        const taken = (await port.receive(0, 5)).map(({ bytes }) => bytes);
        t.expect.frames('received before the detach', taken, incoming.slice(0, 5));
        await detach(t, running);
        t.expect.equal('sent while detached', await port.send(0, [{ bytes: t.frameFrom(nic, 99) }]), 0);
        nic.deliver(t.frameTo(nic, 99));
        t.expect.equal('received while detached', await drainAll(t, port), []);
        nic.replaceHost(hosts[move % 2]!);
        await attach(t, running);
        t.expect.equal('received of what was lost', await drainAll(t, port), []);
        for (const bytes of [14, 1_514, 9_000]) await t.expectTraffic(running, bytes);
        await expectLinuxAccounts(t, running);
      }
      t.expect.equal('dropped on the way to the guest', nic.stats().toGuest.dropped, {
        detached: 10,
        lostAtDetach: 70,
      });
      t.expect.equal('dropped on the way from it', nic.stats().fromGuest.dropped, {});
      const { received, sent, early, unknownEvents } = port.netdev.counts;
      const { toGuest, fromGuest } = nic.stats();
      t.expect.equal(
        'packets that guest and host count',
        { received, sent },
        { received: toGuest.delivered, sent: fromGuest.offered },
      );
      t.expect.equal('packets before a request 3, unknown events', [early, unknownEvents], [0, 0]);
    },
  }),
  clause({
    id: 'linux/16',
    title: 'a guest goes back to the source after a failed migration',
    level: 'MUST',
    section: '8',
    basis: 'protocol',
    needs,
    goal: 'The rings that the guest wrote its cache to, and polls before its request 3, are made anew',
    steps: ['fill the caches, leave packets on rx, detach', 'attach on the same host, several times', 'pass traffic'],
    requirement: 'All FIFOs are initialised before an attach event that follows ack 1',
    run: async (t) => {
      const running = await linuxStarted(t, { nic: { ...SOURCE, pools: [{ buffers: 200 }] } });
      const { nic, port } = running;
      for (let move = 1; move <= 6; move++) {
        await fillCaches(t, running);
        for (let left = 0; left < move; left++) nic.deliver(t.frameTo(nic, 1_000 * left + 100));
        await t.settle();
        await detach(t, running);
        await attach(t, running);
        t.expect.equal('packets on rx before request 3', port.netdev.counts.early, 0);
        t.expect.equal('received of what was lost', await drainAll(t, port), []);
        for (const bytes of [14, 9_000]) await t.expectTraffic(running, bytes);
        await expectLinuxAccounts(t, running);
      }
      t.expect.equal('cached buffers that found no room on alloc', port.netdev.counts.lostBuffers, 0);
    },
  }),
  clause({
    id: 'linux/17',
    title: 'a detach that the guest could not carry out is taken back',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    needs,
    goal: 'A guest that kept its buffers goes on with them',
    steps: [
      'refuse request 4 of a detach',
      'carry it out and answer after 1.7 s, and not at all',
      'each time: pass traffic with the buffers that the guest kept',
    ],
    requirement:
      'On ack 3 the host takes the guest as attached, undoes a shutdown and goes on with the FIFOs as they lie, without an event',
    note: 'The kernel driver goes on with the FIFOs as they lie after ack 3. That the host sends no event is a decision of this project: at an attach event the driver would list the port twice.',
    run: async (t) => {
      const running = await linuxStarted(t, { nic: SOURCE });
      const { nic, port } = running;
      for (const answer of [{ result: REFUSED }, { delayMs: 1_700 }, { never: true }]) {
        await fillCaches(t, running);
        const before = port.netdev.cached;
        const incoming = [t.frameTo(nic, 700), t.frameTo(nic, 7_000)];
        for (const frame of incoming) nic.deliver(frame);
        await t.settle();
        nic.answerNext(answer);
        await raiseEvent(t, nic, DETACHED);
        await t.sleepMs(1_600);
        t.expect.equal('ack', nic.migrationAck, ERROR);
        t.expect.equal('status', nic.migration.status, 0);
        t.expect.equal('buffers that the guest kept', port.netdev.cached, before);
        t.expect.frames(
          'received of what lay on rx',
          (await t.drain(port)).map(({ bytes }) => bytes),
          incoming,
        );
        t.expect.success('request right after it', await port.open());
        for (const bytes of [14, 9_000]) await t.expectTraffic(running, bytes);
        await expectLinuxAccounts(t, running);
      }
      t.expect.equal('dropped', [nic.stats().toGuest.dropped, nic.stats().fromGuest.dropped], [{}, {}]);
      t.expect.equal('config requests', configRequests(nic).length, 1);
      await detach(t, running);
      await attach(t, running);
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'linux/18',
    title: 'a host that gives up waiting finds what was put back',
    level: 'SHOULD',
    section: '15',
    basis: 'reading',
    needs,
    goal: 'An attach event without an ack leaves the rings as they lie, and the guest has written to alloc by then',
    steps: [
      'fill the caches and leave packets on rx, detach',
      'attach when the guest has put its buffers back and not written its ack',
      'pass traffic until alloc has gone round',
    ],
    requirement:
      'Without ack 1 the host leaves the FIFOs as they lie, buffers that the guest put back on alloc included',
    note: 'What a host does with rings that were not acked is documented nowhere.',
    run: async (t) => {
      const running = await linuxStarted(t, { nic: { ...SOURCE, pools: [{ buffers: 200 }] } });
      const { nic, port } = running;
      for (let round = 0; round < 4; round++) {
        await fillCaches(t, running);
        const left = [t.frameTo(nic, 100), t.frameTo(nic, 5_000)];
        for (const frame of left) nic.deliver(frame);
        await t.settle();
        const early = port.netdev.counts.early;
        port.netdev.beforeAck = () => {
          port.netdev.beforeAck = null;
          nic.raiseMigration(ATTACHED);
        };
        await raiseEvent(t, nic, DETACHED);
        t.expect.equal('ack', nic.migrationAck, ATTACHED);
        t.expect.equal('packets that lay on rx', port.netdev.counts.early - early, left.length);
        t.expect.equal('cached buffers that found no room on alloc', port.netdev.counts.lostBuffers, 0);
        await expectLinuxAccounts(t, running);
        for (let burst = 0; burst < 20; burst++)
          await expectLinuxSent(t, running, [t.frameFrom(nic, 9_000), t.frameFrom(nic, 60)], burst % 2);
        await t.expectTraffic(running);
        await expectLinuxAccounts(t, running);
      }
      t.expect.equal('dropped', [nic.stats().toGuest.dropped, nic.stats().fromGuest.dropped], [{}, {}]);
    },
  }),
];
