import { protect, writeBytes } from '#mem';
import { VLAN_TAG_BYTES } from '../../../shared/ethernet';
import { DESC_BYTES, MAX_MBUF_SIZE, MAX_PACKET_BYTES, REQUEST_BYTES } from '../../../shared/loops/layout';
import { BOTH } from '../../../shared/loops/rights';
import type { Random } from '../../../shared/random';
import { high32, low32 } from '../../../shared/u64';
import type { HostMemory } from './hostMemory';
import {
  HOST_BUFFER_BYTES,
  HOST_FRAME_BYTES,
  HOST_PORT_BYTES,
  HOST_RX_QUEUE_BYTES,
  HOST_TX_QUEUE_BYTES,
  storeHostPortBuffers,
  storeHostPortCounters,
  storeHostPortFrameArea,
  storeHostPortFrameLast,
  storeHostPortFrames,
  storeHostPortJunk,
  storeHostPortMaxRxPktLen,
  storeHostPortMbufSize,
  storeHostPortPoolCount,
  storeHostPortRecords,
  storeHostPortRxLimit,
  storeHostPortRxRecords,
  storeHostPortRxSegmentBytes,
  storeHostPortRxStage,
  storeHostPortStack,
  storeHostPortSync,
  storeHostPortSyncHi,
  storeHostPortSyncLo,
  storeHostPortTxRecords,
  storeHostRxQueuePort,
  storeHostRxQueueQueue,
  storeHostTxQueuePort,
  storeHostTxQueueQueue,
} from '../loops/records';
import { JUNK_STARTS } from '../loops/buffers';
import { BURST_FRAMES } from '../loops/transmit';
import type { AvpDeviceSettings } from '../settings';

const CACHE_LINE_BYTES = 64;

/** Offsets within the one allocation that holds a host's private records; `host_port` comes first. */
export interface HostBlock {
  readonly txQueues: number;
  readonly rxQueues: number;
  readonly buffers: number;
  readonly stack: number;
  readonly frames: number;
  readonly frameArea: number;
  /** 0 without poison mode. */
  readonly junk: number;
  readonly bytes: number;
}

/** The longest packet, which begins with a cache line, and room for its tag before that. */
const FRAME_BYTES = CACHE_LINE_BYTES + MAX_PACKET_BYTES;
/** Packets stand here one behind the other, and behind them is room for the longest one always. */
const FRAMES_BEFORE_BYTES = 65_536;
const JUNK_BYTES = Math.max(DESC_BYTES, MAX_MBUF_SIZE) + JUNK_STARTS;

export function bufferTotal(settings: AvpDeviceSettings): number {
  return settings.pools.reduce((sum, pool) => sum + pool.buffers, 0);
}

/** Buffers that alloc may have out at a time, over all queues. */
export function allocShare(settings: AvpDeviceSettings): number {
  return Math.max(1, Math.floor((bufferTotal(settings) * settings.allocSharePercent) / 100));
}

export function hostBlock(settings: AvpDeviceSettings): HostBlock {
  let end = HOST_PORT_BYTES;
  const take = (bytes: number): number => {
    const offset = end;
    end = Math.ceil((offset + bytes) / CACHE_LINE_BYTES) * CACHE_LINE_BYTES;
    return offset;
  };
  const parts = {
    txQueues: take(settings.txQueues.max * HOST_TX_QUEUE_BYTES),
    rxQueues: take(settings.rxQueues.max * HOST_RX_QUEUE_BYTES),
    buffers: take(bufferTotal(settings) * HOST_BUFFER_BYTES),
    stack: take(bufferTotal(settings) * 4),
    frames: take(BURST_FRAMES * HOST_FRAME_BYTES),
    frameArea: take(FRAMES_BEFORE_BYTES + FRAME_BYTES),
    junk: settings.poisonAlloc ? take(JUNK_BYTES) : 0,
  };
  return { ...parts, bytes: end };
}

function fillSettings(port: number, settings: AvpDeviceSettings): void {
  storeHostPortMbufSize(port, settings.mbufSize);
  storeHostPortMaxRxPktLen(port, settings.maxRxPacketBytes);
  storeHostPortRxSegmentBytes(port, settings.rxSegmentBytes || settings.mbufSize);
  storeHostPortRxStage(port, settings.rxStage);
  storeHostPortBuffers(port, bufferTotal(settings));
  storeHostPortPoolCount(port, settings.pools.length);
  storeHostPortRxLimit(port, Math.max(1, bufferTotal(settings) - allocShare(settings)));
}

function fillSync(host: HostMemory): void {
  storeHostPortSync(host.port, host.address('sync'));
  storeHostPortSyncLo(host.port, low32(host.run('sync').va));
  storeHostPortSyncHi(host.port, high32(host.run('sync').va));
  protect(host.address('sync'), REQUEST_BYTES, BOTH);
}

/** Writes `host_port` and the queue records, all but the ends of the FIFOs and the pools. */
export function fillHostPort(host: HostMemory, block: HostBlock, counters: number, random: Random): void {
  const { settings, port } = host;
  fillSettings(port, settings);
  fillSync(host);
  storeHostPortCounters(port, counters);
  storeHostPortTxRecords(port, port + block.txQueues);
  storeHostPortRxRecords(port, port + block.rxQueues);
  storeHostPortRecords(port, port + block.buffers);
  storeHostPortStack(port, port + block.stack);
  const area = port + block.frameArea + CACHE_LINE_BYTES - VLAN_TAG_BYTES;
  storeHostPortFrames(port, port + block.frames);
  storeHostPortFrameArea(port, area);
  storeHostPortFrameLast(port, area + FRAMES_BEFORE_BYTES);
  if (block.junk !== 0) {
    storeHostPortJunk(port, port + block.junk);
    writeBytes(port + block.junk, random.bytes(JUNK_BYTES));
  }
  for (let queue = 0; queue < settings.txQueues.max; queue++) {
    storeHostTxQueuePort(host.txQueue(queue), port);
    storeHostTxQueueQueue(host.txQueue(queue), queue);
  }
  for (let queue = 0; queue < settings.rxQueues.max; queue++) {
    storeHostRxQueuePort(host.rxQueue(queue), port);
    storeHostRxQueueQueue(host.rxQueue(queue), queue);
  }
}
