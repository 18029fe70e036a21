import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import { deliverFlows } from './steps';

const FOREIGN_MAC = Uint8Array.of(2, 2, 2, 2, 2, 2);
/** Counters of queues, as ethdev and our driver call them. */
const QUEUE_SUMS = [
  ['rx packets', /^rx_q\d+_(good_)?packets$/],
  ['rx bytes', /^rx_q\d+_(good_)?bytes$/],
  ['rx errors', /^rx_q\d+_(errors|dropped_\w+)$/],
  ['tx packets', /^tx_q\d+_(good_)?packets$/],
  ['tx bytes', /^tx_q\d+_(good_)?bytes$/],
] as const;

/** Passes good, malformed and foreign packets on two queues. */
async function passAll(t: ClauseContext, { nic, port }: Running): Promise<void> {
  deliverFlows(t, nic, 20);
  nic.deliver(t.frameTo(nic, 100), [{ segment: 0, field: 'nb_segs', value: 9 }]);
  nic.deliver(t.frameTo(nic, 100, { to: FOREIGN_MAC }));
  for (const queue of [0, 1]) {
    await t.drain(port, queue);
    await t.sendAll(port, [{ bytes: t.frameFrom(nic, 300) }], queue);
  }
}

/** Checks names, ids and values against each other. Returns the values by name. */
async function expectConsistent(t: ClauseContext, { port }: Running): Promise<Map<string, number>> {
  const xstats = port.extendedStats;
  const names = await xstats.names();
  t.expect.equal('names that are there twice', names.length - new Set(names).size, 0);
  const { needed, values } = await xstats.values(names.length);
  t.expect.equal('number of values', needed, names.length);
  const ids = names.map((_name, id) => id);
  const byId = await xstats.byId([...ids].reverse());
  t.expect.equal('values by id', byId.ok && [...byId.value].reverse(), values);
  for (const [id, name] of names.entries()) {
    const found = await xstats.idOf(name);
    t.expect.equal(`id of ${name}`, found.ok && found.value, id);
  }
  return new Map(names.map((name, id) => [name, values[id]!]));
}

async function expectSums(t: ClauseContext, running: Running): Promise<void> {
  const values = await expectConsistent(t, running);
  const { rx, tx } = await running.port.stats();
  const sums = QUEUE_SUMS.map(([what, pattern]) => {
    const matching = [...values].filter(([name]) => pattern.test(name));
    return [what, matching.reduce((total, [, value]) => total + value, 0)];
  });
  t.expect.equal('sums over the queues', Object.fromEntries(sums), {
    'rx packets': rx.packets,
    'rx bytes': rx.bytes,
    'rx errors': rx.errors,
    'tx packets': tx.packets,
    'tx bytes': tx.bytes,
  });
}

/** Statistics by name and id. */
export const statsExtendedClauses: readonly Clause[] = [
  clause({
    id: 'stats/8',
    title: 'extended statistics agree with the basic ones',
    level: 'SHOULD',
    section: '13',
    basis: 'ethdev',
    needs: ['xstats-by-id', 'burst-choice'],
    goal: 'A monitor that reads counters by id reads the ones that it looked up by name',
    steps: [
      'pass good, malformed and foreign packets on two queues',
      'read names, values, values by id, and the id of each name; compare with the basic statistics',
      'read into an array that is one entry too short; ask for a name and an id that there are not',
      'reset, look, and pass traffic again',
    ],
    requirement: 'Names are unique, ids are their indices, values of queues add up to the basic statistics',
    host: 'wrong',
    note: 'rte_eth_xstats_get(): "the array index is same with id field"; a table that is too small gets "the size that should be given to succeed". rte_eth_xstats_get_id_by_name() has "-EINVAL if the xstat_name doesn\'t exist". Behind ethdev the counters of queues are ethdev\'s own, so a driver without others is not asked.',
    run: async (t) => {
      const running = await t.started({ rxQueues: 2, txQueues: 2 });
      const { port } = running;
      await passAll(t, running);
      await expectSums(t, running);
      const xstats = port.extendedStats;
      const { length } = await xstats.names();
      t.expect.equal('size named for an array too short', (await xstats.values(length - 1)).needed, length);
      t.expect.equal('size named for no array', (await xstats.values(0)).needed, length);
      t.expect.refusal('id of an unknown name', await xstats.idOf('rx_q0_no_such_counter'), 'EINVAL');
      t.expect.refusal('value of an id too high', await xstats.byId([0, length]), 'EINVAL');
      const names = await xstats.names();
      await port.resetStats();
      t.expect.equal('names after the reset', await xstats.names(), names);
      t.expect.equal('values after the reset', new Set((await xstats.values(length)).values), new Set([0]));
      await passAll(t, running);
      await expectSums(t, running);
    },
  }),
];
