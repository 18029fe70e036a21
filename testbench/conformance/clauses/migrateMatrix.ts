import type { NicSettings } from '../../targets/host';
import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import { Ledger } from './migrateLedger';
import { expectMoved, leaveOnTx, otherHost, startedMovable } from './migrateSteps';
import { goOn } from './steps';

/**
 * A destination of the matrix, described by what differs from the source: four queues in each direction,
 * 2,048-byte buffers.
 */
interface Destination {
  readonly number: number;
  readonly what: string;
  readonly faults: readonly string[];
  readonly note?: string;
  readonly settings: NicSettings;
}

const QUEUES = 4;
const TCI = 0x642;

const DESTINATIONS: readonly Destination[] = [
  { number: 42, what: 'as large as the source', faults: [], settings: {} },
  {
    number: 43,
    what: 'with fewer receive queues',
    faults: ['M5'],
    note: 'max_rx_queues in the header of the device is the most that a host supports, and the kernel driver asks for no more. That a host refuses more is a reading of this project. A driver that asks for more is either refused, and stays detached, or has queues without rings.',
    settings: { rxQueues: { max: 1 } },
  },
  {
    number: 44,
    what: 'with more queues',
    faults: ['M5', 'M9'],
    settings: { rxQueues: { min: 6, max: 8 }, txQueues: { max: 8 } },
  },
  { number: 45, what: 'with smaller buffers', faults: ['M4', 'M7'], settings: { mbufSize: 1_024 } },
  { number: 46, what: 'with larger buffers', faults: [], settings: { mbufSize: 4_096, pools: [{ buffers: 256 }] } },
  { number: 47, what: 'with a shorter map', faults: ['M3'], settings: { layout: { segments: 1 } } },
  { number: 48, what: 'with a longer map', faults: ['M3'], settings: { layout: { segments: 48, gaps: true } } },
];

const LOADS = ['idle', 'load to the guest', 'load from the guest'] as const;
type LoadKind = (typeof LOADS)[number];
const SHAPES = ['simple', 'scattered'] as const;
type Shape = (typeof SHAPES)[number];

/** Settings of the source host, spelled out so that a destination overrides them. */
const SOURCE: NicSettings = {
  rxQueues: { min: 1, max: QUEUES },
  txQueues: { max: QUEUES },
  mbufSize: 2_048,
  pools: [{ buffers: 512 }],
};

function hostOf(shape: Shape): NicSettings {
  return { ...SOURCE, maxRxPacketBytes: shape === 'simple' ? 1_518 : 9_238 };
}

function sizesOf(shape: Shape): readonly number[] {
  return shape === 'simple' ? [60, 512, 1_500] : [60, 1_500, 4_900];
}

/**
 * Leaves packets on the rings for the detach to find. Those on rx are lost with the source; the host still
 * drains those on tx.
 */
async function loadRings(
  t: ClauseContext,
  { nic }: Running,
  ledger: Ledger,
  load: LoadKind,
  sizes: readonly number[],
): Promise<void> {
  if (load === 'load to the guest') {
    await ledger.leaveOnRx(12, sizes);
  }
  if (load === 'load from the guest') {
    await t.settle();
    await leaveOnTx(t, nic, () => ledger.send(12, sizes));
  }
}

/** Passes traffic in both directions. Calls `expectReceived` before the guest sends. */
async function passTraffic(ledger: Ledger, sizes: readonly number[], expectReceived: () => void): Promise<void> {
  await ledger.deliver(9, sizes);
  await ledger.collect();
  expectReceived();
  await ledger.send(6, sizes);
  await ledger.collect();
}

/** Lists the loads that the target allows: whether the application leaves packets on rx, and on tx. */
function loadsOf(t: ClauseContext): readonly LoadKind[] {
  if (t.can('burst-choice')) return LOADS;
  return t.can('paused-bursts') ? ['idle', 'load to the guest'] : ['idle'];
}

/** Migrates to a host and back, with packets on the rings at each detach and traffic after each attach. */
async function migrateThereAndBack(
  t: ClauseContext,
  there: NicSettings,
  shape: Shape,
  vlan: boolean,
  load: LoadKind,
): Promise<void> {
  const label = `${shape}, VLAN ${vlan ? 'on' : 'off'}, ${load}`;
  const sizes = sizesOf(shape);
  const running = await startedMovable(t, {
    nic: hostOf(shape),
    rxQueues: 2,
    txQueues: 2,
    mtu: shape === 'simple' ? 1_500 : 9_000,
    vlanStrip: vlan,
    vlanInsert: vlan,
  });
  const { nic, port } = running;
  const ledger = new Ledger(t, running, 2, vlan ? TCI : null);
  // Packets on rx at a detach may be lost, and it is unknown when.
  const expectReceived = (): void => {
    if (load !== 'load to the guest')
      t.expect.equal(`${label}: frames lost on the way to the guest`, ledger.lost.toGuest, 0);
  };
  await passTraffic(ledger, sizes, expectReceived);
  for (const settings of [{ ...hostOf(shape), ...there }, hostOf(shape)]) {
    await loadRings(t, running, ledger, load, sizes);
    await expectMoved(t, nic, otherHost(t, nic, settings));
    await goOn(t, running);
    await passTraffic(ledger, sizes, expectReceived);
    t.expect.equal(`${label}: frames lost on the way from the guest`, ledger.lost.fromGuest, 0);
    await ledger.expectBalanced(label);
  }
  t.expect.that(
    `${label}: frames lost on the way to the guest`,
    ledger.lost.toGuest <= (load === 'load to the guest' ? 24 : 0),
    'those on rx at the detaches',
    ledger.lost.toGuest,
  );
  await t.must('close', port.close());
}

/** For each destination: {idle, load to the guest, load from the guest} x {simple, scattered} x {VLAN on, off}. */
export const migrateMatrixClauses: readonly Clause[] = DESTINATIONS.map(({ number, what, faults, note, settings }) =>
  clause({
    id: `migrate/${number}`,
    title: `a port goes there and back over a host ${what}`,
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    faults,
    ...(note === undefined ? {} : { note }),
    goal: 'Every combination of load, packet shape and VLAN offload comes through',
    steps: [
      `for idle and for load each way, simple and scattered, VLAN on and off: migrate to a host ${what}`,
      'pass traffic, and account for every frame',
      'migrate back, and do the same',
    ],
    requirement:
      'Nothing is delivered twice, corrupted or reordered within a flow, no buffer leaks, and all loss is counted by cause',
    timeLimitMs: 120_000,
    run: async (t) => {
      for (const shape of SHAPES)
        for (const vlan of [true, false])
          for (const load of loadsOf(t)) await migrateThereAndBack(t, settings, shape, vlan, load);
    },
  }),
);
