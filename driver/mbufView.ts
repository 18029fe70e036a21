import { readBytes, writeBytes } from '#mem';
import { HEADROOM_BYTES } from '../shared/loops/layout';
import { mbufFree } from './guestLoops';
import { mbufData } from './loops/mbuf';
import type { Mempool } from './mempoolView';
import {
  loadMbufDataLen,
  loadMbufDataOff,
  loadMbufNbSegs,
  loadMbufNext,
  loadMbufOlFlags,
  loadMbufPktLen,
  loadMbufPool,
  loadMbufPort,
  loadMbufRefcnt,
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
 * Access to a packet buffer by names. One view serves any number of mbufs, one after the other. The
 * setters write any value, also an invalid one; a port checks each packet that it is to send.
 */
export class MbufView {
  /** Arena address of the mbuf that the view is at; 0 before the first call of `at`. */
  address = 0;

  /** Moves the view to another mbuf. */
  at(address: number): this {
    this.address = address;
    return this;
  }

  /** Address of the mempool that the mbuf came from. */
  get pool(): number {
    return loadMbufPool(this.address);
  }

  /** Address of the port that received the packet, 0 for a packet that the application made. */
  get port(): number {
    return loadMbufPort(this.address);
  }

  /** Bytes of the packet, over all segments. */
  get pktLen(): number {
    return loadMbufPktLen(this.address);
  }

  /** Stores the packet's length. */
  set pktLen(bytes: number) {
    storeMbufPktLen(this.address, bytes);
  }

  /** Bytes of this segment. */
  get dataLen(): number {
    return loadMbufDataLen(this.address);
  }

  /** Stores the segment's length. */
  set dataLen(bytes: number) {
    storeMbufDataLen(this.address, bytes);
  }

  /** Number of segments of the packet. */
  get nbSegs(): number {
    return loadMbufNbSegs(this.address);
  }

  /** Stores the number of segments. */
  set nbSegs(segments: number) {
    storeMbufNbSegs(this.address, segments);
  }

  /** Address of the next segment, 0 at the end. */
  get next(): number {
    return loadMbufNext(this.address);
  }

  /** Stores the address of the next segment. */
  set next(mbuf: number) {
    storeMbufNext(this.address, mbuf);
  }

  /** Flags: `MBUF_RX_VLAN`, `MBUF_RX_VLAN_STRIPPED`, `MBUF_TX_VLAN`. */
  get olFlags(): number {
    return loadMbufOlFlags(this.address);
  }

  /** Stores the flags. */
  set olFlags(flags: number) {
    storeMbufOlFlags(this.address, flags);
  }

  /** VLAN tag control information, valid if a flag says so. */
  get vlanTci(): number {
    return loadMbufVlanTci(this.address);
  }

  /** Stores the VLAN tag control information. */
  set vlanTci(tci: number) {
    storeMbufVlanTci(this.address, tci);
  }

  /** Bytes that this segment's data room holds after the headroom. */
  get capacity(): number {
    return loadMbufRoomBytes(this.address) - HEADROOM_BYTES;
  }

  /** References to this segment. */
  get refcnt(): number {
    return loadMbufRefcnt(this.address);
  }

  /** Bytes of this segment's data room in front of the data. */
  get headroom(): number {
    return loadMbufDataOff(this.address);
  }

  /** Arena address of this segment's first data byte. */
  get dataAddress(): number {
    return mbufData(this.address);
  }

  /** Copies the whole packet, over all segments. */
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

/** Options of `mbufFromBytes`. */
export interface PacketOptions {
  /**
   * Makes the port insert a VLAN tag with this control information.
   * @defaultValue no tag
   * @range 0 to 65,535
   * @unit none
   */
  readonly vlanTci?: number;
  /**
   * Bytes of each segment but the last.
   * @defaultValue as many as one mbuf holds
   * @range 1 or more
   */
  readonly segmentBytes?: number;
}

/** Makes a segment from bytes; 0 if the pool is empty. */
function segmentFrom(pool: Mempool, bytes: Uint8Array): number {
  const mbuf = pool.alloc();
  if (mbuf === 0) return 0;
  writeBytes(mbufData(mbuf), bytes);
  storeMbufDataLen(mbuf, bytes.length);
  return mbuf;
}

/** Makes a packet from bytes. Returns 0, and takes no mbuf, if the pool has too few left. */
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
