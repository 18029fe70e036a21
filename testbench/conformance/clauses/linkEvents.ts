import { type Clause, clause } from '../clause';
import { expectRefused } from './steps';
import { expectAttached, expectDetached, otherHost, startedMovable } from './migrateSteps';

/** Events by which a driver tells its application of the link. */
export const linkEventClauses: readonly Clause[] = [
  clause({
    id: 'link/11',
    title: 'each change of the link is told once, with its state to read',
    level: 'SHOULD',
    section: '14',
    basis: 'reading',
    needs: ['link-events'],
    goal: 'An application that listens knows the link as well as one that asks',
    steps: [
      'start; let the host refuse a stop; stop; let it refuse a start; start',
      'detach, attach to another host; stop, and detach and attach again; start and close',
      'read the link at each event',
    ],
    requirement:
      'There is one event for each change of the link, whose new state can be read by then, and none without a change',
    note: 'RTE_ETH_EVENT_INTR_LSC tells an application of a change of the link, which it then reads with rte_eth_link_get_nowait(). That there is exactly one event for a change, and that an event of a migration may stand for it, are rules of this project. net_avp offers no such event.',
    run: async (t) => {
      const { nic, port } = await startedMovable(t);
      const wanted = [true];
      const expectTold = async (what: string): Promise<void> => {
        const events = await port.linkEvents();
        const before = (index: number): boolean => events[index - 1]?.up ?? false;
        const told = events.filter(({ up }, index) => up !== before(index)).map(({ up }) => up);
        t.expect.equal(`changes of the link as told after ${what}`, told, wanted);
        const idle = events.filter(({ isChange, up }, index) => isChange && up === before(index)).length;
        t.expect.equal(`events of a change that change nothing, after ${what}`, idle, 0);
      };
      const expectBoth = async (what: string): Promise<void> => {
        await expectTold(what);
        t.expect.equal(`link after ${what}`, (await port.link()).up, wanted.at(-1));
      };
      await expectBoth('start');
      nic.answerNext({ result: -5 });
      expectRefused(t, 'stop that the host refuses', await port.stop());
      await expectBoth('a refused stop');
      await t.must('stop', port.stop());
      wanted.push(false);
      await expectBoth('stop');
      nic.answerNext({ result: -5 });
      expectRefused(t, 'start that the host refuses', await port.start());
      await expectBoth('a refused start');
      await t.must('start', port.start());
      wanted.push(true);
      await expectBoth('the next start');
      await expectDetached(t, nic);
      wanted.push(false);
      await expectBoth('detach');
      nic.replaceHost(otherHost(t, nic));
      await expectAttached(t, nic);
      wanted.push(true);
      await expectBoth('attach');
      await t.must('stop', port.stop());
      wanted.push(false);
      await expectDetached(t, nic);
      await expectAttached(t, nic);
      await expectBoth('a migration of a stopped port');
      await t.must('start', port.start());
      wanted.push(true);
      await expectBoth('the last start');
      await t.must('close', port.close());
      wanted.push(false);
      await expectTold('close');
    },
  }),
];
