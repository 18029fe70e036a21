import { REQ_CONFIG, REQ_SHUTDOWN } from '../../../shared/loops/layout';
import { type Clause, clause } from '../clause';
import { POOL } from '../context';
import { Ledger } from './migrateLedger';
import {
  ACK_ATTACHED,
  ACK_DETACHED,
  awaitAck,
  expectAttached,
  expectDetached,
  expectMigrationEvents,
  expectMoved,
  expectNoTraffic,
  leaveOnTx,
  NO_ACK,
  otherHost,
  requestsOf,
  ringIndices,
  startedMovable,
} from './migrateSteps';
import { goOn } from './steps';

/** Frame sizes that fit one packet buffer of every host used here. */
const SMALL = [64, 500, 900];

/** The undisturbed migration sequence of section 15, and the guest's duties during it. */
export const migrateClauses: readonly Clause[] = [
  clause({
    id: 'migrate/1',
    title: 'a detach is acked after request 4 was answered',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    goal: 'The host may take the memory away as soon as it sees the ack',
    steps: ['run a port', 'announce status 1', 'look at the requests, the ack, and the buffers'],
    requirement:
      'The guest raises the detached flag, waits for its bursts, sends request 4, and writes ack 1 once it is answered',
    run: async (t) => {
      const { nic, port } = await startedMovable(t);
      const acks: number[] = [];
      nic.onRequest(() => acks.push(nic.migrationAck));
      await expectDetached(t, nic);
      t.expect.equal('ack when request 4 was taken', acks, [NO_ACK]);
      await t.settle();
      t.expect.equal('buffers that the guest still has', nic.buffers().pool, nic.buffers().total);
      await expectMigrationEvents(t, port, ['detached']);
    },
  }),
  clause({
    id: 'migrate/2',
    title: 'an attach uses what the new host says',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    faults: ['M3'],
    goal: 'Addresses, rings and identity are those of the destination',
    steps: ['detach', 'let another host take over', 'announce status 2', 'pass traffic'],
    requirement:
      'The guest reads the device info anew, translates everything, sends request 3, lowers the flag and writes ack 2',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic, port } = running;
      await expectDetached(t, nic);
      nic.replaceHost(otherHost(t, nic));
      await expectAttached(t, nic);
      t.expect.equal('link', (await port.link()).up, true);
      await t.expectTraffic(running);
      await expectMigrationEvents(t, port, ['detached', 'attached']);
    },
  }),
  clause({
    id: 'migrate/3',
    title: 'a detached port moves no packet and refuses control operations',
    level: 'SHOULD',
    section: '14',
    basis: 'reading',
    goal: 'Whoever uses the port meanwhile gets a defined result',
    steps: ['detach', 'call bursts, link and control', 'attach', 'call them again', 'detach, stop, attach, stop'],
    requirement:
      'While detached, bursts move nothing, the link is down, and configure, start and stop fail with ENOTSUP',
    note: 'That the link of a detached port is down is a rule of this project: nothing else tells an application that no packet passes. The kernel driver switches its carrier off; net_avp leaves the link as it was.',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic, port } = running;
      await expectDetached(t, nic);
      await expectNoTraffic(t, running);
      t.expect.equal('link up while detached', (await port.link()).up, false);
      const change = await port.setVlanOffload({ strip: true, insert: true });
      t.expect.refusal('VLAN change while detached', change, 'ENOTSUP');
      nic.replaceHost(otherHost(t, nic));
      await expectAttached(t, nic);
      await t.expectTraffic(running);
      await expectDetached(t, nic);
      t.expect.refusal('stop while detached', await port.stop(), 'ENOTSUP');
      await expectAttached(t, nic);
      if (t.can('traffic-after-refused-stop')) await t.expectTraffic(running);
      t.expect.success('stop', await port.stop());
    },
  }),
  clause({
    id: 'migrate/4',
    title: 'no ring is used after the answer to the shutdown',
    level: 'SHOULD',
    section: '15',
    basis: 'reading',
    faults: ['M1', 'M2'],
    needs: ['burst-choice'],
    goal: "The rings are the host's alone, however hard the application polls",
    steps: [
      'leave packets on every ring',
      'detach while the application polls',
      'compare the indices of the rings as they were at the answer with those before the next request 3',
    ],
    requirement: "The guest touches no ring between the answer to request 4 and the answer to the attach's request 3",
    note: 'No source forbids rings between the answer to request 4 and the ack: the kernel driver puts buffers back on alloc there, and a host keeps the rings as they lie until the ack. migrate/51 is about bursts after the ack.',
    run: async (t) => {
      const { nic, port } = await startedMovable(t);
      for (let i = 0; i < 20; i++) nic.deliver(t.frameTo(nic, 100));
      await t.settle();
      await port.receive(0, 4);
      await expectDetached(t, nic);
      const before = ringIndices(nic);
      for (let round = 0; round < 20; round++) {
        t.expect.equal('received', (await port.receive(0, 8)).length, 0);
        t.expect.equal('taken', await port.send(0, [{ bytes: t.frameFrom(nic, 80) }]), 0);
        await t.sleepMs(1);
      }
      t.expect.equal('indices of the rings', ringIndices(nic), before);
    },
  }),
  clause({
    id: 'migrate/5',
    title: 'a burst under way is waited for',
    level: 'SHOULD',
    section: '15',
    basis: 'reading',
    faults: ['M1', 'M2'],
    needs: ['turn-inside-burst'],
    goal: 'However long a burst is preempted, the memory under it stays',
    steps: [
      'announce status 1 in the middle of a receive burst and of a transmit burst, at many places',
      'let the whole time that a guest may take pass before the burst goes on',
      'look at the ack meanwhile, and at the traffic afterwards',
    ],
    requirement: 'Ack 1 is written, and request 4 sent, only when no burst is running on any queue',
    note: 'The ack is not what is read into the rule: both released drivers mean to stop their bursts before it, and migrate/51 is about that. That request 4 too waits for the bursts is a rule of this project.',
    timeLimitMs: 60_000,
    run: async (t) => {
      for (const direction of ['rx', 'tx'] as const)
        for (const access of [1, 3, 6, 10, 20, 40]) {
          const label = `${direction}, access ${access}`;
          const running = await startedMovable(t);
          const { nic, port } = running;
          const ledger = new Ledger(t, running);
          await ledger.deliver(8, SMALL);
          await t.settle();
          const requests = requestsOf(nic, REQ_SHUTDOWN);
          const body = async (): Promise<unknown> => (direction === 'rx' ? ledger.collect() : ledger.send(8, SMALL));
          let during = { ack: NO_ACK, requests: 0 };
          const turned = await t.host.insideBurst(nic, access, body, () => {
            nic.raiseMigration(1);
            t.host.passMs(3_000);
            during = { ack: nic.migrationAck, requests: requestsOf(nic, REQ_SHUTDOWN) - requests };
          });
          t.expect.equal(`${label}: there was such an access`, turned, true);
          t.expect.that(`${label}: ack while the burst ran`, during.ack !== ACK_DETACHED, '0 or 3', during.ack);
          t.expect.equal(`${label}: requests 4 while the burst ran`, during.requests, 0);
          await awaitAck(t, nic);
          await ledger.collect();
          await ledger.expectBalanced(label);
          await t.must('close', port.close());
        }
    },
  }),
  clause({
    id: 'migrate/12',
    title: 'what the application set survives a migration',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    goal: "MAC address, filter, MTU, queues and statistics are the port's, not the host's",
    steps: ['set all of it, pass traffic', 'migrate', 'compare'],
    requirement: 'The MAC address is kept over migrations, the interrupt mask moves along, and the counters go on',
    host: 'wrong',
    run: async (t) => {
      const queues = t.can('queue-choice') ? 2 : 1;
      const running = await startedMovable(t, { rxQueues: queues, txQueues: queues, mtu: 1_400, pools: [POOL] });
      const { nic, port } = running;
      await t.must('promiscuous', port.setPromiscuous(true));
      await t.expectTraffic(running);
      const [stats, mac] = [await port.stats(), await port.mac()];
      await expectDetached(t, nic);
      nic.replaceHost(otherHost(t, nic));
      nic.overwrite({ struct: 'device_info' }, 'ethaddr', 0x0605_0403_0202n);
      await expectAttached(t, nic);
      await t.settle();
      t.expect.bytes('MAC address', await port.mac(), mac);
      t.expect.equal('interrupt mask', nic.interruptMask, 0xffff_ffff);
      const after = await port.stats();
      t.expect.equal('packets counted', [after.rx.packets, after.tx.packets], [stats.rx.packets, stats.tx.packets]);
      const config = nic.requests.findLast(({ reqId }) => reqId === REQ_CONFIG)!.config;
      t.expect.equal('queues of request 3', [config.numTxQueues, config.numRxQueues], [queues, queues]);
      const stranger = t.frameTo(nic, 100, { to: Uint8Array.of(2, 9, 9, 9, 9, 9) });
      nic.deliver(stranger);
      const arrived = [];
      for (let queue = 0; queue < queues; queue++) arrived.push(...(await t.drain(port, queue)));
      t.expect.frames(
        'received promiscuously',
        arrived.map(({ bytes }) => bytes),
        [stranger],
      );
    },
  }),
  clause({
    id: 'migrate/13',
    title: 'ten migrations in a row under load',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    goal: 'Nothing wears out',
    steps: [
      'pass traffic both ways',
      'migrate ten times, each time with packets on every ring where the application leaves them there',
      'account for every frame',
    ],
    requirement:
      'Nothing is delivered twice, corrupted or reordered, no buffer leaks, and all loss is counted by cause',
    note: 'The guide of net_avp: applications migrate "with minimal packet loss".',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic } = running;
      const ledger = new Ledger(t, running);
      for (let round = 0; round < 10; round++) {
        await leaveOnTx(t, nic, () => ledger.send(10, SMALL));
        await ledger.leaveOnRx(20, SMALL);
        await expectMoved(t, nic, otherHost(t, nic));
        await goOn(t, running);
        await ledger.deliver(10, SMALL);
        await ledger.send(10, SMALL);
        await ledger.collect();
        await ledger.expectBalanced(`migration ${round + 1}`);
      }
      t.expect.equal('frames lost from the guest', ledger.lost.fromGuest, 0);
      t.expect.atLeast('frames that arrived at the guest', ledger.arrived.toGuest, 100);
    },
  }),
  clause({
    id: 'migrate/14',
    title: 'a guest of several ports detaches each by itself',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    goal: 'Ports share no state',
    steps: ['run three ports', 'detach the second', 'pass traffic over the others', 'attach it', 'migrate all'],
    requirement: 'What happens to one port does not affect the others',
    run: async (t) => {
      const ports = [];
      for (const number of [1, 2, 3])
        ports.push(await startedMovable(t, { nic: { mac: `52:54:00:00:00:0${number}` } }));
      const [first, second, third] = ports as [(typeof ports)[0], (typeof ports)[0], (typeof ports)[0]];
      await expectDetached(t, second.nic);
      for (const other of [first, third]) await t.expectTraffic(other);
      second.nic.replaceHost(otherHost(t, second.nic));
      await expectAttached(t, second.nic);
      for (const { nic } of ports) nic.raiseMigration(1);
      for (const { nic } of ports) t.expect.equal('ack', await awaitAck(t, nic), ACK_DETACHED);
      for (const { nic } of ports) nic.replaceHost(otherHost(t, nic));
      for (const { nic } of ports) nic.raiseMigration(2);
      for (const { nic } of ports) t.expect.equal('ack', await awaitAck(t, nic), ACK_ATTACHED);
      for (const running of ports) await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'migrate/49',
    title: 'bursts come back when everything is in place, not before',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    faults: ['M10'],
    needs: ['burst-choice'],
    goal: 'No burst runs with half of its addresses renewed',
    steps: [
      'detach',
      'let another host take over',
      'send and receive when it has taken request 3 of the attach',
      'pass traffic afterwards',
    ],
    requirement: 'The detached flag is lowered after everything that bursts read describes the new host',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic, port } = running;
      await expectDetached(t, nic);
      nic.replaceHost(otherHost(t, nic));
      let touched = 0;
      let inCall = true;
      const moved: Promise<unknown>[] = [];
      nic.onRequest(() => {
        const calls = (): Promise<unknown> => {
          moved.push(port.send(0, [{ bytes: t.frameFrom(nic, 90) }]), port.receive(0, 32));
          return Promise.all(moved);
        };
        if (t.can('turn-inside-burst')) void t.host.insideBurst(nic, 1, calls, () => (touched += inCall ? 1 : 0));
        else void calls();
        inCall = false;
      });
      await expectAttached(t, nic);
      nic.onRequest(null);
      t.expect.equal('moved before the answer', await Promise.all(moved), [0, []]);
      t.expect.equal('looks at the memory of the device meanwhile', touched, 0);
      await t.settle();
      await t.expectTraffic(running);
    },
  }),
];
