import { type Clause, clause } from '../clause';
import { lackingErrnos } from '../ethdevAnswers';
import type { ClauseContext, Running } from '../context';
import type { Result } from '../../targets/target';

type Results = Readonly<Record<string, Result>>;

/** Requests made of a host so far, beside those that `body` makes. */
async function expectNoRequest(t: ClauseContext, { nic }: Running, body: () => Promise<Results>): Promise<Results> {
  const before = nic.requests.length;
  const results = await body();
  t.expect.equal('requests', nic.requests.slice(before), []);
  return results;
}

/** Operations and settings that AVP has no means for. */
export const controlLackingClauses: readonly Clause[] = [
  clause({
    id: 'control/24',
    title: 'every further operation that AVP lacks is refused and changes nothing',
    level: 'SHOULD',
    section: '14',
    basis: 'ethdev',
    needs: ['refusals'],
    goal: 'An application is never told that something was done which was not',
    steps: [
      'run a port',
      'ask for a second MAC address and its removal, flow control, strip on one queue, and another tag type',
      'where the application can: for a change of the link, a reset, start and stop of one queue, and others',
      'count the requests and pass traffic',
    ],
    requirement: 'What AVP lacks is refused with ENOTSUP, no request is made of the host, and traffic goes on',
    note: 'rte_eth_dev_mac_addr_add(), rte_eth_dev_flow_ctrl_set(), rte_eth_dev_set_vlan_strip_on_queue(), rte_eth_dev_set_vlan_ether_type(), rte_eth_dev_set_link_up(), rte_eth_dev_reset() and rte_eth_dev_rx_queue_start() give -ENOTSUP for what hardware or driver lack. control/13 has the operations that this protocol names.',
    run: async (t) => {
      const running = await t.started();
      const { port } = running;
      const results = await expectNoRequest(t, running, () => port.furtherUnsupported());
      t.expect.atLeast('operations tried', Object.keys(results).length, 5);
      for (const [what, result] of Object.entries(results)) t.expect.refusal(what, result, ...lackingErrnos(t));
      t.expect.equal('link', (await port.link()).up, true);
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'control/25',
    title: 'a setting that AVP lacks is refused at configure',
    level: 'SHOULD',
    section: '14',
    basis: 'ethdev',
    needs: ['refused-settings', 'configure-apart'],
    goal: 'A configuration that was accepted is in force, all of it',
    steps: [
      'configure with a fixed speed that AVP lacks, with interrupts for link and removal, loopback, checksums, LRO, QinQ, RSS and deferred start',
      'configure without them and pass traffic',
    ],
    requirement: 'What AVP lacks is refused with EINVAL before any request',
    note: 'rte_eth_dev_configure(): "Any offloading set in eth_conf->[rt]xmode.offloads must be within" the capabilities, and -EINVAL for lsc and rmv without support of the driver. It takes any link_speeds and lpbk_mode and leaves them to the driver, whose answer of EINVAL is a reading of this project.',
    run: async (t) => {
      const running = await t.probed();
      const results = await expectNoRequest(t, running, () => running.port.unsupportedSettings());
      t.expect.atLeast('settings tried', Object.keys(results).length, 5);
      for (const [what, result] of Object.entries(results)) t.expect.refusal(what, result, 'EINVAL');
      await t.configure(running.port);
      t.expect.success('start', await running.port.start());
      await t.expectTraffic(running);
    },
  }),
];
