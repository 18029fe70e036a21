import type { Port } from '../../../driver';
import type { GuestPortStats, PortInfo } from '../target';

/** Reads the statistics of a port of our driver. */
export function statsOf(port: Port): GuestPortStats {
  const stats = port.statsGet();
  const filtered = Object.entries(port.xstatsGet()).filter(([name]) => name.endsWith('_filtered_mac'));
  return {
    rx: { packets: stats.ipackets, bytes: stats.ibytes, errors: stats.ierrors },
    tx: { packets: stats.opackets, bytes: stats.obytes, errors: stats.oerrors },
    rxNombuf: stats.rxNombuf,
    rxFiltered: filtered.reduce((total, [, count]) => total + count, 0),
    rxQueues: stats.rx,
    txQueues: stats.tx,
  };
}

/** Reads the information of a port of our driver. */
export function infoOf(port: Port): PortInfo {
  const info = port.infoGet();
  return {
    maxRxQueues: info.maxRxQueues,
    maxTxQueues: info.maxTxQueues,
    minRxBufSize: info.minRxBufferBytes,
    maxRxPktLen: info.maxRxPacketBytes,
    maxMacAddrs: info.macAddresses,
    vlanStrip: info.vlanStrip,
    vlanInsert: info.vlanInsert,
    rxScatter: info.rxScatter,
    txMultiSegs: info.txMultiSegs,
    speedsMbps: info.speedsMbps,
    mtu: info.mtu,
    minMtu: info.minMtu,
    maxMtu: info.maxMtu,
  };
}
