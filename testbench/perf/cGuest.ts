import koffi from 'koffi';
import { mbufFree, MbufView, type Port } from '../../driver';
import type { AvpDevice } from '../../emulator';
import { bytes8 } from '../../shared/mem/memory';
import { SIMPLE_MAX_BYTES } from './cases';
import type { Application, ApplicationRun } from './application';
import type { StartedGuest } from './startedGuest';

const NS_PER_MS = 1_000_000;

interface RawReport {
  readonly bursts: number;
  readonly busy_ns: number;
  readonly total_ns: number;
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
  readonly run: (
    queues: readonly unknown[],
    count: number,
    io: number,
    burst: number,
    ns: number,
    report: object,
  ) => void;
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
    ...Object.fromEntries(['bursts', 'busy_ns', 'total_ns', 'received', 'sent'].map((name) => [name, 'uint64_t'])),
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

function queueSettings({ inspect: { host } }: AvpDevice, port: Port, queue: number): object {
  const { settings } = host;
  return {
    pool: host.address('pool0'),
    ...Object.fromEntries(
      (['tx', 'rx', 'alloc', 'free'] as const).map((kind) => [kind, host.fifoAddress(kind, queue)]),
    ),
    mbuf_size: settings.mbufSize,
    port: port.address,
    scattered: settings.maxRxPacketBytes > SIMPLE_MAX_BYTES ? 1 : 0,
    pool_va: host.run('pool0').va,
  };
}

/**
 * A guest in C (`driverLoop.c`) in the place of our driver: it has taken over the rings of its ports and all mbufs of
 * its mempool. It checks nothing. From `open` to `close` the ports must not be used.
 */
export class CGuest implements Application {
  private constructor(
    private readonly c: Functions,
    private readonly handles: Uint32Array,
    private readonly mbufs: unknown,
    private readonly queues: readonly unknown[],
  ) {}

  /** @param library path of the library built from `driverLoop.c`. */
  static open(library: string, guest: StartedGuest): CGuest {
    const c = functionsOf(library);
    const { pool } = guest;
    const handles = Uint32Array.from({ length: pool.available }, () => pool.alloc());
    const mbufs = c.mbufs(Number(koffi.address(bytes8)), handles, handles.length, pool.mbufBytes);
    const queues = guest.devices.flatMap((device, index) =>
      Array.from({ length: guest.queues }, (_unused, queue) =>
        c.open(mbufs, queueSettings(device, guest.ports[index]!, queue)),
      ),
    );
    return new CGuest(c, handles, mbufs, queues);
  }

  /** Receives up to `max` packets into `out`, as `Port.rxBurst` does; from the first port's first queue. */
  rxBurst(out: Uint32Array, max: number): number {
    return this.c.receive(this.queues[0], out, max);
  }

  /** Sends the first `n` of `mbufs`, as `Port.txBurst` does; to the same queue pair. */
  txBurst(mbufs: Uint32Array, n: number): number {
    return this.c.send(this.queues[0], mbufs, n);
  }

  async run(io: boolean, burst: number, durationMs: number): Promise<ApplicationRun> {
    const report = {};
    this.c.run(this.queues, this.queues.length, io ? 1 : 0, burst, durationMs * NS_PER_MS, report);
    const { bursts, busy_ns, total_ns, received, sent, clock_ns } = report as RawReport;
    return {
      busyNs: Number(busy_ns) - Number(bursts) * clock_ns,
      totalNs: Number(total_ns),
      received: Number(received),
      sent: Number(sent),
      bursts: Number(bursts),
      scavenges: null,
    };
  }

  /** Returns all mbufs to their mempool. */
  close(): void {
    this.queues.forEach((queue) => this.c.release(queue));
    this.c.release(this.mbufs);
    const view = new MbufView();
    for (const mbuf of this.handles) {
      // An mbuf that the C loop has freed may still point to another one.
      view.at(mbuf).next = 0;
      mbufFree(mbuf);
    }
  }
}
