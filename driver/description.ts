import { createHash } from 'node:crypto';
import { readBytes } from '#mem';
import {
  BAR_DEVICE,
  BAR_MEMMAP,
  DEVICE_INFO_BYTES,
  MAX_MAPS,
  MEMMAP_BYTES,
  MEMMAP_INFO_MAPS,
  MEMMAP_INFO_NB_MAPS,
} from '../shared/loops/layout';
import type { PciFunction } from '../shared/pci';

/**
 * Copies of BARs 4 and 5, each fetched once. The driver checks, uses and compares these copies only, so a host that
 * changes its description in between cannot make the driver use values that it has not checked.
 */
export interface Description {
  /** The device info (section 5). */
  readonly info: Uint8Array;
  /** The memory map (section 4), as far as its entries go and BAR 4 holds them. */
  readonly map: Uint8Array;
}

function wordAt(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);
}

/** Copies the memory map. BAR 4 has been checked. */
export function copyMap(pci: PciFunction): Uint8Array {
  const base = pci.barAddress(BAR_MEMMAP);
  const head = readBytes(base, MEMMAP_INFO_MAPS);
  const fit = Math.floor((pci.barBytes(BAR_MEMMAP) - MEMMAP_INFO_MAPS) / MEMMAP_BYTES);
  const maps = Math.min(wordAt(head, MEMMAP_INFO_NB_MAPS), MAX_MAPS, fit);
  return Buffer.concat([head, readBytes(base + MEMMAP_INFO_MAPS, maps * MEMMAP_BYTES)]);
}

/** Copies the description of a host. The BARs have been checked. */
export function copyDescription(pci: PciFunction): Description {
  return { info: readBytes(pci.barAddress(BAR_DEVICE), DEVICE_INFO_BYTES), map: copyMap(pci) };
}

/** SHA-256 of a description. Another digest, another host. */
export function digestOf({ info, map }: Description): Uint8Array {
  return createHash('sha256').update(info).update(map).digest();
}
