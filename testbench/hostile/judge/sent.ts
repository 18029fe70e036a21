import {
  DESC_BYTES,
  DESC_DATA_LEN,
  DESC_NB_SEGS,
  DESC_NEXT,
  DESC_OL_FLAGS,
  DESC_PKT_LEN,
  DESC_VLAN_TCI,
  MAX_SEGMENTS,
  MIN_PACKET_BYTES,
  OL_TX_VLAN,
} from '../../../shared/loops/layout';
import { bytes8, words32 } from '../../../shared/mem/memory';
import { ensure } from '../finding';
import type { Follower } from '../memory/attack';
import type { Fetches } from '../memory/fetches';
import type { SharedFifo, SharedMemory } from '../memory/sharedMemory';
import { slotsOf } from '../sides/places';

/** Marks of bytes that the driver has written, as a field or as data. */
const FIELD = 1;
const DATA = 2;

/**
 * Judges what the driver hands to the host, from its stores alone: the host may have overwritten anything since. A
 * packet is judged when its slot of tx is filled, because everything else has been written by then.
 */
export class SentPackets implements Follower {
  /** Bytes as the driver wrote them in this burst, and which it wrote. */
  private readonly written: Uint8Array;
  private readonly view: DataView;
  private readonly isWritten: Uint8Array;
  private readonly slotOf = new Map<number, 'alloc' | 'tx'>();
  /** Times that the driver fetched each buffer from alloc in this burst, by address of its descriptor. */
  private readonly fetched = new Map<number, number>();
  private readonly used = new Map<number, number>();
  private low = 0;
  /** A hostile `data` lies over a descriptor of the packet, which then holds bytes of a packet: nothing to judge. */
  private isOverlaid = false;
  /** Slots of tx that were filled in this burst, and buffers that their packets use. */
  filled = 0;
  buffers = 0;

  constructor(
    private readonly fetches: Fetches,
    private readonly memory: SharedMemory,
    private readonly isTagging: boolean,
    alloc: readonly SharedFifo[],
    tx: readonly SharedFifo[],
  ) {
    this.written = new Uint8Array(memory.bytes);
    this.view = new DataView(this.written.buffer);
    this.isWritten = new Uint8Array(memory.bytes);
    for (const word of slotsOf(alloc)) this.slotOf.set(word, 'alloc');
    for (const word of slotsOf(tx)) this.slotOf.set(word, 'tx');
  }

  begin(): void {
    this.fetches.begin();
    this.isWritten.fill(0);
    this.fetched.clear();
    this.used.clear();
    this.filled = 0;
    this.buffers = 0;
  }

  load(address: number, bytes: number): void {
    this.fetches.load(address, bytes);
    if (this.slotOf.get(address) !== 'alloc') return;
    const value = words32[address >>> 2]!;
    if ((address & 4) === 0) this.low = value;
    else this.note(this.fetched, this.memory.place(this.low, value));
  }

  copy(source: number, bytes: number): void {
    this.fetches.copy(source, bytes);
  }

  private note(counts: Map<number, number>, desc: number): void {
    counts.set(desc, (counts.get(desc) ?? 0) + 1);
  }

  stored(address: number, bytes: number, isCopy: boolean): void {
    const offset = address - this.memory.bar;
    this.written.set(bytes8.subarray(address, address + bytes), offset);
    this.isWritten.fill(isCopy ? DATA : FIELD, offset, offset + bytes);
    if (this.slotOf.get(address) !== 'tx' || (address & 4) === 0) return;
    this.filled++;
    this.isOverlaid = false;
    this.judge(this.pointer(offset - 4));
  }

  private pointer(offset: number): number {
    const [lo, hi] = [this.view.getUint32(offset, true), this.view.getUint32(offset + 4, true)];
    return lo === 0 && hi === 0 ? 0 : this.memory.place(lo, hi);
  }

  private field(desc: number, offset: number, bytes: 1 | 2): number {
    const at = desc - this.memory.bar + offset;
    for (let i = at; i < at + bytes; i++) {
      if (this.isWritten[i] === DATA) this.isOverlaid = true;
      ensure(this.isWritten[i] !== 0, 'sent', () => `leaves ${this.memory.nameOf(desc + offset)} unset`);
    }
    return bytes === 1 ? this.written[at]! : this.view.getUint16(at, true);
  }

  /** Expects a sound chain of buffers that the driver took from alloc, each used once. */
  private judge(head: number): void {
    const need = (holds: boolean, what: string): void => ensure(holds, 'sent', () => `a packet on tx: ${what}`);
    need(head !== 0, 'no descriptor');
    const segments = this.field(head, DESC_NB_SEGS, 1);
    const pktLen = this.field(head, DESC_PKT_LEN, 2);
    const flags = this.field(head, DESC_OL_FLAGS, 2);
    const tci = this.field(head, DESC_VLAN_TCI, 2);
    if (this.isOverlaid) return;
    this.buffers += segments;
    need(segments >= 1 && segments <= MAX_SEGMENTS, `nb_segs ${segments}`);
    need(pktLen >= MIN_PACKET_BYTES, `pkt_len ${pktLen}`);
    need(flags === 0 ? tci === 0 : this.isTagging && flags === OL_TX_VLAN, `ol_flags ${flags}, vlan_tci ${tci}`);
    let left = pktLen;
    let desc = head;
    for (let i = 0; i < segments; i++) {
      need(desc !== 0 && desc % DESC_BYTES === 0, 'the chain is shorter than nb_segs');
      this.note(this.used, desc);
      need(this.used.get(desc)! <= (this.fetched.get(desc) ?? 0), 'a buffer is used more often than it was on alloc');
      // A buffer that the host has put on alloc twice holds what the driver wrote last.
      if (this.fetched.get(desc)! > 1) return;
      const bytes = this.field(desc, DESC_DATA_LEN, 2);
      for (let at = 0; at < 8; at += 2) this.field(desc, DESC_NEXT + at, 2);
      if (this.isOverlaid) return;
      need(bytes >= 1 && bytes <= this.memory.mbufSize, `data_len ${bytes}`);
      left -= bytes;
      desc = this.pointer(desc - this.memory.bar + DESC_NEXT);
    }
    need(desc === 0, 'the chain is longer than nb_segs');
    need(left === 0, `the segments have ${pktLen - left} bytes, and pkt_len is ${pktLen}`);
  }
}
