/**
 * Tables of frames to the guest. The result equals `deliverFrame` of each; frames that fit one buffer
 * unchanged take a faster path. Loop dialect.
 */
import { copy, protect } from '#mem';
import { NO_FAULT } from '../../../shared/loops/counter';
import {
  DESC_BYTES,
  FEATURE_VLAN_OFFLOAD,
  MIN_PACKET_BYTES,
  storeDescDataLen,
  storeDescPktLen,
} from '../../../shared/loops/layout';
import { DRIVER_READ, HOST_ONLY } from '../../../shared/loops/rights';
import { loadFifoEndLen } from '../../../shared/loops/records';
import {
  HOST_FRAME_BYTES,
  HOST_RX_QUEUE_RX,
  loadHostBufferData,
  loadHostBufferDesc,
  loadHostFrameAddress,
  loadHostFrameLength,
  loadHostPortFeatures,
  loadHostPortMaxRxPktLen,
  loadHostPortMbufSize,
  loadHostPortRxLimit,
  loadHostPortRxOut,
  loadHostPortRxQueues,
  loadHostPortRxSegmentBytes,
  loadHostPortRxStage,
  loadHostPortStackCount,
  loadHostRxQueueQueue,
  loadHostRxQueueStaged,
  PLACE_RX,
  PORT_COUNTERS_RX_OFFERED,
  storeHostBufferPlace,
  storeHostBufferQueue,
} from './records';
import { countAt, dropBuffers, lesser, peekBuffer, restoreBuffer } from './buffers';
import { rxWaiting } from './takeBack';
import { accept, fillSlot, hasBuffers, hostRxQueueAt, shut, stage } from './toGuest';

/** Takes a table of `count` `host_frame`s from the switch. */
export function deliverFrames(port: u32, table: u32, count: u32): void {
  countAt(port, PORT_COUNTERS_RX_OFFERED, count);
  const closed: u32 = shut(port);
  if (closed !== NO_FAULT) {
    countAt(port, closed, count);
    return;
  }
  const queue: u32 = hostRxQueueAt(port, 0);
  const most: u32 = plainBytes(port);
  let frame: u32 = table;
  for (let left: u32 = count; left !== 0;) {
    let done: u32 = most === 0 ? 0 : putPlain(port, queue, frame, left, most);
    if (done === 0) {
      const cause: u32 = accept(port, loadHostFrameAddress(frame), loadHostFrameLength(frame));
      if (cause !== NO_FAULT) countAt(port, cause, 1);
      done = 1;
    }
    frame = (frame + ((done * HOST_FRAME_BYTES) >>> 0)) >>> 0;
    left = (left - done) >>> 0;
  }
}

/** Returns the longest frame that fits one buffer of queue 0 unchanged, 0 if the fast path does not apply. */
function plainBytes(port: u32): u32 {
  if (loadHostPortRxQueues(port) !== 1 || (loadHostPortFeatures(port) & FEATURE_VLAN_OFFLOAD) !== 0) return 0;
  const most: u32 = lesser(loadHostPortMbufSize(port), loadHostPortRxSegmentBytes(port));
  return lesser(most, loadHostPortMaxRxPktLen(port));
}

/** Returns how many one-buffer frames fit on rx without reading the guest's index. At 0, `accept` decides. */
function plainRoom(port: u32, queue: u32): u32 {
  if (!hasBuffers(port, 1)) return 0;
  const slots: u32 = (loadFifoEndLen(queue + HOST_RX_QUEUE_RX) - 1 - rxWaiting(queue)) >>> 0;
  const buffers: u32 = lesser(
    (loadHostPortRxLimit(port) - loadHostPortRxOut(port)) >>> 0,
    loadHostPortStackCount(port),
  );
  const unstaged: u32 = (loadHostPortRxStage(port) - loadHostRxQueueStaged(queue)) >>> 0;
  return lesser(unstaged, lesser(slots, buffers));
}

/** Takes frames by the fast path until one does not fit it or room runs out. Returns their number. */
function putPlain(port: u32, queue: u32, table: u32, count: u32, most: u32): u32 {
  const able: u32 = lesser(count, plainRoom(port, queue));
  let frame: u32 = table;
  let done: u32 = 0;
  while (done < able) {
    const bytes: u32 = loadHostFrameLength(frame);
    if (bytes < MIN_PACKET_BYTES || bytes > most) break;
    const buffer: u32 = peekBuffer(port, done);
    fillPlain(port, queue, buffer, loadHostFrameAddress(frame), bytes);
    fillSlot(queue, buffer, done);
    done = (done + 1) >>> 0;
    frame = (frame + HOST_FRAME_BYTES) >>> 0;
  }
  if (done === 0) return 0;
  dropBuffers(port, done);
  stage(port, queue, done, done);
  return done;
}

/** Fills one buffer with a frame, as a chain of one. */
function fillPlain(port: u32, queue: u32, buffer: u32, address: u32, bytes: u32): void {
  const desc: u32 = loadHostBufferDesc(buffer);
  restoreBuffer(buffer);
  storeDescDataLen(desc, bytes);
  storeDescPktLen(desc, bytes);
  copy(loadHostBufferData(buffer), address, bytes);
  storeHostBufferPlace(buffer, PLACE_RX);
  storeHostBufferQueue(buffer, loadHostRxQueueQueue(queue));
  protect(desc, DESC_BYTES, (DRIVER_READ | HOST_ONLY) >>> 0);
  protect(loadHostBufferData(buffer), loadHostPortMbufSize(port), (DRIVER_READ | HOST_ONLY) >>> 0);
}
