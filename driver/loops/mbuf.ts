/** Packet buffers of the guest. An mbuf is the arena address of its head. Loop dialect. */
import { HEADROOM_BYTES, MAX_PACKET_BYTES } from '../../shared/loops/layout';
import { bufferEntryOf, mbufEntryOf } from './mempoolTable';
import {
  loadMbufAttachedTo,
  loadMbufDataLen,
  loadMbufDataOff,
  loadMbufDataRoom,
  loadMbufNbSegs,
  loadMbufNext,
  loadMbufPktLen,
  loadMbufRoomBytes,
  loadMempoolEntryMempool,
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

/** Returns the address of the first data byte of a segment. */
export function mbufData(mbuf: u32): u32 {
  return (loadMbufDataRoom(mbuf) + loadMbufDataOff(mbuf)) >>> 0;
}

/** Returns the address of the first byte behind the headroom of an mbuf's own data room. */
export function mbufOwnData(mbuf: u32): u32 {
  return (mbuf + MBUF_BYTES + HEADROOM_BYTES) >>> 0;
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
 * Returns true if the data room that a segment uses is its own, or that of an mbuf in use or an external buffer.
 * @param mostRoom bytes that a data room of the segment's pool has at most
 */
function usesSoundRoom(segment: u32, mostRoom: u32): bool {
  const room: u32 = loadMbufDataRoom(segment);
  const bytes: u32 = loadMbufRoomBytes(segment);
  const buffer: u32 = loadMbufAttachedTo(segment);
  if (buffer === 0) return room === (segment + MBUF_BYTES) >>> 0 && bytes <= mostRoom;
  const entry: u32 = bufferEntryOf(buffer);
  if (entry === 0 || room !== loadMbufDataRoom(buffer) || bytes !== loadMbufRoomBytes(buffer)) return false;
  if (loadMempoolEntryMempool(entry) === buffer) return true;
  return room === (buffer + MBUF_BYTES) >>> 0 && bytes <= (loadMempoolEntryStride(entry) - MBUF_BYTES) >>> 0;
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
    if (!usesSoundRoom(segment, mostRoom)) return false;
    const room: u32 = loadMbufRoomBytes(segment);
    const offset: u32 = loadMbufDataOff(segment);
    const bytes: u32 = loadMbufDataLen(segment);
    if (offset > room || bytes > (room - offset) >>> 0 || bytes > left) return false;
    left = (left - bytes) >>> 0;
    segment = loadMbufNext(segment);
  }
  return segment === 0 && left === 0;
}
