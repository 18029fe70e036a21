import { type Clause, clause } from '../clause';
import { expectAttached, expectDetached, otherHost, startedMovable } from './migrateSteps';

/** Control operations of a port whose host is away. */
export const migrateDetachedClauses: readonly Clause[] = [
  clause({
    id: 'migrate/55',
    title: 'a detached port refuses configure, start and stop',
    level: 'MUST',
    section: '14',
    basis: 'protocol',
    goal: 'An operation that needs the host is not lost, and the application can repeat it after the attach',
    steps: [
      'detach a started port, and stop it',
      'attach, and stop it where the application still can',
      'detach a stopped port, configure it, and start it',
      'attach to another host, start it, and pass traffic',
    ],
    requirement: 'While detached, configure, start and stop fail with ENOTSUP and send no request',
    note: 'net_avp answers configure, start and stop of a detached port with -ENOTSUP ("Operation not supported during VM live migration"). What the link and bursts of such a port do is in migrate/3.',
    run: async (t) => {
      const started = await startedMovable(t);
      await expectDetached(t, started.nic);
      const before = started.nic.requests.length;
      t.expect.refusal('stop while detached', await started.port.stop(), 'ENOTSUP');
      t.expect.equal('requests of that', started.nic.requests.length - before, 0);
      await expectAttached(t, started.nic);
      if (t.can('traffic-after-refused-stop')) {
        await t.expectTraffic(started);
        t.expect.success('stop', await started.port.stop());
      }

      const stopped = await startedMovable(t, { nic: { mac: '52:54:00:00:00:02' } });
      const { nic, port } = stopped;
      await t.must('stop', port.stop());
      await expectDetached(t, nic);
      const requests = nic.requests.length;
      // If the application configures together with start, ethdev removes the queues after the refusal.
      if (t.can('configure-apart'))
        t.expect.refusal('configure while detached', await port.configure({ rxQueues: 1, txQueues: 1 }), 'ENOTSUP');
      t.expect.refusal('start while detached', await port.start(), 'ENOTSUP');
      t.expect.equal('requests of these', nic.requests.length - requests, 0);
      nic.replaceHost(otherHost(t, nic));
      await expectAttached(t, nic);
      t.expect.success('start', await port.start());
      await t.expectTraffic(stopped);
    },
  }),
];
