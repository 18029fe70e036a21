/** Packet buffers of the guest. An mbuf is the arena address of its head. Loop dialect. */
import { HEADROOM_BYTES, MAX_PACKET_BYTES } from '../../shared/loops/layout';
import {
  loadMbufDataLen,
  loadMbufDataOff,
  loadMbufNbSegs,
  loadMbufNext,
  loadMbufPktLen,
  loadMbufRoomBytes,
  loadMempoolEntryStride,
  MBUF_BYTES,
  storeMbufDataLen,
  storeMbufDataOff,
  storeMbufNbSegs,
  storeMbufNext,
  storeMbufOlFlags,
  storeMbufPktLen,
  storeMbufPort,
  storeMbufVlanTci,
} from './records';
import { mbufEntryOf } from './mempoolTable';

/** Returns the address of the first data byte of a segment. */
export function mbufData(mbuf: u32): u32 {
  return (mbuf + MBUF_BYTES + loadMbufDataOff(mbuf)) >>> 0;
}

/** Resets an mbuf to a packet of one segment with `bytes` bytes after the headroom. */
export function mbufReset(mbuf: u32, port: u32, bytes: u32): void {
  storeMbufNext(mbuf, 0);
  storeMbufDataOff(mbuf, HEADROOM_BYTES);
  storeMbufDataLen(mbuf, bytes);
  storeMbufPktLen(mbuf, bytes);
  storeMbufNbSegs(mbuf, 1);
  storeMbufPort(mbuf, port);
  storeMbufOlFlags(mbuf, 0);
  storeMbufVlanTci(mbuf, 0);
}

/**
 * Returns true if all segments are mbufs in use, and their number, lengths and offsets agree with the head of the
 * packet. The caller has checked the head: it is an mbuf in use.
 * @param stride bytes from one mbuf of the head's pool to the next
 */
export function mbufIsSound(mbuf: u32, stride: u32): bool {
  const segments: u32 = loadMbufNbSegs(mbuf);
  if (segments > MAX_PACKET_BYTES) return false;
  let left: u32 = loadMbufPktLen(mbuf);
  let segment: u32 = mbuf;
  let mostRoom: u32 = (stride - MBUF_BYTES) >>> 0;
  for (let i: u32 = 0; i < segments; i++) {
    if (segment !== mbuf) {
      const entry: u32 = mbufEntryOf(segment);
      if (entry === 0) return false;
      mostRoom = (loadMempoolEntryStride(entry) - MBUF_BYTES) >>> 0;
    }
    const room: u32 = loadMbufRoomBytes(segment);
    const offset: u32 = loadMbufDataOff(segment);
    const bytes: u32 = loadMbufDataLen(segment);
    if (room > mostRoom || offset > room || bytes > (room - offset) >>> 0 || bytes > left) return false;
    left = (left - bytes) >>> 0;
    segment = loadMbufNext(segment);
  }
  return segment === 0 && left === 0;
}
