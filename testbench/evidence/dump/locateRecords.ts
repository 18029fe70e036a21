import { mbuf, mempool, port } from '../../../driver/abi/records';
import { hostPort } from '../../../emulator/abi/records';
import { pciFunction } from '../../../shared/abi/records';
import type { Extent } from '../../../shared/arena';
import type { AddressSpace } from '../inspect/addressSpace';
import { StructView } from '../inspect/structView';
import type { DumpDevice, DumpIndex } from './dumpIndex';

/** Numbers of the BARs that a device can have (section 2). */
const BARS = ['0', '1', '2', '4', '5'] as const;

/** Addresses of the records in an arena, found from the labels of its extents and the records themselves. */
export type LocatedRecords = Pick<DumpIndex, 'devices' | 'ports' | 'mempools'>;

function bdfOf(address: number): string {
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  return `0000:${hex(address >>> 8)}:${hex((address >>> 3) & 31)}.${address & 7}`;
}

/** Characters at the beginning of a label that always remain when a long label loses its middle. */
const LABEL_START = 20;

/**
 * Finds the extent of a device's part by label. Devices may share a name: the extent that `fits` wins,
 * otherwise the only candidate.
 */
function partOf(
  extents: readonly Extent[],
  name: string,
  part: string,
  fits: (extent: Extent) => boolean,
): Extent | undefined {
  const all = extents.filter(({ label }) => label.endsWith(` ${part}`) && label.startsWith(name.slice(0, LABEL_START)));
  return all.find(fits) ?? (all.length === 1 ? all[0] : undefined);
}

function deviceAt(extents: readonly Extent[], space: AddressSpace, { address, label }: Extent): DumpDevice | null {
  const name = label.replace(/ PCI$/, '');
  const view = StructView.of(pciFunction, space.bytesAt(address, pciFunction.bytes));
  if (view === null) return null;
  const found = BARS.flatMap((bar) => {
    // Check against the extents, because the guest can write the BAR addresses in the record.
    const extent = partOf(
      extents,
      name,
      `BAR ${bar}`,
      (one) => one.address === view.number('bar_address', Number(bar)),
    );
    return extent === undefined ? [] : [[bar, { address: extent.address, bytes: extent.bytes }] as const];
  });
  const bars: DumpDevice['bars'] = Object.fromEntries(found);
  const memory = bars['2'];
  const host = partOf(extents, name, 'host', (one) => {
    const sync = StructView.of(hostPort, space.bytesAt(one.address, hostPort.bytes))?.number('sync') ?? 0;
    return memory !== undefined && sync >= memory.address && sync < memory.address + memory.bytes;
  });
  const record = host === undefined ? null : StructView.of(hostPort, space.bytesAt(host.address, hostPort.bytes));
  return {
    name,
    slot: bdfOf(view.number('address')),
    function: address,
    bars,
    state:
      partOf(extents, name, 'state', (one) => one.label === `${name} state` && one.address > address)?.address ?? null,
    host: host?.address ?? null,
    counters: record?.number('counters') ?? null,
  };
}

/** True for a pool of mbufs, whose first mbuf refers back to it. */
function isMempool(space: AddressSpace, { address }: Extent): boolean {
  const head = StructView.of(mempool, space.bytesAt(address, mempool.bytes));
  if (head === null) return false;
  const first = StructView.of(mbuf, space.bytesAt(head.number('first'), mbuf.bytes));
  return first !== null && first.number('pool') === address && first.number('room_bytes') === head.number('room_bytes');
}

/** Finds devices, ports and mempools. */
export function locateRecords(extents: readonly Extent[], space: AddressSpace): LocatedRecords {
  const devices = extents.flatMap((extent) =>
    extent.label.endsWith(' PCI') ? (deviceAt(extents, space, extent) ?? []) : [],
  );
  const ports = extents.flatMap(({ label, address }) => {
    const view = label.startsWith('port ') ? StructView.of(port, space.bytesAt(address, port.bytes)) : null;
    return view === null ? [] : [{ slot: label.slice('port '.length), address, device: view.number('pci') }];
  });
  const mempools = extents
    .filter((extent) => isMempool(space, extent))
    .map(({ label, address }) => ({ label, address }));
  return { devices, ports, mempools };
}
