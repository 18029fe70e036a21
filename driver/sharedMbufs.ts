import { add32 } from '#mem';
import { allocate, release } from '../shared/arena';
import { ErrnoError } from '../shared/errors';
import { DRIVER_ONLY } from '../shared/loops/rights';
import { needInteger, refusal } from './context';
import {
  loadMbufAttachedTo,
  loadMbufDataRoom,
  loadMbufNbSegs,
  loadMbufNext,
  loadMbufRefcnt,
  loadMbufRoomBytes,
  MBUF_BYTES,
  MBUF_REFCNT,
  storeMbufAttachedTo,
  storeMbufDataLen,
  storeMbufDataOff,
  storeMbufDataRoom,
  storeMbufPktLen,
  storeMbufRefcnt,
  storeMbufRoomBytes,
} from './loops/records';
import { mbufEntryOf } from './loops/mempoolTable';
import { enterBuffers, removeBuffers } from './mempoolTable';

/**
 * Packets that share their data, as DPDK's clones, fragments and zero-copy senders make them. A burst and `mbufFree`
 * give up one reference to each mbuf. Data to which there are other references do not change.
 */

function needMbuf(what: string, mbuf: number): void {
  if (mbufEntryOf(mbuf) === 0) throw refusal('EINVAL', what, mbuf, 'the address of an mbuf in use');
}

/**
 * Adds a reference to each segment of a packet, which can then be sent or freed once more.
 * @throws ErrnoError EINVAL for an address at which no mbuf in use starts.
 */
export function mbufReference(packet: number): void {
  needMbuf('mbuf', packet);
  const segments = [packet];
  for (let left = loadMbufNbSegs(packet); left > 1; left--) {
    const next = loadMbufNext(segments.at(-1)!);
    needMbuf('next segment', next);
    segments.push(next);
  }
  for (const segment of segments) add32(segment + MBUF_REFCNT, 1);
}

function attach(mbuf: number, buffer: number, offset: number, bytes: number): void {
  needMbuf('mbuf', mbuf);
  if (loadMbufRefcnt(mbuf) !== 1) throw refusal('EINVAL', 'references of the mbuf', loadMbufRefcnt(mbuf), '1');
  if (loadMbufAttachedTo(mbuf) !== 0)
    throw new ErrnoError('EINVAL', 'the mbuf is attached already: free it and allocate another');
  const room = loadMbufRoomBytes(buffer);
  needInteger('offset', offset, 0, room, ' (bytes of the data room)');
  needInteger('bytes', bytes, 0, room - offset, ' (bytes behind the offset)');
  add32(buffer + MBUF_REFCNT, 1);
  storeMbufAttachedTo(mbuf, buffer);
  storeMbufDataRoom(mbuf, loadMbufDataRoom(buffer));
  storeMbufRoomBytes(mbuf, room);
  storeMbufDataOff(mbuf, offset);
  storeMbufDataLen(mbuf, bytes);
  storeMbufPktLen(mbuf, bytes);
}

/**
 * Makes an mbuf of one segment indirect: its data are `bytes` bytes from `offset` of the data room that `to` uses. It
 * refers to the mbuf that owns them until it is freed.
 * @throws ErrnoError EINVAL where an address is no mbuf in use, `mbuf` is `to`, shared or attached already, or the range
 * lies outside the data room.
 */
export function mbufAttach(mbuf: number, to: number, offset: number, bytes: number): void {
  needMbuf('mbuf to attach to', to);
  if (mbuf === to) throw new ErrnoError('EINVAL', 'an mbuf cannot be attached to itself');
  attach(mbuf, loadMbufAttachedTo(to) === 0 ? to : loadMbufAttachedTo(to), offset, bytes);
}

/** Memory of the application in the arena, to which mbufs can be attached. */
export class ExternalBuffer {
  private constructor(
    /** Arena address of the buffer's record. */
    readonly address: number,
  ) {}

  /**
   * Makes a buffer of `bytes` bytes of the application's memory.
   * @param data arena address of the memory, which the driver may read while there are references.
   * @param bytes length of the memory.
   * @throws ErrnoError ENOMEM if the arena is full or has 250 mempools and external buffers.
   */
  static over(data: number, bytes: number): ExternalBuffer {
    const head = allocate(MBUF_BYTES, { rights: DRIVER_ONLY, label: 'external buffer' });
    storeMbufDataRoom(head, data);
    storeMbufRoomBytes(head, bytes);
    storeMbufRefcnt(head, 1);
    try {
      enterBuffers(head, head, MBUF_BYTES, MBUF_BYTES);
    } catch (error) {
      release(head);
      throw error;
    }
    return new ExternalBuffer(head);
  }

  /** References, the application's own included. */
  get references(): number {
    return loadMbufRefcnt(this.address);
  }

  /**
   * Makes an mbuf of one segment use `bytes` bytes of this buffer from `offset` on.
   * @throws ErrnoError EINVAL as `mbufAttach`.
   */
  attach(mbuf: number, offset: number, bytes: number): void {
    attach(mbuf, this.address, offset, bytes);
  }

  /** Ends the buffer; its memory stays the application's. @throws ErrnoError EBUSY while mbufs are attached. */
  release(): void {
    if (this.references !== 1)
      throw new ErrnoError('EBUSY', `external buffer: ${this.references - 1} mbufs are attached: free them first`);
    removeBuffers(this.address);
    release(this.address);
  }
}
