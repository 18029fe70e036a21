import { protect, writeBytes } from '#mem';
import { VLAN_TAG_BYTES } from '../../../shared/ethernet';
import { REQUEST_BYTES } from '../../../shared/loops/layout';
import { BOTH } from '../../../shared/loops/rights';
import type { Random } from '../../../shared/random';
import { high32, low32 } from '../../../shared/u64';
import {
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
import type { AvpDeviceSettings } from '../settings/schema';
import { allocShare, bufferTotal, CACHE_LINE_BYTES, FRAMES_BEFORE_BYTES, JUNK_BYTES } from './hostBlock';
import type { HostLayout } from './hostLayout';

function fillSettings(port: number, settings: AvpDeviceSettings): void {
  storeHostPortMbufSize(port, settings.mbufSize);
  storeHostPortMaxRxPktLen(port, settings.maxRxPacketBytes);
  storeHostPortRxSegmentBytes(port, settings.rxSegmentBytes || settings.mbufSize);
  storeHostPortRxStage(port, settings.rxStage);
  storeHostPortBuffers(port, bufferTotal(settings));
  storeHostPortPoolCount(port, settings.pools.length);
  storeHostPortRxLimit(port, Math.max(1, bufferTotal(settings) - allocShare(settings)));
}

function fillSync(host: HostLayout): void {
  storeHostPortSync(host.port, host.address('sync'));
  storeHostPortSyncLo(host.port, low32(host.run('sync').va));
  storeHostPortSyncHi(host.port, high32(host.run('sync').va));
  protect(host.address('sync'), REQUEST_BYTES, BOTH);
}

/**
 * Writes `host_port` and the queue records, except for the ends of the FIFOs and the pools.
 * @param counters arena address of `port_counters`.
 */
export function fillHostPort(host: HostLayout, counters: number, random: Random): void {
  const { settings, port, block } = host;
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
