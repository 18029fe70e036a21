import { FEATURE_VLAN_OFFLOAD, MIN_MBUF_SIZE } from '../shared/loops/layout';
import { maxMtu, MIN_MTU, queueLimit } from './configure';
import type { PortContext } from './context';
import {
  loadPortHostFeatures,
  loadPortHostVersion,
  loadPortMaxRxPktLen,
  loadPortMaxRxQueues,
  loadPortMaxTxQueues,
  loadPortMtu,
} from './loops/records';

/** What a port can do and what it is set to (section 13); a migration may change all but the MTU. */
export interface PortInfo {
  readonly maxRxQueues: number;
  readonly maxTxQueues: number;
  readonly minRxBufferBytes: number;
  readonly maxRxPacketBytes: number;
  readonly macAddresses: number;
  readonly mtu: number;
  readonly minMtu: number;
  readonly maxMtu: number;
  /** What the host offers. */
  readonly vlanStrip: boolean;
  readonly vlanInsert: boolean;
  /** release<<16 | major<<8 | minor. */
  readonly hostVersion: number;
}

export function infoOf(port: PortContext): PortInfo {
  const vlan = (loadPortHostFeatures(port.address) & FEATURE_VLAN_OFFLOAD) !== 0;
  return {
    maxRxQueues: queueLimit(loadPortMaxRxQueues(port.address)),
    maxTxQueues: queueLimit(loadPortMaxTxQueues(port.address)),
    minRxBufferBytes: MIN_MBUF_SIZE,
    maxRxPacketBytes: loadPortMaxRxPktLen(port.address),
    macAddresses: 1,
    mtu: loadPortMtu(port.address),
    minMtu: MIN_MTU,
    maxMtu: maxMtu(port),
    vlanStrip: vlan,
    vlanInsert: vlan,
    hostVersion: loadPortHostVersion(port.address),
  };
}
