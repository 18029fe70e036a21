import { REQ_CONFIG, REQ_LINK, REQ_SHUTDOWN } from '../../../shared/loops/layout';
import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import type { Result } from '../../targets/target';
import { Ledger } from './migrateLedger';
import {
  ACK_ATTACHED,
  ACK_DETACHED,
  awaitAck,
  expectAttached,
  expectDetached,
  expectMoved,
  movable,
  NO_ACK,
  otherHost,
  raiseAndAwaitAck,
  requestsOf,
  startedMovable,
} from './migrateSteps';

/**
 * Checks that a port which was closed while detached has released everything: no mbuf in use, no ack,
 * interrupts off, and the device free for another port.
 */
async function expectReleased(t: ClauseContext, { nic, port }: Running): Promise<void> {
  if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
  nic.replaceHost(otherHost(t, nic));
  nic.raiseMigration(2);
  await t.sleepMs(50);
  await t.settle();
  t.expect.equal('ack', nic.migrationAck, NO_ACK);
  t.expect.equal('interrupt mask', nic.interruptMask, 0);
  await t.expectTraffic(await t.started({ plugged: nic }));
}

/** Migration in every state of a port's life, and during each control operation. */
export const migrateStateClauses: readonly Clause[] = [
  clause({
    id: 'migrate/25',
    title: 'a guest that boots during a migration is refused and probes again later',
    level: 'MUST',
    section: '14',
    basis: 'protocol',
    goal: 'A driver does not take a device that is being moved',
    steps: ['set status 1', 'probe', 'attach', 'probe again'],
    requirement: 'Probe at status 1 writes ack 1 and is refused with EBUSY, to be tried again when the status changes',
    run: async (t) => {
      const nic = t.plug(movable());
      nic.raiseMigration(1);
      t.expect.refusal('probe', await t.guest.probe(nic), 'EBUSY');
      t.expect.equal('ack', nic.migrationAck, ACK_DETACHED);
      t.expect.equal('interrupt mask', nic.interruptMask, 0);
      nic.replaceHost(otherHost(t, nic));
      nic.raiseMigration(2);
      await t.sleepMs(20);
      await t.expectTraffic(await t.started({ plugged: nic }));
    },
  }),
  clause({
    id: 'migrate/26',
    title: 'a port that is not started migrates too',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    goal: 'Each state comes through a migration as it was',
    steps: [
      'migrate a port that is probed, configured, and stopped',
      'look at the requests of the attach',
      'start it',
      'pass traffic',
    ],
    requirement: 'Request 3 is sent at attach only if the port was configured, with if_up as the link was',
    run: async (t) => {
      for (const state of ['probed', 'configured', 'stopped'] as const) {
        const options = { nic: movable() };
        const running =
          state === 'probed'
            ? await t.probed(options)
            : state === 'configured'
              ? await t.configured(options)
              : await t.started(options);
        const { nic, port } = running;
        if (state === 'stopped') await t.must('stop', port.stop());
        t.expect.equal(`ack of the detach, ${state}`, await raiseAndAwaitAck(t, nic, 1), ACK_DETACHED);
        nic.replaceHost(otherHost(t, nic));
        const before = requestsOf(nic, REQ_CONFIG);
        t.expect.equal(`ack of the attach, ${state}`, await raiseAndAwaitAck(t, nic, 2), ACK_ATTACHED);
        const sent = nic.requests.filter(({ reqId }) => reqId === REQ_CONFIG).slice(before);
        t.expect.equal(
          `if_up of request 3, ${state}`,
          sent.map(({ config }) => config.ifUp),
          state === 'probed' ? [] : [0],
        );
        t.expect.equal(`link, ${state}`, (await port.link()).up, false);
        if (state === 'probed') await t.configure(port);
        t.expect.success(`start, ${state}`, await port.start());
        await t.settle();
        await t.expectTraffic(running);
        await t.must('close', port.close());
      }
    },
  }),
  clause({
    id: 'migrate/27',
    title: 'a detach in the middle of a control operation comes after it',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    goal: 'Handler and operation do not mix their requests',
    steps: [
      'announce status 1 when the host has taken the request of start and stop, and of configure and a VLAN change where they can be told apart',
      'let it end',
      'attach',
      'use the port',
    ],
    requirement: "The handler works under the port's lock: the operation ends as it would have, then the port detaches",
    run: async (t) => {
      const operations: Readonly<Record<string, (running: Running) => Promise<Result>>> = {
        start: ({ port }) => port.start(),
        stop: ({ port }) => port.stop(),
        ...(t.can('configure-apart') && {
          configure: ({ port }) => port.configure({ rxQueues: 1, txQueues: 1 }),
          'VLAN change': ({ port }) => port.setVlanOffload({ strip: true, insert: true }),
        }),
      };
      for (const [what, operation] of Object.entries(operations)) {
        const options = { nic: movable() };
        const running =
          what === 'stop' || what === 'VLAN change' ? await t.started(options) : await t.configured(options);
        const { nic, port } = running;
        nic.onRequest(({ reqId }) => {
          if (reqId === REQ_SHUTDOWN) return;
          nic.onRequest(null);
          nic.raiseMigration(1);
        });
        t.expect.success(what, await operation(running));
        t.expect.equal(`ack during ${what}`, await awaitAck(t, nic), ACK_DETACHED);
        nic.replaceHost(otherHost(t, nic));
        await expectAttached(t, nic);
        t.expect.equal(`link after ${what}`, (await port.link()).up, what === 'start' || what === 'VLAN change');
        if (what === 'configure')
          for (const one of [port.setUpRxQueue(0, { mbufs: 64, dataRoomBytes: 2_176 }), port.setUpTxQueue(0)])
            await t.must(what, one);
        if (what === 'stop' || what === 'configure') await t.must('start', port.start());
        await t.settle();
        await t.expectTraffic(running);
        await t.must('close', port.close());
      }
    },
  }),
  clause({
    id: 'migrate/28',
    title: 'close while detached releases everything and sends nothing',
    level: 'MUST',
    section: '14',
    basis: 'ethdev',
    faults: ['M8'],
    needs: ['close-started'],
    goal: 'Nobody is there to be told',
    steps: [
      'detach',
      'close',
      'let another host take over and announce status 2',
      'look for requests, an ack, and what is left',
      'probe again',
    ],
    requirement: 'While detached, close releases everything locally, sends no request, and no ack follows',
    note: 'rte_eth_dev_close(): "The function frees all port resources." That no request goes out and no ack follows is what net_avp does.',
    run: async (t) => {
      const { nic, port } = await startedMovable(t);
      const memory = t.can('guest-memory') ? t.host.guestMemoryInUse() : 0;
      for (let i = 0; i < 8; i++) nic.deliver(t.frameTo(nic, 200));
      await t.settle();
      await expectDetached(t, nic);
      const requests = nic.requests.length;
      t.expect.success('close', await port.close());
      t.expect.equal('requests', nic.requests.length - requests, 0);
      if (t.can('guest-memory'))
        t.expect.that(
          'guest memory',
          t.host.guestMemoryInUse() < memory,
          `less than ${memory}`,
          t.host.guestMemoryInUse(),
        );
      await expectReleased(t, { nic, port });
    },
  }),
  clause({
    id: 'migrate/52',
    title: 'a stopped port that is closed while detached is released',
    level: 'MUST',
    section: '14',
    basis: 'ethdev',
    faults: ['M8'],
    goal: 'Nobody is there to be told, and nothing stays behind',
    steps: [
      'stop a port and detach it',
      'close',
      'let another host take over and announce status 2',
      'look for requests, an ack, and what is left',
      'probe again',
    ],
    requirement: 'While detached, close releases everything locally, sends no request, and no ack follows',
    note: 'rte_eth_dev_close(): "The function frees all port resources." That no request goes out and no ack follows is what net_avp does.',
    run: async (t) => {
      const { nic, port } = await startedMovable(t);
      await t.must('stop', port.stop());
      await expectDetached(t, nic);
      const requests = nic.requests.length;
      t.expect.success('close', await port.close());
      t.expect.equal('requests', nic.requests.length - requests, 0);
      await expectReleased(t, { nic, port });
    },
  }),
  clause({
    id: 'migrate/29',
    title: 'a detach that meets a close does not hang',
    level: 'MUST',
    section: '15',
    basis: 'ethdev',
    faults: ['C8', 'M8'],
    goal: 'Whichever comes first, the host gets its buffers back',
    steps: [
      'stop and close a port, and announce status 1 when the host has taken request 4 and not answered it yet',
      'look at the result and the buffers',
      'let another host take over and announce status 2',
      'probe again',
    ],
    requirement: 'A port that is closed serves no event; the host must not wait for ever',
    note: 'rte_eth_dev_close(): "The function frees all port resources."',
    run: async (t) => {
      const { nic, port } = await startedMovable(t);
      for (let i = 0; i < 8; i++) nic.deliver(t.frameTo(nic, 200));
      await t.settle();
      nic.onRequest(({ reqId }) => {
        if (reqId !== REQ_SHUTDOWN) return;
        nic.onRequest(null);
        nic.raiseMigration(1);
      });
      t.expect.success('close', await port.close());
      await t.settle();
      t.expect.equal('request of the close', nic.requests.at(-1)?.reqId, REQ_SHUTDOWN);
      t.expect.equal('buffers that the guest still has', nic.buffers().pool, nic.buffers().total);
      if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
      nic.replaceHost(otherHost(t, nic));
      nic.raiseMigration(2);
      await t.sleepMs(20);
      await t.expectTraffic(await t.started({ plugged: nic }));
    },
  }),
  clause({
    id: 'migrate/30',
    title: 'a detached port can be removed',
    level: 'MUST',
    section: '16',
    basis: 'ethdev',
    faults: ['C12', 'M8'],
    goal: 'Hot unplug does not wait for the end of a migration',
    steps: [
      'detach a stopped port, and a running one with packets on its rings',
      'remove it',
      'attach the device',
      'probe again',
    ],
    requirement: 'An orderly removal while detached releases everything and sends nothing',
    note: 'rte_eth_dev_close(): "The function frees all port resources." A removal closes the port.',
    run: async (t) => {
      for (const runs of t.can('close-started') ? [false, true] : [false]) {
        const before = t.can('guest-memory') ? t.host.guestMemoryInUse() : 0;
        const { nic, port } = await startedMovable(t);
        if (runs) for (let i = 0; i < 10; i++) nic.deliver(t.frameTo(nic, 300));
        else await t.must('stop', port.stop());
        await t.settle();
        await expectDetached(t, nic);
        const requests = nic.requests.length;
        await port.remove();
        t.expect.equal('requests', nic.requests.length - requests, 0);
        if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
        if (t.can('guest-memory'))
          t.expect.equal('bytes of memory that the driver keeps', t.host.guestMemoryInUse() - before, 0);
        nic.replaceHost(otherHost(t, nic));
        nic.raiseMigration(2);
        await t.sleepMs(50);
        const again = await t.started({ plugged: nic });
        await t.expectTraffic(again);
        await t.must('close', again.port.close());
      }
    },
  }),
  clause({
    id: 'migrate/31',
    title: 'a detach in the middle of a probe is not missed',
    level: 'SHOULD',
    section: '14',
    basis: 'reading',
    needs: ['turn-inside-burst'],
    goal: 'The window between the device info and the interrupt mask is closed',
    steps: [
      'announce status 1 while the probe reads the memory, at several places',
      'look at the ack',
      'attach',
      'probe again',
    ],
    requirement:
      'The interrupt is enabled last, and the migration status read once more afterwards: status 1 is acked and refused with EBUSY',
    note: 'Both released drivers look at the migration status once, before they enable the interrupt.',
    run: async (t) => {
      for (const access of [1, 4, 9]) {
        const nic = t.plug(movable());
        let probed: Result = { ok: true, value: null };
        const turned = await t.host.insideBurst(
          nic,
          access,
          async () => (probed = await t.guest.probe(nic)),
          () => nic.raiseMigration(1),
        );
        t.expect.equal('there was such an access', turned, true);
        t.expect.refusal('probe', probed, 'EBUSY');
        t.expect.equal('ack', nic.migrationAck, ACK_DETACHED);
        nic.replaceHost(otherHost(t, nic));
        nic.raiseMigration(2);
        await t.sleepMs(20);
        await t.expectTraffic(await t.started({ plugged: nic }));
      }
    },
  }),
  clause({
    id: 'migrate/32',
    title: 'configure after a migration goes by the new host',
    level: 'MUST',
    section: '9',
    basis: 'protocol',
    goal: 'Limits are those of the present host',
    steps: ['migrate a stopped port to a host with fewer queues', 'ask for more, then for as many', 'pass traffic'],
    requirement: 'More queues than the present host allows are refused with EINVAL, and nothing is sent',
    note: 'max_rx_queues and max_tx_queues in the header of the device are the most that a host supports, and the kernel driver reads them at each attach. That a host refuses more is a reading of this project, on which a driver that goes by the limits of the present host need not depend.',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic, port } = running;
      await t.must('stop', port.stop());
      await expectMoved(t, nic, otherHost(t, nic, { rxQueues: { max: 2 }, txQueues: { max: 2 } }));
      const requests = requestsOf(nic, REQ_CONFIG);
      t.expect.refusal('three queues', await port.configure({ rxQueues: 3, txQueues: 1 }), 'EINVAL');
      t.expect.equal('config requests sent for three queues', requestsOf(nic, REQ_CONFIG) - requests, 0);
      await t.configure(port, { rxQueues: 2, txQueues: 2 });
      await t.must('start', port.start());
      await t.settle();
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'migrate/33',
    title: 'stop and start work after a migration',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    goal: 'The life of a port does not end at its first host',
    steps: ['migrate', 'stop, migrate, start', 'pass traffic', 'close', 'look at what is left'],
    requirement: 'After an attach every operation works as before',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic, port } = running;
      await expectMoved(t, nic, otherHost(t, nic));
      t.expect.success('stop', await port.stop());
      await expectMoved(t, nic, otherHost(t, nic));
      t.expect.success('start', await port.start());
      t.expect.equal('requests 2', requestsOf(nic, REQ_LINK) >= 3, true);
      await t.settle();
      const ledger = new Ledger(t, running);
      await ledger.deliver(20, [100]);
      await ledger.send(20, [100]);
      await ledger.collect();
      await ledger.expectBalanced('after two migrations');
      t.expect.equal('frames lost', ledger.lost, { toGuest: 0, fromGuest: 0 });
      t.expect.success('close', await port.close());
      await t.settle();
      t.expect.equal('buffers that the guest still has', nic.buffers().pool, nic.buffers().total);
      await t.expectTraffic(await t.started({ plugged: nic }));
    },
  }),
];
