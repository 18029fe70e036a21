/** Faults of packet buffers (section 7): fields of the descriptors on rx and alloc that are wrong. */
import type { AvpDevice } from '../../../emulator';
import { bufferAt } from '../../../emulator/device/loops/buffers';
import {
  loadHostBufferChain,
  loadHostBufferDesc,
  loadHostBufferDescHi,
  loadHostBufferDescLo,
} from '../../../emulator/device/loops/records';
import { load32 } from '#mem';
import { asHost } from '../../../shared/actors';
import { FIFO_BYTES, FIFO_ELEM_BYTES, loadFifoLen } from '../../../shared/loops/layout';
import type { Random } from '../../../shared/random';
import type { z } from 'zod';
import { decorate } from '../decorate';
import { type Fault, fault } from '../fault';
import { whole, word } from '../values';
import { type Ring, ringState } from './rings';

/** An address beyond every pool. */
const FAR = 1n << 46n;
const OPERATION = 'packet that the host has put on rx';

/** A chain of buffers that the guest has not taken yet. */
interface Chain {
  /** Position on the ring, counted from the entry that the guest takes next. */
  readonly index: number;
  /** Virtual addresses of its descriptors. */
  readonly descs: readonly bigint[];
}

/** Reads a chain from the host's own records, which no guest can write. */
function chainAt(device: AvpDevice, ring: Ring, queue: number, slot: number, index: number): Chain | null {
  return asHost(() => {
    const { host } = device.inspect;
    const at = host.fifoAddress(ring, queue) + FIFO_BYTES + FIFO_ELEM_BYTES * slot;
    const descs: bigint[] = [];
    let record = bufferAt(host.port, load32(at), load32(at + 4));
    for (; record !== 0 && descs.length < 8; record = ring === 'rx' ? loadHostBufferChain(record) : 0)
      descs.push((BigInt(loadHostBufferDescHi(record)) << 32n) | BigInt(loadHostBufferDescLo(record)));
    return descs.length === 0 ? null : { index, descs };
  });
}

/** One wrong field of one descriptor. */
interface Change {
  readonly field: 'next' | 'data' | 'data_len' | 'nb_segs' | 'pkt_len' | 'ol_flags' | 'vlan_tci' | 'pad1';
  readonly value: bigint | ((former: bigint) => bigint);
  readonly segment?: number;
}

const OFFSETS = { ol_flags: 30, next: 32, data: 40, data_len: 48, nb_segs: 50, pkt_len: 52, vlan_tci: 58, pad1: 16 };

/** Reads a field as the guest finds it. */
function fieldOf(device: AvpDevice, desc: bigint, field: Change['field']): bigint {
  return asHost(() => {
    const { host } = device.inspect;
    const record = bufferAt(host.port, Number(desc & 0xffff_ffffn), Number(desc >> 32n));
    const at = loadHostBufferDesc(record) + OFFSETS[field];
    const word = BigInt(load32(at & ~3)) >> BigInt(8 * (at & 3));
    if (field === 'next' || field === 'data') return word | (BigInt(load32(at + 4)) << 32n);
    return field === 'nb_segs' ? word & 0xffn : word & 0xffffn;
  });
}

/** A fault that changes the descriptors of packets as they come on a ring. */
function described<S extends z.ZodRawShape>(
  about: string,
  parameters: S,
  change: (
    parameters: z.output<z.ZodObject<S>>,
    chain: Chain,
    former: Chain | null,
    random: Random,
  ) => readonly Change[] | null,
  ring: Ring = 'rx',
): Fault<S> {
  return fault({
    about,
    operation: ring === 'rx' ? OPERATION : 'buffer that the host has put on alloc',
    seam: 'device',
    parameters,
    put: (placed) =>
      placed.eachDevice((place) => {
        const { device } = place;
        const strike = (queue: number, slot: number, index: number): void => {
          const chain = chainAt(device, ring, queue, slot, index);
          if (chain === null) return;
          const len = asHost(() => loadFifoLen(device.inspect.host.fifoAddress(ring, queue)));
          const former = index === 0 ? null : chainAt(device, ring, queue, (slot + len - 1) % len, index - 1);
          // A packet that the fault can't be put into does not count.
          const changes = change(placed.parameters, chain, former, placed.random);
          if (changes === null || !placed.strikes(place, `${ring} ${queue}, ${chain.descs.length} segments`)) return;
          for (const { field, value, segment = 0 } of changes) {
            const wrong = typeof value === 'bigint' ? value : value(fieldOf(device, chain.descs[segment]!, field));
            device.tamper.overwrite('desc', field, wrong, { fifo: ring, queue, index, segment });
          }
        };
        return decorate(device, 'step', (_self, next) => {
          const before = device.function.present ? writeIndices(device, ring) : [];
          next();
          if (!device.function.present || !device.configured) return;
          for (let queue = 0; queue < before.length; queue++) {
            const state = ringState(device, ring, queue);
            if (state === null || state.len === 0) continue;
            for (let slot = before[queue]! % state.len; slot !== state.write; slot = (slot + 1) % state.len)
              strike(queue, slot, (slot - state.read + state.len) % state.len);
          }
        });
      }),
  });
}

function writeIndices(device: AvpDevice, ring: Ring): number[] {
  const queues = asHost(() => device.inspect.host.fifosOfKind(ring));
  return Array.from({ length: queues }, (_unused, queue) => ringState(device, ring, queue)!.write);
}

const SEGMENT = whole(0, 'which descriptor of the chain; shorter chains are left alone', 0, 4);
const COUNTS = ['zero', 'plus-one', 'minus-one', 'ones'] as const;

/** A count or length that is wrong in one of several ways. */
function counted(field: 'data_len' | 'pkt_len' | 'nb_segs', about: string) {
  return described(
    about,
    { way: word(COUNTS, 'plus-one', 'what it is instead'), segment: SEGMENT },
    ({ way, segment }, { descs }) => {
      const value = { zero: 0n, ones: 0xffffn }[way as 'zero' | 'ones'];
      const change = (former: bigint): bigint => (way === 'plus-one' ? former + 1n : former - 1n);
      return segment < descs.length ? [{ field, value: value ?? change, segment }] : null;
    },
  );
}

/** A pointer that is wrong in one of several ways. */
function pointer(field: 'next' | 'data', about: string, ring: Ring = 'rx') {
  const ways = ['outside', 'zero', 'misaligned', 'own-descriptor', 'random'] as const;
  return described(
    about,
    { way: word(ways, 'outside', 'where it points instead'), segment: SEGMENT },
    ({ way, segment }, { descs }, _former, random) => {
      const own = descs[segment];
      if (own === undefined) return null;
      const value = {
        outside: own + FAR,
        zero: 0n,
        misaligned: own + 4n,
        'own-descriptor': own,
        random: random.u64(),
      }[way];
      return [{ field, value, segment }];
    },
    ring,
  );
}

export const BUFFERS = {
  'buffers.data-len': counted('data_len', 'the length of a segment is wrong'),
  'buffers.pkt-len': counted('pkt_len', 'the length of the packet is wrong'),
  'buffers.nb-segs': counted('nb_segs', 'the number of segments is wrong'),
  'buffers.next': pointer('next', 'the pointer to the next descriptor is wrong'),
  'buffers.data': pointer('data', 'the pointer to the data is wrong'),
  'buffers.data-at-end': described(
    'the data begins where its pool ends, or close before that',
    { bytes: whole(8, 'distance from the end', 0, 65_535) },
    ({ bytes }, { descs }) => [{ field: 'data', value: descs[0]! + (1n << 32n) - BigInt(bytes) }],
  ),
  'buffers.cycle': described('the last descriptor of a chain points back to the first', {}, (_none, { descs }) => [
    { field: 'next', value: descs[0]!, segment: descs.length - 1 },
  ]),
  'buffers.endless': described(
    'a descriptor is its own next one, and the packet has 255 segments',
    {},
    (_none, { descs }) => [
      { field: 'next', value: descs[0]! },
      { field: 'nb_segs', value: 255n },
    ],
  ),
  'buffers.cut-chain': described('the chain ends after its first descriptor', {}, (_none, { descs }) =>
    descs.length < 2 ? null : [{ field: 'next', value: 0n }],
  ),
  'buffers.shared-segment': described(
    'the chain goes on with a descriptor of the packet before',
    {},
    (_none, { descs }, former) =>
      former === null || descs.length < 2 ? null : [{ field: 'next', value: former.descs[0]! }],
  ),
  'buffers.empty-segment': described(
    'a segment of a chain has no bytes',
    { segment: SEGMENT },
    ({ segment }, { descs }) =>
      descs.length < 2 || segment >= descs.length ? null : [{ field: 'data_len', value: 0n, segment }],
  ),
  'buffers.oversized': described('packet and segment are longer than any buffer', {}, () => [
    { field: 'data_len', value: 0xffffn },
    { field: 'pkt_len', value: 0xffffn },
  ]),
  'buffers.too-short': described('the packet is shorter than an Ethernet header', {}, (_none, { descs }) =>
    descs.length > 1
      ? null
      : [
          { field: 'data_len', value: 13n },
          { field: 'pkt_len', value: 13n },
        ],
  ),
  'buffers.ol-flags': described(
    'the flags are random bits',
    { flags: whole(0xffff, 'the flags', 0, 0xffff) },
    ({ flags }) => [{ field: 'ol_flags', value: BigInt(flags) }],
  ),
  'buffers.vlan-tci': described(
    'the packet has a tag that was in no frame',
    { tci: whole(0x0fff, 'the tag', 0, 0xffff) },
    ({ tci }) => [
      { field: 'ol_flags', value: 0x0800n },
      { field: 'vlan_tci', value: BigInt(tci) },
    ],
  ),
  'buffers.alloc-poisoned': described(
    'the descriptor of a lent buffer is full of junk, apart from its pointer to the data',
    {},
    (_none, _chain, _former, random) => [
      { field: 'data_len', value: random.u64() },
      { field: 'pkt_len', value: random.u64() },
      { field: 'nb_segs', value: random.u64() },
      { field: 'next', value: random.u64() },
      { field: 'ol_flags', value: 0xffffn },
      { field: 'vlan_tci', value: random.u64() },
    ],
    'alloc',
  ),
  'buffers.alloc-data': pointer('data', 'the pointer to the data of a lent buffer is wrong', 'alloc'),
} as const;
