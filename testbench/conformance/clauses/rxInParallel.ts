import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import type { PortBursts } from '../../targets/target';
import { expectMoved, movable, otherHost } from './migrateSteps';

/** Frames of a burst. */
const FRAMES = 3;
const FRAME_BYTES = 3_000;
/** More accesses than a burst of these frames makes. */
const MAX_ACCESSES = 2_000;
/** Flows to try, so that there is one for each of two queues. */
const FLOWS = 16;

/** Returns a flow that the host puts on each of the first two queues. */
async function flowsOfQueues(t: ClauseContext, { nic, port }: Running): Promise<[number, number]> {
  const found: [number, number] = [-1, -1];
  for (let flow = 0; flow < FLOWS && found.includes(-1); flow++) {
    nic.deliver(t.flowFrameTo(nic, 100, flow));
    for (const queue of [0, 1]) if ((await t.drain(port, queue)).length > 0) found[queue] = flow;
  }
  if (found.includes(-1)) throw new Error(`none of ${FLOWS} flows comes to one of the two queues`);
  return found;
}

/** Work that the bench does in the middle of a burst, beside the burst of the second thread. */
type Meanwhile = (running: Running, access: number) => void;

/** Calls that wait for no burst, as a control thread makes them. */
const controlCalls: Meanwhile = ({ port }, access) => {
  void port.setPromiscuous(access % 2 === 0);
  void port.stats();
  void port.link();
  void port.resetStats();
};

/** Receives on both queues: the second thread polls within the burst of the first one. True while there is such an access. */
async function receiveInParallel(
  t: ClauseContext,
  running: Running,
  second: PortBursts,
  flows: readonly [number, number],
  access: number,
  meanwhile: Meanwhile,
): Promise<boolean> {
  const { nic, port } = running;
  const sent = flows.map((flow) => Array.from({ length: FRAMES }, () => t.flowFrameTo(nic, FRAME_BYTES, flow)));
  for (const frame of sent.flat()) nic.deliver(frame);
  await t.settle();
  const got: [Uint8Array[], Uint8Array[]] = [[], []];
  let polled: Promise<unknown> = Promise.resolve();
  const turned = await t.host.insideBurst(
    nic,
    access,
    async () => got[0].push(...(await port.receive(0, 32)).map(({ bytes }) => bytes)),
    () => {
      polled = second.receive(1, 32).then((burst) => got[1].push(...burst.map(({ bytes }) => bytes)));
      meanwhile(running, access);
    },
  );
  await polled;
  if (!turned) got[1].push(...(await second.receive(1, 32)).map(({ bytes }) => bytes));
  for (const queue of [0, 1] as const) t.expect.frames(`queue ${queue}, access ${access}`, got[queue], sent[queue]!);
  return turned;
}

/** Sends on both queues: the second thread sends within the burst of the first one. True while there is such an access. */
async function sendInParallel(
  t: ClauseContext,
  running: Running,
  second: PortBursts,
  access: number,
  meanwhile: Meanwhile,
): Promise<boolean> {
  const { nic, port } = running;
  const frames = [0, 1].map(() => Array.from({ length: FRAMES }, () => t.frameFrom(nic, FRAME_BYTES)));
  const [mine, its] = frames.map((all) => all.map((bytes) => ({ bytes }))) as [
    { bytes: Uint8Array }[],
    { bytes: Uint8Array }[],
  ];
  nic.taken();
  let other: Promise<number> = Promise.resolve(0);
  let taken = 0;
  const turned = await t.host.insideBurst(
    nic,
    access,
    async () => (taken = await port.send(0, mine)),
    () => {
      other = second.send(1, its);
      meanwhile(running, access);
    },
  );
  if (!turned) other = second.send(1, its);
  t.expect.equal(`taken, access ${access}`, [taken, await other], [FRAMES, FRAMES]);
  await t.settle();
  const first = (frame: Uint8Array): boolean => mine.some(({ bytes }) => Buffer.compare(bytes, frame) === 0);
  const sent = nic.taken();
  t.expect.frames(`on the network of queue 0, access ${access}`, sent.filter(first), frames[0]!);
  t.expect.frames(
    `on the network of queue 1, access ${access}`,
    sent.filter((frame) => !first(frame)),
    frames[1]!,
  );
  return turned;
}

/** Makes bursts of two threads, each within the other thread's burst, on one host and then on another. */
async function runInParallel(
  t: ClauseContext,
  meanwhile: Meanwhile,
  between: (running: Running, host: number) => Promise<void>,
): Promise<void> {
  const queues = { rxQueues: { min: 2, max: 2 }, txQueues: { min: 2, max: 2 } };
  const running = await t.started({ nic: movable(queues), rxQueues: 2, txQueues: 2 });
  const { nic, port } = running;
  const second = await port.secondThread();
  for (const host of [0, 1]) {
    if (host > 0) await expectMoved(t, nic, otherHost(t, nic));
    const flows = await flowsOfQueues(t, running);
    for (let access = 1; access <= MAX_ACCESSES; access++)
      if (!(await receiveInParallel(t, running, second, flows, access, meanwhile))) break;
    await between(running, host);
    for (let access = 1; access <= MAX_ACCESSES; access++)
      if (!(await sendInParallel(t, running, second, access, meanwhile))) break;
  }
  await second.leave();
  await t.expectTraffic(running);
  if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
}

/** Bursts of several threads at once. */
export const rxInParallelClauses: readonly Clause[] = [
  clause({
    id: 'rx/30',
    title: 'two threads make bursts on queues of their own',
    level: 'MUST',
    section: '11',
    basis: 'ethdev',
    needs: ['second-thread', 'queue-choice', 'turn-inside-burst'],
    goal: 'What one thread does on its queue is not seen on the queue of the other',
    steps: [
      'configure two queues each way; a second thread makes bursts on queue 1',
      'let it receive and send within a burst of the first thread on queue 0, at each of its accesses',
      'migrate, and do so again; the second thread ends, and the first one goes on',
    ],
    requirement: 'Bursts on different queues do not affect each other, whenever each of them runs',
    note: 'rte_ethdev.h on the receive function of a driver: "this function can be invoked in parallel by different logical cores on different Rx queues"; the same holds of the transmit function.',
    timeLimitMs: 240_000,
    run: (t) =>
      runInParallel(
        t,
        () => {},
        async () => {},
      ),
  }),
  clause({
    id: 'rx/31',
    title: 'settings and statistics may change beside the bursts of two threads',
    level: 'SHOULD',
    section: '14',
    basis: 'reading',
    needs: ['second-thread', 'queue-choice', 'turn-inside-burst'],
    goal: 'An application need not stop its bursts to look at a port',
    steps: [
      'make bursts of two threads as in rx/30',
      'within a burst change promiscuous mode, read link and statistics, and reset them',
      'change VLAN offload between the bursts',
    ],
    requirement: 'Link, statistics and promiscuous calls never wait for a burst, and do not affect it',
    note: 'rte_ethdev.h leaves it to the application not to work on the same object from two threads. That a port and its queues are different objects in this sense is a rule of this project.',
    timeLimitMs: 240_000,
    run: (t) =>
      runInParallel(t, controlCalls, async ({ port }, host) => {
        const changed = await port.setVlanOffload({ strip: host === 0, insert: false });
        t.expect.success('VLAN change between bursts', changed);
      }),
  }),
];
