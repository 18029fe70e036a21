import type { Port, PortConfig } from '../../../driver';
import { control } from '../guestCall';
import type { Result } from '../target';

type Results = Readonly<Record<string, Result>>;

/** Requests operations that AVP lacks of our driver. */
export function unsupportedOn(port: Port): Results {
  return {
    'VLAN filter': control(() => port.vlanOffloadSet({ filter: true })),
    'one VLAN of the filter': control(() => port.vlanFilterSet(7, true)),
    'QinQ extend': control(() => port.vlanOffloadSet({ qinqExtend: true })),
    'MTU change': control(() => port.mtuSet(1_400)),
    'MAC address change': control(() => port.macAddrSet(Uint8Array.of(2, 0, 0, 0, 0, 1))),
    'multicast list': control(() => port.mcAddrListSet([])),
  };
}

/** Requests the operations that AVP lacks beside those of `unsupportedOn`. */
export function furtherUnsupportedOn(port: Port): Results {
  const mac = Uint8Array.of(2, 0, 0, 0, 0, 5);
  return {
    'second MAC address': control(() => port.macAddrAdd(mac)),
    'removal of a MAC address': control(() => port.macAddrRemove(mac)),
    'flow control': control(() => port.flowCtrlSet(true)),
    'strip on one queue': control(() => port.vlanStripOnQueueSet(0, true)),
    'tag type': control(() => port.vlanTpidSet(0x88a8)),
    'link up by the application': control(() => port.linkSet(true)),
    'link down by the application': control(() => port.linkSet(false)),
    'tag of the port': control(() => port.vlanPvidSet(5, true)),
    'reset of the device': control(() => port.reset()),
    'start of one queue': control(() => port.queueStart('rx', 0)),
    'stop of one queue': control(() => port.queueStop('rx', 0)),
    'RSS hash': control(() => port.rssHashSet(1)),
    'receive interrupt': control(() => port.rxInterruptSet(0, true)),
  };
}

const LACKING_SETTINGS = {
  'fixed speed of 1 Gbit/s': { speedMbps: 1_000 },
  'link interrupts': { linkInterrupt: true },
  'removal interrupts': { removalInterrupt: true },
  loopback: { loopback: 1 },
  'receive checksum': { rxChecksum: true },
  'transmit checksum': { txChecksum: true },
  LRO: { lro: true },
  'QinQ strip': { qinqStrip: true },
  RSS: { rss: true },
  'deferred start': { deferredStart: true },
} as const;

/** Configures a port with each setting that AVP lacks. */
export function unsupportedSettingsOn(port: Port): Results {
  const results = Object.entries(LACKING_SETTINGS).map(([what, setting]) => {
    const config: PortConfig = { rxQueues: 1, txQueues: 1, ...setting };
    return [what, control(() => port.configure(config))] as const;
  });
  return Object.fromEntries(results);
}
