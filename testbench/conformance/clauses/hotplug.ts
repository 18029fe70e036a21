import { type Clause, clause } from '../clause';
import type { Running } from '../context';
import { removedErrnos } from '../ethdevAnswers';
import type { Result } from '../../targets/target';
import { expectNoBurst, expectRefused, goOn, leaveOnRx } from './steps';
import { expectMoved, leaveOnTx, otherHost, startedMovable } from './migrateSteps';

export const hotplugClauses: readonly Clause[] = [
  clause({
    id: 'hotplug/1',
    title: 'a device that appears while the guest runs is taken',
    level: 'MUST',
    section: '16',
    basis: 'protocol',
    goal: 'Ports come one after the other, and work side by side',
    steps: ['run a port', 'plug a second device', 'pass traffic over both'],
    requirement: 'A device may appear while the guest runs',
    note: 'The guide of net_avp: "PCI hotplug insertion and removal".',
    run: async (t) => {
      const first = await t.started();
      await t.expectTraffic(first);
      const second = await t.started({ nic: { mac: '52:54:00:00:00:02' } });
      for (const running of [second, first]) await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'hotplug/2',
    title: 'a driver survives the surprise removal of its device',
    level: 'MUST',
    section: '16',
    basis: 'safety',
    needs: ['surprise-removal'],
    goal: 'All reads give all ones, and nothing bad comes of it',
    steps: ['run a port', 'take the device away without a word', 'call everything'],
    requirement: 'After a surprise removal bursts give 0 and control operations fail',
    run: async (t) => {
      const { nic, port } = await t.started();
      await leaveOnRx(t, { nic, port }, [t.frameTo(nic, 100)]);
      nic.surpriseRemove();
      await goOn(t, { port });
      await expectNoBurst(t, { nic, port });
      expectRefused(t, 'stop', await port.stop());
      // A driver that sends no request for it cannot know. vlan/5 is about that.
      await port.setVlanOffload({ strip: true, insert: true });
      await port.remove();
      if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
      await t.expectTraffic(await t.started({ nic: { mac: '52:54:00:00:00:02' } }));
    },
  }),
  clause({
    id: 'hotplug/3',
    title: 'a device can be removed while traffic runs',
    level: 'MUST',
    section: '16',
    basis: 'protocol',
    faults: ['C12'],
    goal: 'Nothing is used after it was given back',
    steps: [
      'pass traffic both ways',
      'remove the port with packets on every ring',
      'let traffic go on',
      'plug another device',
    ],
    requirement: 'An orderly removal under traffic uses no memory that was given back, and leaks nothing',
    note: 'The guide of net_avp: "PCI hotplug insertion and removal".',
    run: async (t) => {
      const { nic, port } = await t.started();
      await leaveOnTx(t, nic, () =>
        port.send(
          0,
          Array.from({ length: 10 }, () => ({ bytes: t.frameFrom(nic, 100) })),
        ),
      );
      await leaveOnRx(
        t,
        { nic, port },
        Array.from({ length: 20 }, () => t.frameTo(nic, 200)),
      );
      await port.remove();
      for (let i = 0; i < 20; i++) nic.deliver(t.frameTo(nic, 200));
      await t.settle();
      t.expect.equal('interrupt mask', nic.interruptMask, 0);
      if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
      await t.expectTraffic(await t.started({ plugged: nic }));
    },
  }),
  clause({
    id: 'hotplug/4',
    title: 'of three attachments the driver takes the two AVP ones',
    level: 'MUST',
    section: '18',
    basis: 'protocol',
    goal: 'The instance of the user has a virtio NIC and two AVP NICs',
    steps: [
      'plug a virtio function and two AVP devices',
      'let the driver take what it binds to',
      'pass traffic over both',
    ],
    requirement: 'The driver binds the AVP devices and leaves the virtio one alone',
    run: async (t) => {
      const virtio = t.host.plugOther('virtio');
      const nics = [1, 2].map((number) => t.plug({ mac: `52:54:00:00:00:0${number}` }));
      const bound = await Promise.all([virtio, ...nics].map((nic) => t.guest.binds(nic)));
      t.expect.equal('bound', bound, [false, true, true]);
      for (const nic of nics) await t.expectTraffic(await t.started({ plugged: nic }));
    },
  }),
  clause({
    id: 'hotplug/5',
    title: 'a device may vanish in any state',
    level: 'MUST',
    section: '16',
    basis: 'safety',
    needs: ['surprise-removal'],
    goal: 'Not only a running port survives',
    steps: [
      'take the device away from a port that is probed, configured, started, and stopped',
      'call what the state allows',
      'remove the port',
    ],
    requirement: 'After a surprise removal control operations fail and bursts give 0, whatever the state',
    run: async (t) => {
      for (const state of ['probed', 'configured', 'started', 'stopped'] as const) {
        const { nic, port } = state === 'stopped' ? await t.started() : await t[state]();
        if (state === 'stopped') await t.must('stop', port.stop());
        nic.surpriseRemove();
        if (state === 'started') expectRefused(t, 'stop', await port.stop());
        else {
          expectRefused(t, `configure, ${state}`, await port.configure({ rxQueues: 1, txQueues: 1 }));
          // If the application configures together with start, a start after the refusal reaches no driver.
          if (t.can('configure-apart')) expectRefused(t, `start, ${state}`, await port.start());
        }
        await expectNoBurst(t, { nic, port }, `, ${state}`);
        await port.remove();
        if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
      }
    },
  }),
  clause({
    id: 'hotplug/6',
    title: 'a device may vanish while a request waits for its answer',
    level: 'MUST',
    section: '16',
    basis: 'safety',
    needs: ['surprise-removal'],
    goal: 'Nobody waits for an answer from nowhere, or takes all ones for one',
    steps: [
      'let the device vanish when it has taken the request of configure, start, stop and a VLAN change',
      'look at the result',
      'remove the port',
    ],
    requirement: 'After a surprise removal control operations fail',
    run: async (t) => {
      const operations: Readonly<Record<string, (running: Running) => Promise<Result>>> = {
        configure: ({ port }) => port.configure({ rxQueues: 1, txQueues: 1 }),
        start: ({ port }) => port.start(),
        stop: ({ port }) => port.stop(),
        'change of VLAN offload': ({ port }) => port.setVlanOffload({ strip: true, insert: true }),
      };
      for (const [what, operation] of Object.entries(operations)) {
        const running = what === 'stop' ? await t.started() : await t.configured();
        running.nic.onRequest(() => running.nic.surpriseRemove());
        running.nic.answerNext({ never: true });
        expectRefused(t, what, await operation(running));
        await running.port.remove();
        if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await running.port.mbufsInUse(), 0);
      }
    },
  }),
  clause({
    id: 'hotplug/7',
    title: 'what happens to one device does not affect the others',
    level: 'MUST',
    section: '16',
    basis: 'protocol',
    needs: ['surprise-removal'],
    goal: 'Ports share no state',
    steps: [
      'run four ports',
      'let one vanish, remove one, close one, each with packets on its rings',
      'look at link, requests and traffic of the rest after each',
    ],
    requirement: 'A device may vanish, be removed or be closed while others run',
    note: 'The guide of net_avp: "PCI hotplug insertion and removal".',
    run: async (t) => {
      const running: Running[] = [];
      for (const number of [1, 2, 3, 4]) running.push(await t.started({ nic: { mac: `52:54:00:00:00:0${number}` } }));
      const [vanished, removed, closed, last] = running as [Running, Running, Running, Running];
      const expectWhole = async (one: Running, strip: boolean): Promise<void> => {
        t.expect.equal('link', (await one.port.link()).up, true);
        t.expect.success('change of VLAN offload', await one.port.setVlanOffload({ strip, insert: false }));
        await t.expectTraffic(one);
      };
      const spoil = async ({ nic, port }: Running): Promise<void> => {
        for (let i = 0; i < 6; i++) nic.deliver(t.frameTo(nic, 3_000));
        await t.settle();
        await port.receive(0, 2);
      };
      await spoil(vanished);
      vanished.nic.surpriseRemove();
      for (const other of [removed, closed, last]) await expectWhole(other, true);
      await spoil(removed);
      await removed.port.remove();
      for (const other of [closed, last]) await expectWhole(other, false);
      await spoil(closed);
      await t.must('close', closed.port.close());
      await vanished.port.remove();
      await expectWhole(last, true);
      t.expect.equal('interrupt mask of the last', last.nic.interruptMask, 0xffff_ffff);
    },
  }),
  clause({
    id: 'hotplug/8',
    title: 'a port may be removed while a request waits for its answer',
    level: 'MUST',
    section: '16',
    basis: 'safety',
    faults: ['C12'],
    needs: ['calls-meanwhile'],
    goal: 'Neither the removal nor the request uses what the other has given back',
    steps: [
      'remove the port when the host has taken the request of start, which is never answered',
      'look at the result',
      'raise an interrupt',
      'take the device again',
    ],
    requirement: 'An orderly removal ends what is under way, and uses no memory that was given back',
    host: 'wrong',
    run: async (t) => {
      const { nic, port } = await t.configured();
      const removals: Promise<void>[] = [];
      nic.onRequest(() => {
        nic.onRequest(null);
        const removal = port.remove();
        // Avoids an unhandled rejection if a check fails before the removals are awaited below.
        removal.catch(() => undefined);
        removals.push(removal);
      });
      nic.answerNext({ never: true });
      const started = await port.start();
      t.expect.that('start', !started.ok, 'refused', 'success');
      await Promise.all(removals);
      t.expect.equal('removals', removals.length, 1);
      t.expect.equal('handler ran', (await nic.lateInterrupt()).dispatched, false);
      if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
      await t.sleepMs(1_000);
      await t.expectTraffic(await t.started({ plugged: nic }));
    },
  }),
  clause({
    id: 'hotplug/9',
    title: 'a device that the guest binds again works',
    level: 'MUST',
    section: '16',
    basis: 'protocol',
    faults: ['C8'],
    goal: 'The former life takes no interrupt of the next one away',
    steps: [
      'run a port, migrate it, close it',
      'let the driver take the device again, and migrate that',
      'the same with an orderly removal',
    ],
    requirement: 'A device that left in order may come back: its handler is unregistered, and a new one is registered',
    note: 'The guide of net_avp: "PCI hotplug insertion and removal".',
    run: async (t) => {
      let running = await startedMovable(t);
      for (const end of ['close', 'remove'] as const) {
        await expectMoved(t, running.nic, otherHost(t, running.nic));
        if (end === 'close') await t.must('close', running.port.close());
        else await running.port.remove();
        running = await t.started({ plugged: running.nic });
        await t.expectTraffic(running);
      }
      await expectMoved(t, running.nic, otherHost(t, running.nic));
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'hotplug/10',
    title: 'an application is told that the device has vanished',
    level: 'SHOULD',
    section: '16',
    basis: 'reading',
    needs: ['surprise-removal'],
    goal: 'Whoever uses the port learns why nothing works any more',
    steps: [
      'take the device away from a port that runs, and from one that is stopped',
      'look at the errors and at the link',
    ],
    requirement: 'After a surprise removal control operations fail with ENODEV, and the link is down',
    note: 'ethdev documents "-EIO: if device is removed", and turns any error into it where rte_eth_dev_is_removed() says so: a driver that implements that can give no ENODEV. That a driver finds out that its device has gone is a reading of this project.',
    run: async (t) => {
      for (const state of ['started', 'stopped'] as const) {
        const { nic, port } = await t.started();
        if (state === 'stopped') await t.must('stop', port.stop());
        nic.surpriseRemove();
        const result = state === 'started' ? await port.stop() : await port.configure({ rxQueues: 1, txQueues: 1 });
        t.expect.refusal(`${state === 'started' ? 'stop' : 'configure'}, ${state}`, result, ...removedErrnos(t));
        t.expect.equal(`link, ${state}`, (await port.link()).up, false);
        await port.remove();
      }
    },
  }),
];
