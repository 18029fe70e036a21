import { protect } from '#mem';
import { expect } from 'chai';
import fc from 'fast-check';
import * as plain from '../../../shared/mem/plain';
import {
  DESC_DATA,
  DESC_DATA_LEN,
  DESC_NB_SEGS,
  DESC_NEXT,
  DESC_OL_FLAGS,
  DESC_PKT_LEN,
  DESC_VLAN_TCI,
  OL_RX_VLAN,
} from '../../../shared/loops/layout';
import { BOTH } from '../../../shared/loops/rights';
import { Guest, type Received } from './guest';
import { rxCountersOf, sum, workOf } from './invariants';
import { Rig, SMALL } from './rig';
import { RingWalk } from './ringWalk';
import { runs } from './runs';

const MBUF_SIZE = 128;
const BUFFERS = 12;
const MAX_RX = 600;
const GUEST_MBUF = 100;

/** The `next` pointer of the last segment; only 'none' is valid. */
type LastLink = 'none' | 'self' | 'first' | 'outside' | 'unaligned';

interface Forged {
  readonly segments: readonly { readonly buffer: number; readonly bytes: number; readonly shift: number }[];
  readonly end: LastLink;
  /** Excess of the head's `nb_segs` and `pkt_len` over the true values. */
  readonly moreSegments: number;
  readonly moreBytes: number;
  readonly tci: number | null;
}

const mostlyZero = (...values: number[]): fc.Arbitrary<number> =>
  fc.constantFrom(...Array<number>(8 * values.length).fill(0), ...values);

const forged: fc.Arbitrary<Forged> = fc
  .record({
    start: fc.nat({ max: BUFFERS - 1 }),
    segments: fc.array(
      fc.record({
        // Usually the next buffer, so that few chains contain a cycle.
        buffer: mostlyZero(1, 3, 11),
        bytes: fc.oneof(
          { weight: 12, arbitrary: fc.constantFrom(14, 20, 60, 100, 128) },
          { weight: 1, arbitrary: fc.constantFrom(0, 1, 129, 65_535) },
        ),
        // Bytes by which the data pointer is off: within its buffer, near either end of the pool, or far outside.
        shift: mostlyZero(1, 64, BUFFERS * 1_024, -1_024, 2 ** 32, -(2 ** 40)),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    end: fc.constantFrom<LastLink[]>(...Array<LastLink>(24).fill('none'), 'self', 'first', 'outside', 'unaligned'),
    moreSegments: mostlyZero(-1, 1, 4, 250),
    moreBytes: mostlyZero(-14, -1, 1, 500),
    tci: fc.constantFrom(null, 0, 0x123),
  })
  .map(({ start, segments, ...rest }) => ({
    ...rest,
    segments: segments.map((segment, i) => ({ ...segment, buffer: (start + i + segment.buffer) % BUFFERS })),
  }));

/** Writes descriptors and ring slots by hand into the memory that the emulated device has laid out. */
class Forger {
  readonly rig = new Rig({
    ...SMALL,
    rxQueues: { min: 1, max: 1 },
    pools: [{ buffers: BUFFERS }],
    mbufSize: MBUF_SIZE,
    maxRxPacketBytes: MAX_RX,
  });
  readonly guest = new Guest(this.rig.probe(), { rxQueues: 1, txQueues: 1, vlanStrip: true, rxMbufBytes: [GUEST_MBUF] })
    .setUp()
    .start();
  private readonly walk = new RingWalk(this.rig.bars);
  private readonly pool = this.rig.device.inspect.host.run('pool0');
  private readonly stride = this.rig.device.inspect.host.bufferStride;

  constructor() {
    this.rig.settle();
    this.guest.port.promiscuousEnable();
    protect(this.rig.bars.memory, this.rig.bars.memoryBytes, BOTH);
  }

  private desc(buffer: number): number {
    return this.rig.device.inspect.host.address('pool0') + 64 + buffer * this.stride;
  }

  private va(address: number): bigint {
    return this.pool.va + BigInt(address - this.rig.device.inspect.host.address('pool0'));
  }

  private dataOf({ buffer, shift }: Forged['segments'][number]): number {
    return this.desc(buffer) + 192 + shift;
  }

  private store64(address: number, value: bigint): void {
    plain.store32(address, Number(value & 0xffff_ffffn));
    plain.store32(address + 4, Number((value >> 32n) & 0xffff_ffffn));
  }

  private linkOf(packet: Forged, index: number): bigint {
    const { segments, end } = packet;
    const next = segments[index + 1];
    if (next !== undefined) return this.va(this.desc(next.buffer));
    const own = this.va(this.desc(segments[index]!.buffer));
    return {
      none: 0n,
      self: own,
      first: this.va(this.desc(segments[0]!.buffer)),
      outside: this.pool.va - 64n,
      unaligned: own + 8n,
    }[end];
  }

  /** Writes the descriptors of a packet, the head last, and publishes its slot on rx. */
  put(packet: Forged): void {
    const { segments } = packet;
    for (let i = segments.length - 1; i >= 0; i--) {
      const desc = this.desc(segments[i]!.buffer);
      this.store64(desc + DESC_NEXT, this.linkOf(packet, i));
      this.store64(desc + DESC_DATA, BigInt.asUintN(64, this.va(this.dataOf(segments[i]!))));
      plain.store16(desc + DESC_DATA_LEN, segments[i]!.bytes);
    }
    const head = this.desc(segments[0]!.buffer);
    plain.store8(head + DESC_NB_SEGS, (segments.length + packet.moreSegments) & 0xff);
    plain.store16(head + DESC_PKT_LEN, (sum(segments.map(({ bytes }) => bytes)) + packet.moreBytes) & 0xffff);
    plain.store16(head + DESC_OL_FLAGS, packet.tci === null ? 0 : OL_RX_VLAN);
    plain.store16(head + DESC_VLAN_TCI, packet.tci ?? 0);
    const base = this.walk.fifo('rx', 0);
    const { write, len } = this.walk.indices('rx', 0);
    this.store64(base + 16 + 8 * write, this.va(head));
    plain.store32(base, (write + 1) % len);
  }

  /** The packet that the driver must deliver, read from memory; null if the driver must drop it. */
  expected(packet: Forged): Received | null {
    const head = this.desc(packet.segments[0]!.buffer);
    const claimed = plain.load8(head + DESC_NB_SEGS);
    const pktLen = plain.load16(head + DESC_PKT_LEN);
    const parts: Uint8Array[] = [];
    let desc = head;
    for (let i = 0; i < claimed; i++) {
      const bytes = plain.load16(desc + DESC_DATA_LEN);
      const data = this.inPool(desc + DESC_DATA, bytes);
      const next = this.inPool(desc + DESC_NEXT, 64);
      const last = plain.load32(desc + DESC_NEXT) === 0 && plain.load32(desc + DESC_NEXT + 4) === 0;
      if (i > 4 || bytes === 0 || bytes > MBUF_SIZE || data === null || last !== (i === claimed - 1)) return null;
      if (!last && (next === null || next % 64 !== 0)) return null;
      parts.push(plain.readBytes(data, bytes));
      desc = next ?? 0;
    }
    const bytes = Buffer.concat(parts);
    if (bytes.length !== pktLen || pktLen < 14 || pktLen > MAX_RX || Math.ceil(pktLen / GUEST_MBUF) > 5) return null;
    const tagged = (plain.load16(head + DESC_OL_FLAGS) & OL_RX_VLAN) !== 0;
    return { bytes, vlanTci: tagged ? plain.load16(head + DESC_VLAN_TCI) : null };
  }

  private inPool(pointer: number, bytes: number): number | null {
    const va = (BigInt(plain.load32(pointer + 4)) << 32n) | BigInt(plain.load32(pointer));
    const offset = va - this.pool.va;
    if (offset < 0n || offset + BigInt(bytes) > BigInt(this.pool.bytes)) return null;
    return this.rig.device.inspect.host.address('pool0') + Number(offset);
  }
}

describe('driver: forged packets', () => {
  it('delivers exactly the packets whose lengths, chain and addresses agree, and counts every other one under one cause', () => {
    let delivered = 0;
    let dropped = 0;
    fc.assert(
      fc.property(fc.array(forged, { minLength: 1, maxLength: 8 }), (packets) => {
        const forger = new Forger();
        const { port } = forger.guest;
        for (const packet of packets) {
          forger.put(packet);
          const expected = forger.expected(packet);
          const before = rxCountersOf(port, 0);
          const received = forger.guest.receive(0, 64);
          expect(received).to.deep.equal(expected === null ? [] : [expected]);
          const after = rxCountersOf(port, 0);
          const risen = Object.keys(after).filter(
            (name) => name.startsWith('dropped_') && after[name] !== before[name],
          );
          expect(risen, 'causes').to.have.length(expected === null ? 1 : 0);
          if (expected === null) dropped++;
          else delivered++;
        }
        expect(workOf(port).received).to.equal(packets.length);
        forger.guest.checkPools();
      }),
      { numRuns: runs(150) },
    );
    // Prove that both outcomes occurred.
    expect(Math.min(delivered, dropped)).to.be.greaterThan(20);
  });
});
