import { extents } from '../../../shared/arena';
// Not through `#mem`: a look shows all memory regardless of rights, and is no access of either side.
import { bytes8 } from '../../../shared/mem/memory';
import { toolVersion } from '../../runtime/package';
import { DUMP_FORMAT, type DumpIndex, layoutFingerprint } from '../dump/dumpIndex';
import { locateRecords } from '../dump/locateRecords';
import type { DumpedRun } from '../dump/writeDump';
import { AddressSpace } from './addressSpace';
import { type DumpInspection, inspectDump } from './inspectDump';

/**
 * Inspects this process's arena as it is now, without a copy, as `inspectDump` inspects a dump of it.
 * @param only address of the PCI function of the one device to look at; null for all.
 */
export function inspectMemory(run: DumpedRun, only: number | null = null): DumpInspection {
  const found = extents();
  const space = new AddressSpace(
    found.map(({ address, bytes }) => ({ address, bytes: bytes8.subarray(address, address + bytes) })),
  );
  const { devices, ports, mempools } = locateRecords(found, space);
  const index: DumpIndex = {
    format: DUMP_FORMAT,
    versions: { tool: toolVersion() },
    layout: layoutFingerprint(),
    ...run,
    extents: [],
    devices: devices.filter((device) => only === null || device.function === only),
    ports: ports.filter((port) => only === null || port.device === only),
    mempools: only === null ? mempools : [],
  };
  return inspectDump({ index, space, privateRecords: true });
}
