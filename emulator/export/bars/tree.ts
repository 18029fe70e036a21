/**
 * The tree of files in which a PCI function and its guest in another process meet. It looks like
 * what Linux shows of PCI functions, so that a driver which finds its devices there needs no
 * change:
 *
 * ```
 * DIR/devices/0000:00:05.0/  vendor, device, subsystem_vendor, subsystem_device, class, max_vfs,
 *                            numa_node, resource, resource0, resource1, ...
 * ```
 *
 * The folder of a transport says which files it adds (`uio/uioFiles.ts`).
 */
import { join } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { hex, hex64 } from '../../../shared/hex';
import type { PciIdentity } from '../../../shared/pci';

/** Numbers of a function's BARs. */
export const BARS = [0, 1, 2, 3, 4, 5] as const;

/** Path of a function's folder in its tree. */
export const FUNCTION_FOLDER = /devices\/[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}[.][0-7]/;
/** Names of the files in a function's folder. */
export const FUNCTION_FILES = /vendor|device|subsystem_vendor|subsystem_device|class|max_vfs|numa_node|resource[0-5]?/;

export function devicesFolder(dir: string): string {
  return join(dir, 'devices');
}

export function deviceFolder(dir: string, bdf: string): string {
  return join(devicesFolder(dir), bdf);
}

/** A BAR as the file `resource` has it; a size of 0 says that there is none. */
export interface Resource {
  readonly start: bigint;
  readonly bytes: number;
}

/** Flags of Linux for a memory resource whose size is its alignment. */
const RESOURCE_FLAGS = 0x40200n;
const NO_RESOURCE: Resource = { start: 0n, bytes: 0 };
/** Start of the first BAR. Any value works except 0, which stands for a missing BAR. */
const FIRST_START = 0x10_0000_0000n;
/** At least the size of the largest BAR, and so the alignment of all. */
const START_STEP = 0x8000_0000n;

/** The address at which `resource` says that a BAR lies, for the function with this number in its tree. */
export function startOf(index: number, bar: number): bigint {
  return FIRST_START + BigInt(index * BARS.length + bar) * START_STEP;
}

export function resourceText(resources: readonly Resource[]): string {
  const line = ({ start, bytes }: Resource): string =>
    bytes === 0
      ? [0n, 0n, 0n].map(hex64).join(' ')
      : [start, start + BigInt(bytes) - 1n, RESOURCE_FLAGS].map(hex64).join(' ');
  return `${resources.map(line).join('\n')}\n`;
}

/** Parses `resource`. Skips the lines after the six BARs, which are the kernel's own. */
export function parseResources(text: string, path: string): Resource[] {
  const lines = text.split('\n').slice(0, BARS.length);
  return lines.map((line) => {
    if (!/^(0x[0-9a-f]+ ){2}0x[0-9a-f]+$/i.test(line))
      throw new UsageError(`${path}: '${line}', expected 'START END FLAGS'`);
    const [start, end] = line.split(' ').map(BigInt) as [bigint, bigint, bigint];
    if (start === 0n && end === 0n) return NO_RESOURCE;
    if (end < start || end - start >= START_STEP)
      throw new UsageError(`${path}: '${line}', expected a range below 2 GiB`);
    return { start, bytes: Number(end - start) + 1 };
  });
}

/** Texts of the files that tell a function's identity, by name. */
export function identityTexts(identity: PciIdentity): Readonly<Record<string, string>> {
  return {
    vendor: `${hex(identity.vendor, 4)}\n`,
    device: `${hex(identity.device, 4)}\n`,
    subsystem_vendor: `${hex(identity.subsystemVendor, 4)}\n`,
    subsystem_device: `${hex(identity.subsystemDevice, 4)}\n`,
    class: `${hex((identity.classCode << 8) >>> 0, 6)}\n`,
    max_vfs: '0\n',
    numa_node: '0\n',
  };
}

/**
 * Reads an identity from its files.
 * @param read returns the text of the file with this name.
 * @throws UsageError where one holds no number.
 */
export function parseIdentity(read: (name: string) => string): PciIdentity {
  const value = (name: string): number => {
    const text = read(name).trim();
    if (!/^0x[0-9a-f]{1,6}$/i.test(text)) throw new UsageError(`${name}: '${text}', expected a number such as 0x1af4`);
    return Number(text);
  };
  return {
    vendor: value('vendor'),
    device: value('device'),
    subsystemVendor: value('subsystem_vendor'),
    subsystemDevice: value('subsystem_device'),
    classCode: value('class') >>> 8,
  };
}

/** Packs `0000:00:05.0` as bus<<8 | device<<3 | function. @throws UsageError */
export function parseBdf(bdf: string): number {
  const parts = /^[0-9a-f]{4}:([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/i.exec(bdf);
  const [bus, device, fn] = (parts ?? []).slice(1).map((text) => Number.parseInt(text, 16));
  if (bus === undefined || device === undefined || fn === undefined || device > 31)
    throw new UsageError(`'${bdf}' is no PCI function: expected one such as 0000:00:05.0`);
  return (bus << 8) | (device << 3) | fn;
}
