import { REQ_CONFIG } from '../../../shared/loops/layout';
import type { AvpNic } from '../../targets/host';
import { type Clause, clause } from '../clause';
import type { ClauseContext } from '../context';
import {
  ACK_ATTACHED,
  ACK_FAILED,
  awaitAck,
  expectAttached,
  expectDetached,
  expectMigrationEvents,
  expectNoTraffic,
  otherHost,
  raiseAndAwaitAck,
  requestsOf,
  startedMovable,
} from './migrateSteps';

/** Ways to make a host invalid for every guest, by the name that failures show. */
const BAD_HOSTS: Readonly<Record<string, (nic: AvpNic) => void>> = {
  'magic of the device info': (nic) => nic.overwrite({ struct: 'device_info' }, 'magic', 0x1234),
  'magic of the memory map': (nic) => nic.overwrite({ struct: 'memmap_info' }, 'magic', 0x1234),
  'version of the memory map': (nic) => nic.overwrite({ struct: 'memmap_info' }, 'version', 9),
  'number of maps': (nic) => nic.overwrite({ struct: 'memmap_info' }, 'nb_maps', 2_049),
  'host version': (nic) => nic.overwrite({ struct: 'device_info' }, 'version', 0x20000),
  'receive queues, min above max': (nic) => nic.overwrite({ struct: 'device_info' }, 'min_rx_queues', 200),
  'address of the rx FIFO': (nic) => nic.overwrite({ struct: 'device_info' }, 'rx_phys', 0xdead_0000_0000n),
  'address of the packet buffers': (nic) => {
    nic.overwrite({ struct: 'device_info' }, 'mbuf_phys', 0xdead_0000_0000n);
    nic.overwrite({ struct: 'mempool_info', index: 0 }, 'phys_addr', 0xdead_0000_0000n);
  },
  'len of the tx FIFO': (nic) => nic.overwrite({ struct: 'fifo', fifo: 'tx', queue: 0 }, 'len', 48),
  'read index of the alloc FIFO': (nic) =>
    nic.overwrite({ struct: 'fifo', fifo: 'alloc', queue: 0 }, 'read', 0xffff_fff0),
};

/**
 * Detaches, then attaches to a host that `spoil` has made invalid.
 * @returns the guest's ack of the attach.
 */
async function attachToBadHost(t: ClauseContext, nic: AvpNic, spoil: (nic: AvpNic) => void): Promise<number> {
  await expectDetached(t, nic);
  nic.replaceHost(otherHost(t, nic));
  nic.raiseMigration(2);
  // Spoil the device after the event, because the host initialises its FIFOs before it. The guest has not
  // looked yet.
  spoil(nic);
  return awaitAck(t, nic);
}

/** Attaches that fail, and migrations that the host cancels. */
export const migrateBadHostClauses: readonly Clause[] = [
  clause({
    id: 'migrate/18',
    title: 'a host that makes no sense is not attached to',
    level: 'SHOULD',
    section: '15',
    basis: 'reading',
    faults: ['C1', 'C2', 'R5', 'R6', 'M12'],
    goal: 'An attach is as strict as a probe',
    steps: [
      'detach',
      'attach to hosts that each say one thing wrong',
      'look at the ack and at what a detached port does',
      'attach to a good host',
    ],
    requirement:
      'Device info and memory map are validated as at probe; any failure: ack 3, stay detached, a later attach may succeed',
    note: 'No source makes a driver validate a host again, and neither released driver does. net_avp has a comment that it should.',
    timeLimitMs: 60_000,
    host: 'wrong',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic } = running;
      for (const [what, spoil] of Object.entries(BAD_HOSTS)) {
        const requests = requestsOf(nic, REQ_CONFIG);
        t.expect.equal(`ack, ${what}`, await attachToBadHost(t, nic, spoil), ACK_FAILED);
        t.expect.equal(`requests 3, ${what}`, requestsOf(nic, REQ_CONFIG) - requests, 0);
        await expectNoTraffic(t, running);
        nic.replaceHost(otherHost(t, nic));
        await expectAttached(t, nic);
        await t.expectTraffic(running);
      }
    },
  }),
  clause({
    id: 'migrate/19',
    title: 'a host that refuses the config leaves the port detached',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    faults: ['M12'],
    goal: 'Bursts and control are safe on a port that nobody serves',
    steps: [
      'migrate to a host that refuses request 3',
      'look at the ack',
      'use the port',
      'attach to a host that accepts it',
    ],
    requirement: 'An attach that fails is answered with ack 3, the port stays detached, and a later attach may succeed',
    note: 'Both released drivers write ack 3. net_avp stays detached, and the kernel driver gives its device up.',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic, port } = running;
      await expectDetached(t, nic);
      nic.replaceHost(otherHost(t, nic));
      nic.answerNext({ result: -22 });
      t.expect.equal('ack', await raiseAndAwaitAck(t, nic, 2), ACK_FAILED);
      await expectNoTraffic(t, running);
      await expectMigrationEvents(t, port, ['detached', 'migration-failed at attach']);
      await expectAttached(t, nic);
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'migrate/20',
    title: 'a host that does not answer the config leaves the port detached',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    faults: ['M12'],
    goal: 'The guest does not wait for ever, and attaches later',
    steps: [
      'migrate to a host that never answers request 3',
      'look at the ack',
      'attach to another host',
      'pass traffic',
    ],
    requirement: 'An attach whose request 3 times out is answered with ack 3; the debt is cancelled by the next attach',
    host: 'wrong',
    note: 'Both released drivers write ack 3. What becomes of the answer that is owed is a rule of this project.',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic } = running;
      await expectDetached(t, nic);
      nic.replaceHost(otherHost(t, nic));
      nic.answerNext({ never: true });
      t.expect.equal('ack', await raiseAndAwaitAck(t, nic, 2), ACK_FAILED);
      await expectNoTraffic(t, running);
      nic.replaceHost(otherHost(t, nic));
      await expectAttached(t, nic);
      await t.expectTraffic(running);
      t.expect.success('stop', await running.port.stop());
    },
  }),
  clause({
    id: 'migrate/21',
    title: 'too few transmit FIFOs refuse the attach',
    level: 'SHOULD',
    section: '9',
    basis: 'reading',
    faults: ['M5'],
    goal: 'A FIFO has one producer',
    steps: [
      'run four transmit queues',
      'migrate to a host that has two',
      'look at the ack',
      'attach once more, where the host accepts whatever it is asked for',
      'look at the ack',
      'migrate to one that has four',
    ],
    requirement:
      'Fewer transmit FIFOs than queues after a migration: the attach is refused with ack 3 and the application told',
    host: 'wrong',
    note: 'That a FIFO has one producer is the rule of the header. That the attach is refused where there are too few is a decision of this project. A driver that leaves it to the host writes to rings that are not there as soon as a host accepts what it is asked for.',
    run: async (t) => {
      const running = await startedMovable(t, { rxQueues: 4, txQueues: 4 });
      const { nic, port } = running;
      const { max } = nic.settings.txQueues;
      await expectDetached(t, nic);
      nic.replaceHost(otherHost(t, nic, { txQueues: { max: 2 } }));
      t.expect.equal('ack', await raiseAndAwaitAck(t, nic, 2), ACK_FAILED);
      await expectNoTraffic(t, running);
      await expectMigrationEvents(t, port, ['detached', 'migration-failed at attach']);
      nic.onRequest(() => nic.answerNext({ result: 0 }));
      t.expect.equal('ack where the host says yes', await raiseAndAwaitAck(t, nic, 2), ACK_FAILED);
      await expectNoTraffic(t, running);
      nic.onRequest(null);
      nic.replaceHost(otherHost(t, nic, { txQueues: { max } }));
      await expectAttached(t, nic);
      for (const queue of [0, 1, 2, 3]) {
        const frame = t.frameFrom(nic, 120);
        nic.taken();
        await t.sendAll(port, [{ bytes: frame }], queue);
        t.expect.frames(`from queue ${queue}`, nic.taken(), [frame]);
      }
    },
  }),
  clause({
    id: 'migrate/22',
    title: 'a port survives a migration that the host cancels',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    goal: 'The host may think better of it at any point',
    steps: [
      'attach to the source before the guest has looked, after ack 1, and after an attach elsewhere was refused',
      'pass traffic after each',
    ],
    requirement: "A migration that fails on the host's side attaches the guest to the source again",
    host: 'wrong',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic } = running;
      nic.raiseMigration(1);
      t.expect.equal('ack, before the guest looked', await raiseAndAwaitAck(t, nic, 2), ACK_ATTACHED);
      await t.expectTraffic(running);
      await expectDetached(t, nic);
      await expectAttached(t, nic);
      await t.expectTraffic(running);
      const source = { ...nic.settings };
      t.expect.equal(
        'ack elsewhere',
        await attachToBadHost(t, nic, BAD_HOSTS['magic of the device info']!),
        ACK_FAILED,
      );
      nic.replaceHost(source);
      await expectAttached(t, nic);
      await t.expectTraffic(running);
    },
  }),
];
