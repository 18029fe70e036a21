import koffi from 'koffi';
import { mbufFree, MbufView } from '../../driver';
import { bytes8 } from '../../shared/mem/memory';
import { SIMPLE_MAX_BYTES } from './cases';
import type { StartedGuest } from './startedGuest';

const NS_PER_MS = 1_000_000;

/** What an application in C has seen of its run. */
export interface CGuestReport {
  /** Bursts that had packets. */
  readonly bursts: number;
  /** Time of those bursts, without the time that reading the clock took. */
  readonly busyNs: number;
  readonly received: number;
  readonly sent: number;
}

interface RawReport {
  readonly bursts: number;
  readonly busy_ns: number;
  readonly received: number;
  readonly sent: number;
  readonly clock_ns: number;
}

interface Functions {
  readonly mbufs: (arena: number, addresses: Uint32Array, count: number, dataBytes: number) => unknown;
  readonly open: (mbufs: unknown, settings: object) => unknown;
  readonly release: (memory: unknown) => void;
  readonly receive: (queue: unknown, out: Uint32Array, limit: number) => number;
  readonly send: (queue: unknown, packets: Uint32Array, count: number) => number;
  readonly run: (queues: unknown[], count: number, io: number, burst: number, ns: number, report: object) => void;
}

const loaded = new Map<string, Functions>();

/** Tells koffi of the structures; it takes each name once. */
function declareTypes(): void {
  const u32s = ['pool', 'tx', 'rx', 'alloc', 'free', 'mbuf_size', 'port', 'scattered'];
  koffi.struct('c_guest_settings', {
    ...Object.fromEntries(u32s.map((name) => [name, 'uint32_t'])),
    pool_va: 'uint64_t',
  });
  koffi.struct('c_guest_report', {
    ...Object.fromEntries(['bursts', 'busy_ns', 'received', 'sent'].map((name) => [name, 'uint64_t'])),
    clock_ns: 'double',
  });
}

/** @param library path of the library built from `driverLoop.c`. */
function functionsOf(library: string): Functions {
  const known = loaded.get(library);
  if (known !== undefined) return known;
  if (loaded.size === 0) declareTypes();
  const c = koffi.load(library);
  const functions = {
    mbufs: c.func('void *guest_mbufs(uintptr_t arena, const uint32_t *addresses, uint32_t count, uint32_t data_bytes)'),
    open: c.func('void *guest_open(void *mbufs, const c_guest_settings *settings)'),
    release: c.func('void guest_release(void *memory)'),
    receive: c.func('uint32_t guest_receive(void *queue, _Out_ uint32_t *out, uint32_t limit)'),
    send: c.func('uint32_t guest_send(void *queue, const uint32_t *packets, uint32_t count)'),
    run: c.func(
      'void guest_run(void **queues, uint32_t count, int io, uint32_t burst, uint64_t ns, _Out_ c_guest_report *report)',
    ),
  } as unknown as Functions;
  loaded.set(library, functions);
  return functions;
}

/**
 * A guest in C (`driverLoop.c`) in the place of our driver: it has taken over the driver's rings and all mbufs of
 * its mempool. It checks nothing. From `open` to `close` the port must not be used.
 */
export class CGuest {
  private constructor(
    private readonly c: Functions,
    private readonly handles: Uint32Array,
    private readonly mbufs: unknown,
    private readonly queue: unknown,
  ) {}

  /** @param library path of the library built from `driverLoop.c`. */
  static open(library: string, { device, port, pool }: StartedGuest): CGuest {
    const c = functionsOf(library);
    const handles = Uint32Array.from({ length: pool.available }, () => pool.alloc());
    const mbufs = c.mbufs(Number(koffi.address(bytes8)), handles, handles.length, pool.mbufBytes);
    const { host } = device.inspect;
    const { settings } = host;
    const queue = c.open(mbufs, {
      pool: host.address('pool0'),
      ...Object.fromEntries((['tx', 'rx', 'alloc', 'free'] as const).map((kind) => [kind, host.fifoAddress(kind, 0)])),
      mbuf_size: settings.mbufSize,
      port: port.address,
      scattered: settings.maxRxPacketBytes > SIMPLE_MAX_BYTES ? 1 : 0,
      pool_va: host.run('pool0').va,
    });
    return new CGuest(c, handles, mbufs, queue);
  }

  /** Receives up to `max` packets into `out`, as `Port.rxBurst` does. */
  rxBurst(out: Uint32Array, max: number): number {
    return this.c.receive(this.queue, out, max);
  }

  /** Sends the first `n` of `mbufs`, as `Port.txBurst` does. */
  txBurst(mbufs: Uint32Array, n: number): number {
    return this.c.send(this.queue, mbufs, n);
  }

  /** Runs an application that drops its packets, or sends them back (`io`). */
  run(io: boolean, burst: number, durationMs: number): CGuestReport {
    const report = {};
    this.c.run([this.queue], 1, io ? 1 : 0, burst, durationMs * NS_PER_MS, report);
    const { bursts, busy_ns, received, sent, clock_ns } = report as RawReport;
    return {
      bursts: Number(bursts),
      busyNs: Number(busy_ns) - Number(bursts) * clock_ns,
      received: Number(received),
      sent: Number(sent),
    };
  }

  /** Returns all mbufs to their mempool. */
  close(): void {
    this.c.release(this.queue);
    this.c.release(this.mbufs);
    const view = new MbufView();
    for (const mbuf of this.handles) {
      // What the C loop has freed may still lead to another one.
      view.at(mbuf).next = 0;
      mbufFree(mbuf);
    }
  }
}
