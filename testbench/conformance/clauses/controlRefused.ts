import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';

/** The configuration of a port that the host refuses: its first, or one after traffic on two queues. */
const CONFIGURATIONS = ['first', 'later'] as const;

async function refusedPort(t: ClauseContext, which: (typeof CONFIGURATIONS)[number]): Promise<Running> {
  const running = which === 'first' ? await t.probed() : await t.started({ rxQueues: 2, txQueues: 2 });
  const { nic, port } = running;
  if (which === 'later') {
    await t.expectTraffic(running);
    await t.must('stop', port.stop());
  }
  nic.answerNext({ result: -22 });
  t.expect.refusal(`${which} configuration`, await port.configure({ rxQueues: 3, txQueues: 3 }), 'EINVAL');
  return running;
}

/** Calls everything that an application may ask a port that does not run. */
async function askEverything(t: ClauseContext, { nic, port }: Running, which: string): Promise<void> {
  const zero = { packets: 0, bytes: 0, errors: 0 };
  await port.stats();
  await port.resetStats();
  const { rx, tx, rxNombuf } = await port.stats();
  t.expect.equal(`statistics after a reset, ${which} configuration refused`, [rx, tx, rxNombuf], [zero, zero, 0]);
  t.expect.equal(`link, ${which} configuration refused`, (await port.link()).up, false);
  const { maxRxQueues, maxTxQueues } = await port.info();
  t.expect.equal('most queues', [maxRxQueues, maxTxQueues], [nic.settings.rxQueues.max, nic.settings.txQueues.max]);
  t.expect.bytes('MAC address', await port.mac(), nic.mac);
}

/** A port after a configuration that the host refuses. */
export const controlRefusedClauses: readonly Clause[] = [
  clause({
    id: 'control/23',
    title: 'after a refused configuration a port can be asked, configured again and closed',
    level: 'MUST',
    section: '14',
    basis: 'ethdev',
    faults: ['C14'],
    goal: 'What a refused configuration leaves behind harms no later call',
    steps: [
      'refuse request 3 of the first configuration of a port, and of a later one with other queue counts',
      'ask for statistics, link and information, and reset the statistics',
      'configure again and pass traffic, or close and probe again',
    ],
    requirement:
      'A negative result of request 3 is the error of configure; every call that a stopped port takes works afterwards',
    note: 'rte_eth_dev_configure() gives the "error code returned by the driver configuration function" and "can also be re-invoked when a device is in the stopped state"; rte_eth_dev_close() takes any stopped port and "frees all port resources". ethdev frees the queue arrays of a refused configuration, so a driver that goes on counting their queues reads through a null pointer.',
    timeLimitMs: 60_000,
    run: async (t) => {
      for (const which of CONFIGURATIONS) {
        const again = await refusedPort(t, which);
        await askEverything(t, again, which);
        t.expect.success('configure again', await again.port.configure({ rxQueues: 1, txQueues: 1 }));
        await t.configure(again.port);
        t.expect.success('start', await again.port.start());
        await t.expectTraffic(again);
        const { nic, port } = await refusedPort(t, which);
        t.expect.success('close', await port.close());
        const next = await t.started({ plugged: nic });
        await t.expectTraffic(next);
      }
    },
  }),
];
