import { readBytes } from '#mem';
import { ErrnoError } from '../../../shared/errors';
import { hex64 } from '../../../shared/hex';
import {
  MAX_MAPS,
  MEMMAP_BYTES,
  MEMMAP_INFO_BYTES,
  MEMMAP_INFO_MAGIC,
  MEMMAP_INFO_MAPS,
  MEMMAP_INFO_NB_MAPS,
  MEMMAP_INFO_VERSION,
  MEMMAP_LENGTH,
  MEMMAP_MAGIC,
  MEMMAP_PHYS_ADDR,
  MEMMAP_VERSION,
} from '../../../shared/loops/layout';
import type { PciFunction } from '../../../shared/pci';

/** Translates a host physical address to a guest address. Throws EFAULT if no map holds the address. */
export type Translate = (phys: bigint, what: string) => number;

/**
 * Reads the memory map of section 4.
 * @throws ErrnoError where BAR 4 is missing or holds no valid map.
 */
export function readMemmap(pci: PciFunction, mapBar: number, memoryBar: number): Translate {
  if (pci.barBytes(mapBar) < MEMMAP_INFO_BYTES) throw new ErrnoError('EFAULT', `the device has no BAR ${mapBar}`);
  const raw = readBytes(pci.barAddress(mapBar), MEMMAP_INFO_BYTES);
  const map = new DataView(raw.buffer, raw.byteOffset, raw.length);
  const count = map.getUint32(MEMMAP_INFO_NB_MAPS, true);
  const known =
    map.getUint32(MEMMAP_INFO_MAGIC, true) === MEMMAP_MAGIC &&
    map.getUint32(MEMMAP_INFO_VERSION, true) === MEMMAP_VERSION;
  if (!known) throw new ErrnoError('EINVAL', `BAR ${mapBar} holds no memory map of version ${MEMMAP_VERSION}`);
  if (count > MAX_MAPS) throw new ErrnoError('EINVAL', `nb_maps is ${count}: expected at most ${MAX_MAPS}`);
  return (phys, what) => {
    let offset = 0n;
    for (let at = MEMMAP_INFO_MAPS; at < MEMMAP_INFO_MAPS + count * MEMMAP_BYTES; at += MEMMAP_BYTES) {
      const from = map.getBigUint64(at + MEMMAP_PHYS_ADDR, true);
      const length = map.getBigUint64(at + MEMMAP_LENGTH, true);
      if (phys >= from && phys < from + length) return pci.barAddress(memoryBar) + Number(offset + phys - from);
      offset += length;
    }
    throw new ErrnoError('EFAULT', `${what} ${hex64(phys)} lies in no map`);
  };
}
