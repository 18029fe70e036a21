import { expect } from 'chai';
import { load32, readBytes } from '#mem';
import type { DeviceStats, HostMemory } from '../../../../emulator';
import { bufferAt } from '../../../../emulator/device/loops/buffers';
import { loadHostBufferDesc } from '../../../../emulator/device/loops/records';
import { asGuest, asHost } from '../../../../shared/actors';
import {
  BAR_DEVICE,
  BAR_DEVICE_BYTES,
  BAR_MEMMAP,
  FIFO_BYTES,
  FIFO_ELEM_BYTES,
  loadDescNbSegs,
  loadFifoLen,
  loadFifoRead,
  loadFifoWrite,
} from '../../../../shared/loops/layout';
import type { FaultOrder, FaultReport } from '../../../../testbench/api/faults';
import type { MigrationReport, TrafficTotals } from '../../../../testbench/api/result';
import { FAULTS, type FaultName } from '../../../../testbench/faults/registry';
import type { InlineBench } from '../../../../testbench/inline/bench';
import { runScenario } from '../../../../testbench/run/runScenario';
import { scenario } from '../../../../testbench/run/scenario';

const FRAMES = 96;
/** Bytes of the memory map that a small host describes. */
const MAP_BYTES = 256;
const SETTINGS = {
  fifoSlots: { tx: 64, rx: 64, alloc: 64, free: 64 },
  pools: [{ buffers: 256 }],
  rxQueues: { max: 2 },
  txQueues: { max: 2 },
  memoryBarBytes: 1 << 22,
  rxSegmentBytes: 512,
} as const;
const NIC = { network: 'lan', model: 'avp', settings: SETTINGS } as const;

/** Everything that can be seen of a run: from its application, its driver, its host and its network. */
export interface Observation {
  /** Why an instance did not boot, '' if both did. */
  boot: string;
  /** Why the driver refused the device at its probe, '' if it did not. */
  probe: string;
  /** Device info and memory map as the guest finds them after the boot. */
  described: string;
  migration: MigrationReport | null;
  /** Frames that arrived before the migration and after it. */
  arrived: readonly [number, number];
  totals: TrafficTotals | null;
  /** The driver's counters of the port of `vm`. */
  xstats: Readonly<Record<string, number>>;
  host: DeviceStats | null;
  /** For each request of `vm` how many answers it got. */
  answers: readonly number[];
  /** Times of the answers after the requests. */
  answerMs: readonly number[];
  events: readonly string[];
  /** Segments that the descriptors of lent buffers claim, together. */
  lentSegments: number;
  /** Registers as the guest reads them at the end: mask, interrupt status and migration status. */
  registers: readonly number[];
  /** The most frames that ever waited for the driver of `vm`. */
  waiting: number;
  /** Virtual time of the run. */
  ms: number;
  /** Expectations of the bench that failed, and the error that ended the run. */
  details: readonly string[];
  faults: readonly FaultReport[];
}

async function watchRun(bench: InlineBench, seen: Observation): Promise<void> {
  const nodes = [bench.computeNode('a'), bench.computeNode('b')] as const;
  bench.expect('the run begins', true);
  const boot = (name: string): ReturnType<(typeof nodes)[0]['boot']> | null => {
    try {
      return nodes[0].boot(name, [NIC]);
    } catch (error) {
      seen.boot = String(error);
      return null;
    }
  };
  const vm = boot('vm');
  const { bus, nics } = nodes[0].machines[0]!;
  seen.probe = String(bus.listing()[0]!.error ?? '');
  const device = nics[0]!.device!;
  asGuest(() => {
    const { function: pci } = device;
    const bytes = (bar: number, count: number): string =>
      pci.barAddress(bar) === 0 ? 'none' : Buffer.from(readBytes(pci.barAddress(bar), count)).toString('hex');
    seen.described =
      JSON.stringify(pci.identity) + bytes(BAR_DEVICE, Math.min(512, BAR_DEVICE_BYTES)) + bytes(BAR_MEMMAP, MAP_BYTES);
  });
  const peer = boot('peer');
  const port = vm?.ports[0];
  const other = peer?.ports[0];
  if (vm === null || port === undefined || other === undefined) return;
  bench.clock.onStep(() => (seen.waiting = Math.max(seen.waiting, port.waiting)));
  const exchange = async (): Promise<number> => {
    const loads = [bench.startLoad(port, other, { frames: FRAMES }), bench.startLoad(other, port, { frames: FRAMES })];
    await bench.runFor(60);
    for (const load of loads) load.stop();
    await bench.settle();
    return loads.reduce((sum, load) => sum + load.report().delivered, 0);
  };
  const before = await exchange();
  seen.arrived = [before, 0];
  seen.migration = await bench.migrate(vm, nodes[1], { destination: { mbufSize: 1_024 } });
  seen.arrived = [before, await exchange()];
  const { inspect } = device;
  seen.xstats = port.driver.xstatsGet();
  seen.host = inspect.stats();
  seen.answers = inspect.requests.map(({ answeredAtMs }) => answeredAtMs.length);
  seen.answerMs = inspect.requests.flatMap(({ takenAtMs, answeredAtMs }) => answeredAtMs.map((at) => at - takenAtMs));
  seen.events = port.events.map(({ event }) => event);
  seen.registers = asGuest(() => [0, 4, 8].map((offset) => device.function.read32(0, offset)));
  seen.lentSegments = asHost(() => lentSegments(inspect.host));
  seen.totals = bench.traffic();
  bench.checkTraffic();
}

function lentSegments(host: HostMemory): number {
  const alloc = host.fifoAddress('alloc', 0);
  let segments = 0;
  for (let at = loadFifoRead(alloc); at !== loadFifoWrite(alloc); at = (at + 1) % loadFifoLen(alloc)) {
    const slot = alloc + FIFO_BYTES + FIFO_ELEM_BYTES * at;
    segments += loadDescNbSegs(loadHostBufferDesc(bufferAt(host.port, load32(slot), load32(slot + 4))));
  }
  return segments;
}

/** Runs two instances with traffic and a migration, with some faults, and tells what was seen. */
export async function observe(faults: readonly FaultOrder[] = []): Promise<Observation> {
  const seen: Observation = {
    boot: '',
    probe: '',
    described: '',
    migration: null,
    arrived: [0, 0],
    totals: null,
    xstats: {},
    host: null,
    answers: [],
    answerMs: [],
    events: [],
    lentSegments: 0,
    registers: [],
    waiting: 0,
    ms: 0,
    details: [],
    faults: [],
  };
  const observed = scenario({ name: 'observed', about: 'for tests' }, async (bench) => {
    try {
      await watchRun(bench, seen);
    } finally {
      seen.ms = bench.nowMs;
    }
  });
  const { result, details } = await runScenario(observed, { seed: 3, settings: new Map(), record: false, faults });
  seen.details = details;
  seen.faults = result.faults ?? [];
  return seen;
}

/** Proof that a fault has an effect. */
export interface Proof {
  /** Parameters of the fault, in the form that a script uses. */
  readonly with?: Readonly<Record<string, unknown>>;
  /** True of the run with the fault, false of the one without. */
  readonly shows: (seen: Observation) => boolean;
}

export type Proofs<C extends string> = Readonly<Record<Extract<FaultName, `${C}.${string}`>, Proof>>;

/** Makes a test for each fault of a class: it fires, and what it does is seen, and is not seen without it. */
export function proveFaults<C extends string>(kind: C, proofs: Proofs<C>): void {
  describe(`faults of class ${kind}`, function () {
    this.timeout(60_000);
    let plain: Observation;
    before(async () => {
      plain = await observe();
      expect(plain.details, 'the run without a fault passes').to.deep.equal([]);
    });

    it('are all proven', () => {
      const known = Object.keys(FAULTS).filter((name) => name.startsWith(`${kind}.`));
      expect(Object.keys(proofs).sort()).to.deep.equal(known.sort());
    });

    for (const [name, proof] of Object.entries<Proof>(proofs))
      it(`${name} has an effect`, async () => {
        expect(proof.shows(plain), 'seen without the fault').to.equal(false);
        const seen = await observe([{ name, parameters: { nic: 'vm.nic0', ...proof.with } }]);
        expect(seen.faults[0]!.fired, 'times that it has struck').to.be.above(0);
        const { described: _described, ...short } = seen;
        expect(
          proof.shows(seen),
          JSON.stringify(short, (_key, v: unknown) => (typeof v === 'bigint' ? `${v}` : v)),
        ).to.equal(true);
      });
  });
}
