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
  host: unknown,
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
  readonly open: (arena: number, settings: object) => unknown;
  readonly close: (host: unknown) => void;
  readonly run: ((...args: RunArguments) => void) & {
    readonly async: (...args: [...RunArguments, (error: Error | null) => void]) => void;
  };
}

let loaded: Functions | null = null;

/** @param library path of the library built from `hostLoop.c`. */
function functionsOf(library: string): Functions {
  if (loaded !== null) return loaded;
  const u32s = [
    'pool',
    'tx',
    'rx',
    'alloc',
    'free',
    'first',
    'stride',
    'data_offset',
    'buffers',
    'mbuf_size',
    'max_rx_pkt_len',
    'lend_limit',
  ];
  koffi.struct('c_host_settings', {
    ...Object.fromEntries(u32s.map((name) => [name, 'uint32_t'])),
    pool_va: 'uint64_t',
  });
  koffi.struct(
    'c_host_report',
    Object.fromEntries(['from_guest', 'to_guest', 'refused', 'dropped', 'ns'].map((name) => [name, 'uint64_t'])),
  );
  const c = koffi.load(library);
  loaded = {
    open: c.func('void *host_open(uintptr_t arena, const c_host_settings *settings)'),
    close: c.func('void host_close(void *host)'),
    run: c.func(
      'void host_run(void *host, uint32_t mode, uintptr_t frame, uint32_t bytes, int cpu, uint64_t rounds, uint64_t ns, uintptr_t stop, _Out_ c_host_report *report)',
    ) as unknown as Functions['run'],
  };
  return loaded;
}

function settingsOf({ inspect: { host } }: AvpDevice): object {
  const { settings } = host;
  if (settings.pools.length !== 1 || settings.dataGap !== 'fixed')
    throw new Error('a C host serves a device with one pool and a fixed gap before the data');
  return {
    pool: host.address('pool0'),
    ...Object.fromEntries((['tx', 'rx', 'alloc', 'free'] as const).map((kind) => [kind, host.fifoAddress(kind, 0)])),
    ...{ first: DESC_ALIGN_BYTES, stride: host.bufferStride, data_offset: DESC_BYTES + settings.dataGapBytes },
    ...{ buffers: settings.pools[0]!.buffers, mbuf_size: settings.mbufSize, max_rx_pkt_len: settings.maxRxPacketBytes },
    ...{ lend_limit: allocShare(settings), pool_va: host.run('pool0').va },
  };
}

/**
 * A host in C (`hostLoop.c`) that replaces a device's own host, for the first queue pair. From `open`
 * on nobody may step the device. Its counters and its records of buffers are no longer updated.
 */
export class CHost {
  private readonly arena = Number(koffi.address(bytes8));
  private readonly control = allocate(FRAME_OFFSET + MAX_PACKET_BYTES, { rights: BOTH, label: 'C host' });

  private constructor(
    private readonly c: Functions,
    private readonly host: unknown,
  ) {}

  /**
   * Takes over the rings as they are. The guest must not use them meanwhile.
   * @param library path of the library built from `hostLoop.c`.
   */
  static open(library: string, device: AvpDevice): CHost {
    const c = functionsOf(library);
    const host = c.open(Number(koffi.address(bytes8)), settingsOf(device));
    if (host === null) throw new Error('no memory for the C host');
    return new CHost(c, host);
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
    this.c.close(this.host);
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
    return [this.host, mode, this.arena + at, frame.length, cpu, rounds, ns, this.arena + this.control, report];
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
