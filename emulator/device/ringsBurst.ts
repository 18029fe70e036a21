/**
 * To the guest, many frames at once: the same as `deliverFrame` of each, and faster for those that fit
 * one buffer as they are. Loop dialect.
 */
import { copy, protect } from '#mem';
import { fifoFill } from '../../shared/fifo';
import { DESC_BYTES, FEATURE_VLAN_OFFLOAD, MIN_PACKET_BYTES, storeDescDataLen, storeDescPktLen } from '../../shared/layout';
import { DRIVER_READ, HOST_ONLY } from '../../shared/mem/rights';
import {
  HOST_FRAME_BYTES,
  HOST_RX_QUEUE_RX,
  loadHostBufferData,
  loadHostBufferDesc,
  loadHostBufferDescHi,
  loadHostBufferDescLo,
  loadHostFrameAddress,
  loadHostFrameLength,
  loadHostPortFeatures,
  loadHostPortMaxRxPktLen,
  loadHostPortMbufSize,
  loadHostPortRxQueues,
  loadHostPortRxSegmentBytes,
  loadHostRxQueueQueue,
  loadHostRxQueueStaged,
  PLACE_RX,
  PORT_COUNTERS_RX_DROP_NO_BUFFERS,
  PORT_COUNTERS_RX_OFFERED,
  storeHostBufferChain,
  storeHostBufferPlace,
  storeHostBufferQueue,
} from './records';
import { countAt, lesser, restoreBuffer, takeBuffer } from './ringsBuffers';
import { accept, hasBuffers, hostRxQueueAt, makeRoom, shut, stage } from './ringsReceive';

/** Takes the `count` frames of a table of `host_frame`s from the switch. */
export function deliverFrames(port: u32, table: u32, count: u32): void {
  countAt(port, PORT_COUNTERS_RX_OFFERED, count);
  const closed: u32 = shut(port);
  if (closed !== 0) {
    countAt(port, closed, count);
    return;
  }
  const queue: u32 = hostRxQueueAt(port, 0);
  const most: u32 = plainBytes(port);
  let frame: u32 = table;
  for (let left: u32 = count; left !== 0; left = (left - 1) >>> 0) {
    const address: u32 = loadHostFrameAddress(frame);
    const bytes: u32 = loadHostFrameLength(frame);
    const plain: bool = bytes >= MIN_PACKET_BYTES && bytes <= most;
    const cause: u32 = plain ? putPlain(port, queue, address, bytes) : accept(port, address, bytes);
    if (cause !== 0) countAt(port, cause, 1);
    frame = (frame + HOST_FRAME_BYTES) >>> 0;
  }
}

/** The longest frame that takes one buffer of the first queue as it is; 0 where each is to be looked at. */
function plainBytes(port: u32): u32 {
  if (loadHostPortRxQueues(port) !== 1 || (loadHostPortFeatures(port) & FEATURE_VLAN_OFFLOAD) !== 0) return 0;
  const most: u32 = lesser(loadHostPortMbufSize(port), loadHostPortRxSegmentBytes(port));
  return lesser(most, loadHostPortMaxRxPktLen(port));
}

/** Gives 0, or the counter of the frame's drop. */
function putPlain(port: u32, queue: u32, address: u32, bytes: u32): u32 {
  const full: u32 = makeRoom(queue);
  if (full !== 0) return full;
  if (!hasBuffers(port, 1)) return PORT_COUNTERS_RX_DROP_NO_BUFFERS;
  const buffer: u32 = takeBuffer(port);
  const desc: u32 = loadHostBufferDesc(buffer);
  copy(loadHostBufferData(buffer), address, bytes);
  restoreBuffer(buffer);
  storeDescDataLen(desc, bytes);
  storeDescPktLen(desc, bytes);
  storeHostBufferChain(buffer, 0);
  storeHostBufferPlace(buffer, PLACE_RX);
  storeHostBufferQueue(buffer, loadHostRxQueueQueue(queue));
  protect(desc, DESC_BYTES, (DRIVER_READ | HOST_ONLY) >>> 0);
  protect(loadHostBufferData(buffer), loadHostPortMbufSize(port), (DRIVER_READ | HOST_ONLY) >>> 0);
  fifoFill(queue + HOST_RX_QUEUE_RX, loadHostRxQueueStaged(queue), loadHostBufferDescLo(buffer), loadHostBufferDescHi(buffer));
  stage(port, queue, buffer, 1);
  return 0;
}
