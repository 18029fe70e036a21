import { readBytes, writeBytes } from '#mem';
import { HEADROOM_BYTES } from '../shared/loops/layout';
import { mbufData } from './loops/mbuf';
import { mbufFree } from './loops/mempool';
import type { Mempool } from './mempoolView';
import {
  loadMbufDataLen,
  loadMbufNbSegs,
  loadMbufNext,
  loadMbufOlFlags,
  loadMbufPktLen,
  loadMbufPool,
  loadMbufPort,
  loadMbufRoomBytes,
  loadMbufVlanTci,
  MBUF_TX_VLAN,
  storeMbufDataLen,
  storeMbufNbSegs,
  storeMbufNext,
  storeMbufOlFlags,
  storeMbufPktLen,
  storeMbufVlanTci,
} from './loops/records';

/**
 * A packet buffer for people: one view serves any number of mbufs, one after the other. The
 * setters write what they are told, nonsense too; a port checks what it is given to send.
 */
export class MbufView {
  address = 0;

  /** Turns the view to another mbuf. */
  at(address: number): this {
    this.address = address;
    return this;
  }

  /** Address of the mempool that it came from. */
  get pool(): number {
    return loadMbufPool(this.address);
  }

  /** Address of the port that received it, 0 for a packet made here. */
  get port(): number {
    return loadMbufPort(this.address);
  }

  /** Bytes of the packet, all segments. */
  get pktLen(): number {
    return loadMbufPktLen(this.address);
  }

  set pktLen(bytes: number) {
    storeMbufPktLen(this.address, bytes);
  }

  /** Bytes of this segment. */
  get dataLen(): number {
    return loadMbufDataLen(this.address);
  }

  set dataLen(bytes: number) {
    storeMbufDataLen(this.address, bytes);
  }

  /** Segments of the packet. */
  get nbSegs(): number {
    return loadMbufNbSegs(this.address);
  }

  set nbSegs(segments: number) {
    storeMbufNbSegs(this.address, segments);
  }

  /** Address of the next segment, 0 at the end. */
  get next(): number {
    return loadMbufNext(this.address);
  }

  set next(mbuf: number) {
    storeMbufNext(this.address, mbuf);
  }

  /** `MBUF_RX_VLAN`, `MBUF_RX_VLAN_STRIPPED`, `MBUF_TX_VLAN`. */
  get olFlags(): number {
    return loadMbufOlFlags(this.address);
  }

  set olFlags(flags: number) {
    storeMbufOlFlags(this.address, flags);
  }

  /** VLAN tag control information, where a flag says that there is one. */
  get vlanTci(): number {
    return loadMbufVlanTci(this.address);
  }

  set vlanTci(tci: number) {
    storeMbufVlanTci(this.address, tci);
  }

  /** Bytes that this segment's data room holds behind the headroom. */
  get capacity(): number {
    return loadMbufRoomBytes(this.address) - HEADROOM_BYTES;
  }

  /** Arena address of this segment's first data byte. */
  get dataAddress(): number {
    return mbufData(this.address);
  }

  /** A copy of the whole packet, as long as its segments together. */
  data(): Uint8Array {
    const parts: Uint8Array[] = [];
    let segment = this.address;
    for (let left = this.nbSegs; left > 0 && segment !== 0; left--) {
      parts.push(readBytes(mbufData(segment), loadMbufDataLen(segment)));
      segment = loadMbufNext(segment);
    }
    return Buffer.concat(parts);
  }
}

export interface PacketOptions {
  /** Has the port put a VLAN tag with this control information in. */
  readonly vlanTci?: number;
  /** Bytes of each segment but the last; default: as many as one mbuf takes. */
  readonly segmentBytes?: number;
}

/** Fills a new segment; 0 where the pool is empty. */
function segmentFrom(pool: Mempool, bytes: Uint8Array): number {
  const mbuf = pool.alloc();
  if (mbuf === 0) return 0;
  writeBytes(mbufData(mbuf), bytes);
  storeMbufDataLen(mbuf, bytes.length);
  return mbuf;
}

/** Makes a packet from bytes; 0 where the pool has too few mbufs left, and then it takes none. */
export function mbufFromBytes(pool: Mempool, bytes: Uint8Array, options: PacketOptions = {}): number {
  const step = Math.max(1, Math.min(options.segmentBytes ?? pool.mbufBytes, pool.mbufBytes));
  const head = segmentFrom(pool, bytes.subarray(0, step));
  if (head === 0) return 0;
  let tail = head;
  let segments = 1;
  for (let done = step; done < bytes.length; done += step, segments++) {
    const next = segmentFrom(pool, bytes.subarray(done, done + step));
    if (next === 0) {
      mbufFree(head);
      return 0;
    }
    storeMbufNext(tail, next);
    tail = next;
  }
  storeMbufPktLen(head, bytes.length);
  storeMbufNbSegs(head, segments);
  if (options.vlanTci !== undefined) {
    storeMbufOlFlags(head, MBUF_TX_VLAN);
    storeMbufVlanTci(head, options.vlanTci);
  }
  return head;
}
