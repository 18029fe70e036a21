import { deviceText, readDevice } from '../evidence/deviceReading';
import type { ServedNic } from './servedNic';

/** The part of a `stats` reply that is about one NIC. */
export function readNic({ nic, label, device, hasGuest, fed, dumpPath }: ServedNic): Readonly<Record<string, unknown>> {
  return {
    ...{ nic: label, slot: nic.bdf, network: nic.network, mac: nic.mac },
    guest: hasGuest,
    ...readDevice(device),
    switch: nic.port.stats(),
    fed,
    dumping: dumpPath !== null,
  };
}

/** The lines about a NIC in `stats` for people. */
export function nicText({ nic, label, device, hasGuest, fed, dumpPath }: ServedNic): string[] {
  const more = [...(fed > 0 ? [`${fed} frames fed`] : []), ...(dumpPath === null ? [] : [`dumping to ${dumpPath}`])];
  return [
    [
      `${label}  ${nic.bdf}  network ${nic.network}  ${nic.mac}`,
      hasGuest ? 'a guest drives it' : 'no guest',
      ...more,
    ].join(', '),
    ...deviceText(readDevice(device), nic.port.stats()).map((line) => `  ${line}`),
  ];
}
