import koffi from 'koffi';
import { writeBytes } from '#mem';
import type { AvpDevice } from '../../emulator';
import { allocShare } from '../../emulator/device/memory/hostBlock';
import { allocate, release } from '../../shared/arena';
import { DESC_ALIGN_BYTES, DESC_BYTES, MAX_PACKET_BYTES } from '../../shared/loops/layout';
import { bytes8, words32 } from '../../shared/mem/memory';
import { BOTH } from '../../shared/loops/rights';

/** Bits of a mode, which says what the network behind a C host does with frames. */
export const REFLECT = 1;
export const SOURCE = 2;
export const SINK = 4;
/** Frames that a C host moves in one direction of a queue pair in a round. */
export const C_HOST_BURST = 64;

const NS_PER_MS = 1_000_000;
const NO_LIMIT = Number.MAX_SAFE_INTEGER;
/** Offset of the frame in the control block, which begins with the word that ends a run. */
const FRAME_OFFSET = 64;

/** Frames that a run has moved. */
export interface CHostReport {
  readonly fromGuest: number;
  readonly toGuest: number;
  readonly refused: number;
  /** Reflected frames for which rx had no room. */
  readonly dropped: number;
  readonly ns: number;
}

export interface CHostRun {
  /** `REFLECT`, `SOURCE`, `SINK` or a sum of these. */
  readonly mode: number;
  /** Frame that a source sends. */
  readonly frame?: Uint8Array;
  /** CPU to run on; any CPU where it is left out. */
  readonly cpu?: number;
  readonly rounds?: number;
  readonly durationMs?: number;
}

interface RawReport {
  readonly from_guest: number;
  readonly to_guest: number;
  readonly refused: number;
  readonly dropped: number;
  readonly ns: number;
}

type RunArguments = readonly [
  hosts: readonly unknown[],
  count: number,
  mode: number,
  frame: number,
  bytes: number,
  cpu: number,
  rounds: number,
  ns: number,
  stop: number,
  report: object,
];

interface Functions {
  readonly openPool: (arena: number, settings: object) => unknown;
  readonly closePool: (pool: unknown) => void;
  readonly deal: (pool: unknown, hosts: readonly unknown[], count: number) => void;
  readonly open: (pool: unknown, settings: object) => unknown;
  readonly close: (host: unknown) => void;
  readonly run: ((...args: RunArguments) => void) & {
    readonly async: (...args: [...RunArguments, (error: Error | null) => void]) => void;
  };
}

let loaded: Functions | null = null;

function struct(name: string, u64s: readonly string[], u32s: readonly string[]): void {
  koffi.struct(name, {
    ...Object.fromEntries(u64s.map((field) => [field, 'uint64_t'])),
    ...Object.fromEntries(u32s.map((field) => [field, 'uint32_t'])),
  });
}

/** @param library path of the library built from `hostLoop.c`. */
function functionsOf(library: string): Functions {
  if (loaded !== null) return loaded;
  const ofPool = ['pool', 'first', 'stride', 'data_offset', 'buffers', 'mbuf_size', 'max_rx_pkt_len'];
  struct('c_host_pool', ['va'], ofPool);
  struct('c_host_queue', [], ['tx', 'rx', 'alloc', 'free', 'lend_limit']);
  struct('c_host_report', ['from_guest', 'to_guest', 'refused', 'dropped', 'ns'], []);
  const c = koffi.load(library);
  loaded = {
    openPool: c.func('void *pool_open(uintptr_t arena, const c_host_pool *settings)'),
    closePool: c.func('void pool_close(void *pool)'),
    deal: c.func('void pool_deal(void *pool, void **hosts, uint32_t count)'),
    open: c.func('void *host_open(void *pool, const c_host_queue *settings)'),
    close: c.func('void host_close(void *host)'),
    run: c.func(
      'void host_run(void **hosts, uint32_t count, uint32_t mode, uintptr_t frame, uint32_t bytes, int cpu, uint64_t rounds, uint64_t ns, uintptr_t stop, _Out_ c_host_report *report)',
    ) as unknown as Functions['run'],
  };
  return loaded;
}

function poolSettings({ inspect: { host } }: AvpDevice): object {
  const { settings } = host;
  if (settings.pools.length !== 1 || settings.dataGap !== 'fixed')
    throw new Error('a C host serves a device with one pool and a fixed gap before the data');
  return {
    ...{ va: host.run('pool0').va, pool: host.address('pool0') },
    ...{ first: DESC_ALIGN_BYTES, stride: host.bufferStride, data_offset: DESC_BYTES + settings.dataGapBytes },
    ...{ buffers: settings.pools[0]!.buffers, mbuf_size: settings.mbufSize, max_rx_pkt_len: settings.maxRxPacketBytes },
  };
}

function queueSettings({ inspect: { host } }: AvpDevice, queue: number, queues: number): object {
  return {
    ...Object.fromEntries(
      (['tx', 'rx', 'alloc', 'free'] as const).map((kind) => [kind, host.fifoAddress(kind, queue)]),
    ),
    lend_limit: Math.floor(allocShare(host.settings) / queues),
  };
}

function notNull(pointer: unknown): unknown {
  if (pointer === null) throw new Error('no memory for the C host');
  return pointer;
}

/**
 * A host in C (`hostLoop.c`) that replaces the own hosts of devices, for all queue pairs that their guests have
 * negotiated. From `open` on nobody may step the devices. Their counters and records of buffers are no longer updated.
 */
export class CHost {
  private readonly arena = Number(koffi.address(bytes8));
  private readonly control = allocate(FRAME_OFFSET + MAX_PACKET_BYTES, { rights: BOTH, label: 'C host' });

  private constructor(
    private readonly c: Functions,
    private readonly pools: readonly unknown[],
    private readonly hosts: readonly unknown[],
  ) {}

  /**
   * Takes over the rings as they are. The guests must not use them meanwhile. Each guest must have as many receive
   * queues as transmit queues.
   * @param library path of the library built from `hostLoop.c`.
   */
  static open(library: string, ...devices: readonly AvpDevice[]): CHost {
    const c = functionsOf(library);
    const pools: unknown[] = [];
    const all: unknown[] = [];
    for (const device of devices) {
      const { rxQueues: queues } = device.inspect.negotiated;
      const pool = notNull(c.openPool(Number(koffi.address(bytes8)), poolSettings(device)));
      const hosts = Array.from({ length: queues }, (_unused, queue) =>
        notNull(c.open(pool, queueSettings(device, queue, queues))),
      );
      c.deal(pool, hosts, queues);
      pools.push(pool);
      all.push(...hosts);
    }
    return new CHost(c, pools, all);
  }

  /** Serves the guest in this thread for a number of rounds or a time. */
  run(run: CHostRun): CHostReport {
    const report = {};
    this.c.run(...this.argumentsOf(run, report));
    return reportOf(report as RawReport);
  }

  /** Serves the guest in another thread until `stop`. One run at a time. */
  start(run: CHostRun): { stop(): Promise<CHostReport> } {
    const report = {};
    const args = this.argumentsOf(run, report);
    const ended = new Promise<CHostReport>((resolve, reject) =>
      this.c.run.async(...args, (error) => (error === null ? resolve(reportOf(report as RawReport)) : reject(error))),
    );
    return {
      stop: () => {
        Atomics.store(words32, this.control >>> 2, 1);
        return ended;
      },
    };
  }

  close(): void {
    this.hosts.forEach((host) => this.c.close(host));
    this.pools.forEach((pool) => this.c.closePool(pool));
    release(this.control);
  }

  private argumentsOf(
    { mode, frame = new Uint8Array(0), cpu = -1, rounds = NO_LIMIT, durationMs }: CHostRun,
    report: object,
  ): RunArguments {
    Atomics.store(words32, this.control >>> 2, 0);
    const at = this.control + FRAME_OFFSET;
    writeBytes(at, frame);
    const ns = durationMs === undefined ? NO_LIMIT : durationMs * NS_PER_MS;
    return [
      this.hosts,
      this.hosts.length,
      mode,
      this.arena + at,
      frame.length,
      cpu,
      rounds,
      ns,
      this.arena + this.control,
      report,
    ];
  }
}

function reportOf({ from_guest, to_guest, refused, dropped, ns }: RawReport): CHostReport {
  return {
    fromGuest: Number(from_guest),
    toGuest: Number(to_guest),
    refused: Number(refused),
    dropped: Number(dropped),
    ns: Number(ns),
  };
}
