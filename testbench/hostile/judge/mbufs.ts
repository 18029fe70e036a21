import type { Mempool } from '../../../driver';
import {
  MBUF_ATTACHED_TO,
  MBUF_BYTES,
  MBUF_DATA_LEN,
  MBUF_DATA_OFF,
  MBUF_DATA_ROOM,
  MBUF_NB_SEGS,
  MBUF_NEXT,
  MBUF_OL_FLAGS,
  MBUF_PKT_LEN,
  MBUF_POOL,
  MBUF_PORT,
  MBUF_REFCNT,
  MBUF_ROOM_BYTES,
  MBUF_RX_VLAN,
  MBUF_RX_VLAN_STRIPPED,
  MBUF_VLAN_TCI,
  MEMPOOL_AVAILABLE,
  MEMPOOL_BYTES,
  MEMPOOL_FIRST,
  MEMPOOL_ROOM_BYTES,
  MEMPOOL_SIZE,
  MEMPOOL_STRIDE,
} from '../../../driver/loops/records';
import { HEADROOM_BYTES, MAX_SEGMENTS, MIN_PACKET_BYTES } from '../../../shared/loops/layout';
import { words32 } from '../../../shared/mem/memory';
import { ensure } from '../finding';

const BOTH_FLAGS = MBUF_RX_VLAN | MBUF_RX_VLAN_STRIPPED;

function word(address: number): number {
  return words32[address >>> 2]!;
}

/** The mbufs of one mempool, seen past the driver. */
export class PoolJudge {
  private readonly size: number;
  private readonly first: number;
  private readonly stride: number;
  private readonly room: number;
  private readonly seen: Uint8Array;

  constructor(readonly pool: Mempool) {
    const { address } = pool;
    this.size = word(address + MEMPOOL_SIZE);
    this.first = word(address + MEMPOOL_FIRST);
    this.stride = word(address + MEMPOOL_STRIDE);
    this.room = word(address + MEMPOOL_ROOM_BYTES);
    this.seen = new Uint8Array(this.size);
  }

  private numberOf(mbuf: number): number {
    const number = (mbuf - this.first) / this.stride;
    return Number.isInteger(number) && number >= 0 && number < this.size ? number : -1;
  }

  /** Expects all mbufs on the stack of free ones, each once, with no references. */
  expectAllFree(): void {
    const { address } = this.pool;
    const available = word(address + MEMPOOL_AVAILABLE);
    ensure(available === this.size, 'leak', () => `${available} of ${this.size} mbufs are free at the end`);
    this.seen.fill(0);
    for (let i = 0; i < available; i++) {
      const mbuf = word(address + MEMPOOL_BYTES + 4 * i);
      const number = this.numberOf(mbuf);
      ensure(number >= 0, 'leak', () => `the stack of free mbufs holds ${mbuf}, which is none`);
      ensure(this.seen[number] === 0, 'leak', () => `mbuf ${number} is on the stack of free ones twice`);
      ensure(word(mbuf + MBUF_REFCNT) === 0, 'leak', () => `free mbuf ${number} has references`);
      this.seen[number] = 1;
    }
  }

  /** Begins to judge a burst, in which no mbuf may be delivered twice. */
  begin(): void {
    this.seen.fill(0);
  }

  /**
   * Expects a delivered packet to be what section 10 promises: a chain of 1 to 5 mbufs of this pool, which nobody else
   * holds, all full but the last, with lengths, port and flags that agree, and nothing left over from their last use.
   * @returns bytes of the packet.
   */
  expectSound(head: number, port: number, maxRxPktLen: number): number {
    const [pktLen, segments] = [word(head + MBUF_PKT_LEN), word(head + MBUF_NB_SEGS)];
    const need = (holds: boolean, what: string): void =>
      ensure(holds, 'mbuf', () => `${what}: pkt_len ${pktLen}, nb_segs ${segments}`);
    need(this.numberOf(head) >= 0, 'no mbuf of the queue is at the address delivered');
    need(segments >= 1 && segments <= MAX_SEGMENTS, 'nb_segs');
    need(pktLen >= MIN_PACKET_BYTES && pktLen <= maxRxPktLen, 'pkt_len');
    this.expectFlags(head, need);
    need(word(head + MBUF_PORT) === port, 'port');
    let left = pktLen;
    let mbuf = head;
    for (let i = 0; i < segments; i++) {
      this.expectSegment(mbuf, left, need);
      left -= word(mbuf + MBUF_DATA_LEN);
      mbuf = word(mbuf + MBUF_NEXT);
    }
    need(mbuf === 0, 'the chain is longer than nb_segs');
    need(left === 0, 'the segments do not add up to pkt_len');
    return pktLen;
  }

  private expectFlags(head: number, need: (holds: boolean, what: string) => void): void {
    const [flags, tci] = [word(head + MBUF_OL_FLAGS), word(head + MBUF_VLAN_TCI)];
    need(flags === BOTH_FLAGS || (flags === 0 && tci === 0), `ol_flags ${flags} with vlan_tci ${tci}`);
    need(tci <= 0xffff, `vlan_tci ${tci}`);
  }

  private expectSegment(mbuf: number, left: number, need: (holds: boolean, what: string) => void): void {
    const number = this.numberOf(mbuf);
    need(number >= 0, 'next is no mbuf of the queue');
    need(this.seen[number] === 0, 'an mbuf is delivered twice');
    this.seen[number] = 1;
    const most = this.room - HEADROOM_BYTES;
    need(word(mbuf + MBUF_REFCNT) === 1, 'refcnt');
    need(word(mbuf + MBUF_POOL) === this.pool.address && word(mbuf + MBUF_ROOM_BYTES) === this.room, 'pool');
    need(word(mbuf + MBUF_DATA_ROOM) === mbuf + MBUF_BYTES && word(mbuf + MBUF_ATTACHED_TO) === 0, 'data room');
    need(word(mbuf + MBUF_DATA_OFF) === HEADROOM_BYTES, 'data_off');
    need(word(mbuf + MBUF_DATA_LEN) === Math.min(left, most), 'data_len of a segment');
  }
}
