import { type Clause, clause } from '../clause';
import { drainAll, expectLinuxAccounts, linuxProbe, linuxStarted } from './linuxGuest';
import {
  attach,
  ATTACHED,
  configRequests,
  destination,
  detach,
  ERROR,
  fillCaches,
  raiseEvent,
  SOURCE,
  startLoad,
} from './linuxMoving';

const needs = ['guest-in-arena'] as const;

/** Around a migration: the link state, meaningless events, and guests that miss an event or disappear. */
export const linuxMigrateEdgeClauses: readonly Clause[] = [
  clause({
    id: 'linux/19',
    title: 'the link comes back as it was, with request 3 alone',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    needs,
    goal: 'A kernel driver refuses open and stop while detached, and its attach needs no link request',
    steps: [
      'detach with the link up, and down',
      'open and stop while detached',
      'attach on another host, look at the requests and the traffic',
    ],
    requirement: 'if_up in the request 3 of an attach sets the link, as request 2 does',
    run: async (t) => {
      const running = await linuxStarted(t, { nic: SOURCE });
      const { nic, port } = running;
      for (const up of [true, false, true]) {
        await t.must('link', up ? port.open() : port.stop());
        await detach(t, running);
        const before = nic.requests.length;
        t.expect.refusal('open while detached', await port.open(), 'EBUSY');
        t.expect.refusal('stop while detached', await port.stop(), 'EBUSY');
        t.expect.equal('requests sent while detached', nic.requests.length, before);
        nic.replaceHost({ ...SOURCE, layout: { seed: t.random.u32(), order: 'shuffled', gaps: true } });
        await attach(t, running);
        t.expect.equal(
          'requests of the attach',
          nic.requests.slice(before).map(({ reqId }) => reqId),
          [3],
        );
        t.expect.equal('if_up in it', configRequests(nic).at(-1)?.ifUp, up ? 1 : 0);
        if (up) await t.expectTraffic(running);
        else nic.deliver(t.frameTo(nic, 100));
        t.expect.equal('received with the link down', await drainAll(t, port), []);
        await expectLinuxAccounts(t, running);
      }
      t.expect.equal('dropped', nic.stats().toGuest.dropped, { linkDown: 1 });
    },
  }),
  clause({
    id: 'linux/20',
    title: 'events that change nothing disturb nothing',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    needs,
    goal: 'A kernel driver acks an attach while attached and only logs a status that it does not know',
    steps: [
      'migrate once',
      'attach twice more, and send statuses 3, 7 and 0',
      'pass traffic with the buffers that the guest kept',
      'migrate once more',
    ],
    requirement: 'Where the guest has not let go the rings stay as they lie, and no ack comes to an unknown status',
    run: async (t) => {
      const running = await linuxStarted(t, { nic: SOURCE });
      const { nic, port } = running;
      await detach(t, running);
      await attach(t, running);
      for (const status of [ATTACHED, ATTACHED, ERROR, 7, 0]) {
        await fillCaches(t, running);
        const incoming = await startLoad(t, running);
        await raiseEvent(t, nic, status);
        t.expect.equal(`ack of status ${status}`, nic.migrationAck, status === ATTACHED ? ATTACHED : 0);
        t.expect.frames(
          'received',
          (await drainAll(t, port)).map(({ bytes }) => bytes),
          incoming,
        );
        await t.expectTraffic(running, 9_000);
        await expectLinuxAccounts(t, running);
      }
      t.expect.equal('events that the guest did not know', port.netdev.counts.unknownEvents, 3);
      t.expect.equal('config requests', configRequests(nic).length, 2);
      t.expect.equal('dropped', [nic.stats().toGuest.dropped, nic.stats().fromGuest.dropped], [{}, {}]);
      await detach(t, running);
      await attach(t, running);
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'linux/21',
    title: 'the counts of queues are asked for anew on each host',
    level: 'MUST',
    section: '17',
    basis: 'protocol',
    needs,
    goal: 'Recommendations, limits and device_id of the present host count',
    steps: [
      'migrate a guest of 2 CPUs between hosts with other limits and recommendations',
      'look at the config requests, use each queue',
    ],
    requirement:
      'The host that takes over accepts its own recommended transmit queues, max(min_rx_queues, CPUs) receive queues, and its device_id',
    run: async (t) => {
      const hosts = [SOURCE, destination(t)];
      const running = await linuxStarted(t, { nic: SOURCE, cpus: 2 });
      const { nic, port } = running;
      for (const move of [1, 2, 3]) {
        await detach(t, running);
        nic.replaceHost(hosts[move % 2]!);
        await attach(t, running);
        for (let flow = 0; flow < 60; flow++) nic.deliver(t.flowFrameTo(nic, 90, flow));
        for (let queue = 0; queue < port.netdev.rxQueues; queue++)
          t.expect.atLeast(`packets on receive queue ${queue}`, (await t.drain(port, queue)).length, 1);
        await fillCaches(t, running);
        await expectLinuxAccounts(t, running);
      }
      const source = { rx: 2, tx: 2, deviceId: 1n };
      const other = { rx: 3, tx: 1, deviceId: 2n };
      const asked = configRequests(nic).map(({ ifUp: _ifUp, ...rest }) => rest);
      t.expect.equal('config requests', asked, [source, other, source, other]);
    },
  }),
  clause({
    id: 'linux/22',
    title: 'a host that takes over without a detach serves the guest anew',
    level: 'SHOULD',
    section: '15',
    basis: 'reading',
    needs,
    goal: 'A guest that missed or refused its detach, and kept buffers of the former host, starts anew',
    steps: ['fill the caches', 'change the host and attach, without a detach', 'pass traffic'],
    requirement:
      'What the guest held of a host that has gone is lost and counted; the next one serves it from its request 3 on',
    note: 'A host that moves a guest which has not let go breaks section 15 itself.',
    run: async (t) => {
      const hosts = [SOURCE, destination(t)];
      const running = await linuxStarted(t, { nic: SOURCE });
      const { nic, port } = running;
      for (const move of [1, 2, 3]) {
        await fillCaches(t, running);
        nic.replaceHost(hosts[move % 2]!);
        await attach(t, running);
        t.expect.equal('buffers that the guest keeps', port.netdev.cached, 0);
        for (const bytes of [14, 9_000]) await t.expectTraffic(running, bytes);
        await fillCaches(t, running);
        await expectLinuxAccounts(t, running);
      }
    },
  }),
  clause({
    id: 'linux/23',
    title: 'a driver may be replaced while the device is detached',
    level: 'SHOULD',
    section: '14',
    basis: 'protocol',
    needs,
    goal: 'No request is waited for that a removed driver does not send',
    steps: [
      'detach, remove the driver',
      'probe: refused, with ack 1',
      'change the host, attach: nobody is there',
      'probe and pass traffic',
    ],
    requirement:
      'A driver that goes while detached sends no request; one that comes while detached acks 1 and refuses the device',
    run: async (t) => {
      const running = await linuxStarted(t, { nic: SOURCE });
      const { nic, port } = running;
      await fillCaches(t, running);
      await detach(t, running);
      const before = nic.requests.length;
      await port.remove();
      t.expect.refusal('probe while detached', await linuxProbe(t, nic), 'EBUSY');
      await t.settle();
      t.expect.equal('requests', nic.requests.length, before);
      nic.replaceHost(destination(t));
      await raiseEvent(t, nic, ATTACHED);
      t.expect.equal('ack without a driver', nic.migrationAck, 0);
      const next = await linuxStarted(t, { plugged: nic });
      for (const bytes of [14, 9_000]) await t.expectTraffic(next, bytes);
      await expectLinuxAccounts(t, next);
    },
  }),
];
