import {
  controlCounters,
  driverConstants,
  mbuf,
  mempool,
  migrationCounters,
  port,
  rxCounters,
  rxPair,
  rxQueue,
  txCounters,
  txQueue,
} from '../../../driver/abi/records';
import { fifoEnd } from '../../../shared/abi/records';
import type { Struct } from '../../../shared/abi/struct';
import type { AddressSpace } from './addressSpace';
import type { DriverIndex } from './rings';
import { StructView } from './structView';
import type { RingKind, Scalars } from './inspection';

/** State and counters of a queue of the driver. */
export interface QueueInspection {
  readonly state: Scalars;
  readonly counters: Readonly<Record<string, number>>;
}

/** The driver's record of a port. */
export interface PortInspection {
  /** Name of its device, null where the dump does not have it. */
  readonly device: string | null;
  /** BDF, as in `0000:00:03.0`. */
  readonly slot: string;
  /** `port.state` by name. */
  readonly state: string;
  /** Names of the bits set in `port.blocked`, which are the reasons why bursts do nothing. */
  readonly blocked: readonly string[];
  readonly fields: Scalars;
  readonly counters: Readonly<Record<string, number>>;
  readonly rxQueues: readonly QueueInspection[];
  readonly txQueues: readonly QueueInspection[];
}

/** An mbuf in use. */
interface MbufInspection {
  readonly address: number;
  readonly next: number;
  readonly data_len: number;
  readonly pkt_len: number;
  readonly nb_segs: number;
}

/** A pool of mbufs. */
export interface MempoolInspection {
  readonly label: string;
  readonly size: number;
  readonly available: number;
  readonly inUse: readonly MbufInspection[];
  /** Contradiction in the pool; null if there is none. */
  readonly problem: string | null;
}

/** Names of the matching constants, without their prefix and in lower case. */
function namesOf(prefix: string, value: number, matches: (value: number, constant: number) => boolean): string[] {
  return Object.entries(driverConstants)
    .filter(([name, constant]) => name.startsWith(prefix) && matches(value, constant))
    .map(([name]) => name.slice(prefix.length).toLowerCase());
}

/** Reads the driver's record of one port, with its private ring indices. */
export class DriverPort {
  private constructor(
    private readonly device: string | null,
    private readonly bdf: string,
    private readonly view: StructView,
  ) {}

  static at(space: AddressSpace, device: string | null, bdf: string, address: number): DriverPort | null {
    const view = StructView.of(port, space.bytesAt(address, port.bytes));
    return view === null ? null : new DriverPort(device, bdf, view);
  }

  /** The driver's private index of its end of a ring. */
  readonly index: DriverIndex = (kind, queue) => {
    const end = this.end(kind, queue);
    return end === null || end.number('base') === 0 ? null : end.number('index');
  };

  private end(kind: RingKind, queue: number): StructView | null {
    const { view } = this;
    if (kind === 'req' || kind === 'resp') return view.inner(kind, fifoEnd);
    const receives = kind === 'rx' || kind === 'free';
    const name = receives ? 'rx_pair' : 'tx_queue';
    const struct = receives ? rxPair : txQueue;
    const most = port.fields.find((field) => field.name === name)!.count;
    return queue < most ? view.inner(name, struct, queue).inner(kind, fifoEnd) : null;
  }

  inspect(): PortInspection {
    const { device, bdf, view } = this;
    const counters = {
      ...view.inner('counters', controlCounters).counters(),
      ...prefixed('migration_', view.inner('migrations', migrationCounters).counters()),
    };
    return {
      device,
      slot: bdf,
      state: namesOf('STATE_', view.number('state'), (value, constant) => value === constant)[0] ?? 'unknown',
      blocked: namesOf('BLOCKED_', view.number('blocked'), (value, constant) => (value & constant) !== 0),
      fields: view.scalars(),
      counters,
      rxQueues: this.queues('rx_queue', rxQueue, rxCounters),
      txQueues: this.queues('tx_queue', txQueue, txCounters),
    };
  }

  /** The configured queues, and further ones up to the last with a nonzero counter. */
  private queues(name: 'rx_queue' | 'tx_queue', struct: Struct, counted: Struct): QueueInspection[] {
    const most = port.fields.find((field) => field.name === name)!.count;
    const all = Array.from({ length: most }, (_unused, queue) => {
      const inner = this.view.inner(name, struct, queue);
      return { state: inner.scalars(), counters: inner.inner('counters', counted).counters() };
    });
    const configured = this.view.number(`${name}s`);
    return all.slice(
      0,
      Math.max(configured, all.findLastIndex(({ counters }) => Object.keys(counters).length > 0) + 1),
    );
  }
}

function prefixed(prefix: string, counters: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).map(([name, value]) => [`${prefix}${name}`, value]));
}

/** Lists the mbufs of a pool that are in use. */
export function inspectMempool(space: AddressSpace, label: string, address: number): MempoolInspection {
  const head = StructView.of(mempool, space.bytesAt(address, mempool.bytes));
  const nothing = { label, size: 0, available: 0, inUse: [] };
  if (head === null) return { ...nothing, problem: 'it is not within the memory' };
  const [size, available, first, stride] = [
    head.number('size'),
    head.number('available'),
    head.number('first'),
    head.number('stride'),
  ];
  const all = space.bytesAt(first, size * stride);
  if (all === null || stride < mbuf.bytes)
    return { ...nothing, size, available, problem: `${size} mbufs of ${stride} bytes do not fit in` };
  const inUse: MbufInspection[] = [];
  for (let index = 0; index < size; index++) {
    const view = StructView.of(mbuf, all, index * stride)!;
    if (view.number('refcnt') === 0) continue;
    const [next, data_len, pkt_len, nb_segs] = [
      view.number('next'),
      view.number('data_len'),
      view.number('pkt_len'),
      view.number('nb_segs'),
    ];
    inUse.push({ address: first + index * stride, next, data_len, pkt_len, nb_segs });
  }
  const problem =
    size - available === inUse.length
      ? null
      : `${size - available} of ${size} are not available, and ${inUse.length} are marked as in use`;
  return { label, size, available, inUse, problem };
}
