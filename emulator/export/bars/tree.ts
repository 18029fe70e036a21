/**
 * The tree of files through which a PCI function and its guest in another process meet. It looks
 * like what Linux shows of a function that is bound to a uio driver, so that a driver which takes
 * its devices from there needs no other:
 *
 * ```
 * DIR/devices/0000:00:05.0/  vendor, device, subsystem_vendor, subsystem_device, class, max_vfs,
 *                            numa_node, driver -> igb_uio, uio/uio0/, resource, resource0, ...
 * DIR/uio0                   unix stream socket in place of /dev/uio0
 * DIR/config                 in place of the function's configuration space
 * ```
 */
import { join } from 'node:path';
import { UsageError } from '../../../shared/errors';
import type { PciIdentity } from '../../../shared/pci';

export const BARS = [0, 1, 2, 3, 4, 5] as const;
export const CONFIG_BYTES = 4_096;
/** What the functions of this tree are bound to, and what a tree of somebody else's may name instead. */
export const UIO_DRIVER = 'igb_uio';
export const GENERIC_DRIVER = 'uio_pci_generic';

/** Words on the uio socket: from the host one for each interrupt, from the guest 1 to enable and 0 to disable. */
export const UIO_WORD_BYTES = 4;

/** A unix socket's address has no room for more, its closing NUL included. */
const MAX_SOCKET_PATH_BYTES = 107;

export function devicesFolder(dir: string): string {
  return join(dir, 'devices');
}

export function deviceFolder(dir: string, slot: string): string {
  return join(devicesFolder(dir), slot);
}

export function configFile(dir: string): string {
  return join(dir, 'config');
}

export function socketPath(dir: string, uio: number): string {
  return join(dir, `uio${uio}`);
}

/** @throws UsageError where no socket could have its place in this folder. */
export function checkSocketRoom(dir: string): void {
  const bytes = Buffer.byteLength(socketPath(dir, 99));
  if (bytes > MAX_SOCKET_PATH_BYTES)
    throw new UsageError(
      `folder ${dir}: its path is too long for a unix socket; expected at most ${MAX_SOCKET_PATH_BYTES - 6} bytes`,
    );
}

/** A BAR as `resource` has it; a size of 0 says that there is none. */
export interface Resource {
  readonly start: bigint;
  readonly bytes: number;
}

/** Memory, and its size is its alignment. */
const RESOURCE_FLAGS = 0x40200n;
const NO_RESOURCE: Resource = { start: 0n, bytes: 0 };
/** Where the BARs are said to lie: nothing depends on it, but 0 would say that there is none. */
const FIRST_START = 0x10_0000_0000n;
/** At least the size of the largest BAR, and so the alignment of all. */
const START_STEP = 0x8000_0000n;

export function startOf(uio: number, bar: number): bigint {
  return FIRST_START + BigInt(uio * BARS.length + bar) * START_STEP;
}

function hex64(value: bigint): string {
  return `0x${value.toString(16).padStart(16, '0')}`;
}

export function resourceText(resources: readonly Resource[]): string {
  const line = ({ start, bytes }: Resource): string =>
    bytes === 0
      ? [0n, 0n, 0n].map(hex64).join(' ')
      : [start, start + BigInt(bytes) - 1n, RESOURCE_FLAGS].map(hex64).join(' ');
  return `${resources.map(line).join('\n')}\n`;
}

/** Reads `resource`; lines behind the six BARs are those of the kernel's own, and skipped. */
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

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}\n`;
}

/** The small files of a function's folder, by name. */
export function identityTexts(identity: PciIdentity): Readonly<Record<string, string>> {
  return {
    vendor: hex(identity.vendor, 4),
    device: hex(identity.device, 4),
    subsystem_vendor: hex(identity.subsystemVendor, 4),
    subsystem_device: hex(identity.subsystemDevice, 4),
    class: hex((identity.classCode << 8) >>> 0, 6),
    max_vfs: '0\n',
    numa_node: '0\n',
  };
}

/**
 * The identity that the small files tell.
 * @param read gives the text of one of them.
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

/** `0000:00:05.0` as bus<<8 | device<<3 | function. */
export function parseSlot(slot: string): number {
  const parts = /^[0-9a-f]{4}:([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/i.exec(slot);
  const [bus, device, fn] = (parts ?? []).slice(1).map((text) => Number.parseInt(text, 16));
  if (bus === undefined || device === undefined || fn === undefined || device > 31)
    throw new UsageError(`'${slot}' is no PCI function: expected one such as 0000:00:05.0`);
  return (bus << 8) | (device << 3) | fn;
}
