import { type Clause, clause } from '../clause';
import type { GuestPort } from '../../targets/target';
import { expectRefused } from './steps';
import { expectAttached, expectDetached, movable, otherHost } from './migrateSteps';

/** Answers of a driver whose device has gone. */
export const hotplugGoneClauses: readonly Clause[] = [
  clause({
    id: 'hotplug/15',
    title: 'an application can ask whether its device has gone',
    level: 'SHOULD',
    section: '16',
    basis: 'ethdev',
    needs: ['surprise-removal', 'removal-query'],
    goal: 'A refusal by a device that is there can be told from one that is not',
    steps: [
      'ask while a port is probed, configured, started, stopped, refused, and detached',
      'let the device vanish in each of these states; ask before any other call, and again after one',
      'ask about the port of another device',
    ],
    requirement: 'The driver says that a device has been removed from the moment it vanishes, and never before',
    note: 'rte_eth_dev_is_removed(): "Check if an Ethernet device was physically removed", with 1 "when the Ethernet device is removed, otherwise 0".',
    run: async (t) => {
      const other = await t.started({ nic: movable({ mac: '52:54:00:00:00:02' }) });
      const expectGone = async (what: string, port: GuestPort, gone: boolean): Promise<void> => {
        t.expect.equal(`device has been removed, ${what}`, await port.isRemoved(), gone);
      };
      for (const state of ['probed', 'configured', 'started', 'stopped', 'detached'] as const) {
        const { nic, port } = await (state === 'probed' || state === 'configured'
          ? t[state]({ nic: movable() })
          : t.started({ nic: movable() }));
        if (state === 'stopped') await t.must('stop', port.stop());
        if (state === 'detached') await expectDetached(t, nic);
        await expectGone(state, port, false);
        if (state === 'started') {
          nic.answerNext({ result: -5 });
          expectRefused(t, 'stop that the host refuses', await port.stop());
          await expectGone('after a refusal', port, false);
        }
        nic.surpriseRemove();
        await expectGone(`vanished while ${state}`, port, true);
        const call =
          state === 'started' || state === 'detached' ? port.stop() : port.configure({ rxQueues: 1, txQueues: 1 });
        expectRefused(t, `a call, vanished while ${state}`, await call);
        await expectGone(`vanished while ${state}, after a call`, port, true);
        await expectGone('of another port', other.port, false);
        await port.remove();
      }
      await expectDetached(t, other.nic);
      other.nic.replaceHost(otherHost(t, other.nic));
      await expectAttached(t, other.nic);
      await expectGone('of a port that has moved', other.port, false);
      await t.expectTraffic(other);
    },
  }),
];
