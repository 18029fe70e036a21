import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { storeRelease32 } from '#mem';
import { allocate, release } from '../../shared/arena';
import { UsageError } from '../../shared/errors';
import { BAR_MMIO, REG_INTERRUPT_MASK, REG_INTERRUPT_STATUS, REG_MIGRATION_ACK } from '../../shared/layout';
import { BOTH } from '../../shared/mem/rights';
import { PciFunction, postInterrupt, wakeInterruptWaiters, type PciIdentity } from '../../shared/pci';
import {
  PCI_FUNCTION_BYTES,
  PCI_FUNCTION_REMOVED,
  storePciFunctionAddress,
  storePciFunctionBarAddress,
  storePciFunctionBarBytes,
  storePciFunctionClassCode,
  storePciFunctionClearOnRead,
  storePciFunctionDevice,
  storePciFunctionSubsystemDevice,
  storePciFunctionSubsystemVendor,
  storePciFunctionVendor,
  storePciFunctionWritableRegisters,
} from '../../shared/records';
import { importBar, openBar, type BarRange } from './barFiles';
import { mapNothing } from './libc';
import { BARS, deviceFolder, devicesFolder, parseIdentity, parseResources, parseSlot, socketPath } from './tree';
import { UioWords } from './uioWords';

const PAGE_BYTES = 4_096;
const ENABLE = Uint8Array.of(1, 0, 0, 0);
const WRITABLE = (1 << (REG_INTERRUPT_MASK >>> 2)) | (1 << (REG_MIGRATION_ACK >>> 2));

/**
 * The functions that a folder shows, by their slots; none where there is no such folder yet.
 * Whoever made it may come and go at any time.
 */
export function listTree(dir: string): string[] {
  try {
    return readdirSync(devicesFolder(dir)).sort();
  } catch {
    return [];
  }
}

function identityIn(folder: string): PciIdentity {
  return parseIdentity((name) => readFileSync(join(folder, name), 'utf8'));
}

/** Number of the function's uio device. */
function uioIn(folder: string): number {
  const found = readdirSync(join(folder, 'uio')).flatMap((name) => /^uio(\d+)$/.exec(name)?.[1] ?? []);
  if (found[0] === undefined) throw new UsageError(`${folder}/uio: expected a folder such as uio0 in it`);
  return Number(found[0]);
}

function connectTo(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      reject(new UsageError(`${path}: nobody serves there (${error.code ?? error.message})`)),
    );
  });
}

/** Maps every BAR that the tree shows. Nothing is left mapped where one can't be. */
function mapBars(folder: string, slot: string): BarRange[] {
  const path = join(folder, 'resource');
  const resources = parseResources(readFileSync(path, 'utf8'), path);
  const ranges: BarRange[] = [];
  try {
    for (const bar of BARS) {
      const resource = resources[bar];
      if (resource === undefined || resource.bytes === 0) continue;
      const file = openBar(folder, bar, resource);
      try {
        const address = allocate(resource.bytes, { align: PAGE_BYTES, rights: BOTH, label: `${slot} BAR ${bar}` });
        ranges.push({ bar, address, bytes: resource.bytes });
        importBar(ranges.at(-1)!, file);
      } finally {
        closeSync(file);
      }
    }
    return ranges;
  } catch (error) {
    unmapBars(ranges);
    throw error;
  }
}

function unmapBars(ranges: readonly BarRange[]): void {
  for (const { address, bytes } of ranges) {
    mapNothing(address, bytes);
    release(address);
  }
}

function makeFunction(slot: string, identity: PciIdentity, ranges: readonly BarRange[]): PciFunction {
  const base = allocate(PCI_FUNCTION_BYTES, { rights: BOTH, label: `${slot} PCI` });
  storePciFunctionVendor(base, identity.vendor);
  storePciFunctionDevice(base, identity.device);
  storePciFunctionSubsystemVendor(base, identity.subsystemVendor);
  storePciFunctionSubsystemDevice(base, identity.subsystemDevice);
  storePciFunctionClassCode(base, identity.classCode);
  storePciFunctionAddress(base, parseSlot(slot));
  for (const { bar, address, bytes } of ranges) {
    storePciFunctionBarAddress(base, bar, address);
    storePciFunctionBarBytes(base, bar, bytes);
  }
  const registers = ranges.find(({ bar }) => bar === BAR_MMIO);
  if (registers !== undefined) storePciFunctionClearOnRead(base, registers.address + REG_INTERRUPT_STATUS);
  storePciFunctionWritableRegisters(base, WRITABLE);
  return PciFunction.at(base);
}

/**
 * A PCI function that another process exports (`tree.ts`), as a guest in this one sees it: its
 * BARs are mapped into the arena, its interrupt comes by the uio socket. Needs a thread with an
 * event loop; the function itself may be used from any.
 */
export class ImportedFunction {
  /** False once the host's process has ended or let go of the function. */
  hostAlive = true;
  private closed = false;
  private leave: () => void = () => {};

  private constructor(
    readonly device: PciFunction,
    private readonly ranges: readonly BarRange[],
    private readonly socket: Socket,
  ) {
    const words = new UioWords();
    socket.on('data', (chunk) => words.take(chunk, () => this.interrupt()));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.hostAlive = false;
      this.leave();
    });
  }

  /**
   * Attaches to a function of a tree, whoever made it.
   * @throws UsageError where nobody serves it, or where the tree is not of that form; ErrnoError
   *   ENOMEM where the arena has no room. Nothing is left behind then.
   */
  static async open(dir: string, slot: string): Promise<ImportedFunction> {
    const folder = deviceFolder(resolve(dir), slot);
    const missing = (error: NodeJS.ErrnoException): Error => (error.code === 'ENOENT' ? new UsageError(`${error.path} is not there`) : error);
    let socket: Socket | null = null;
    try {
      const identity = identityIn(folder);
      // First: whatever host the files are of, its end is noticed.
      socket = await connectTo(socketPath(resolve(dir), uioIn(folder)));
      const ranges = mapBars(folder, slot);
      socket.write(ENABLE);
      return new ImportedFunction(makeFunction(slot, identity, ranges), ranges, socket);
    } catch (error) {
      socket?.destroy();
      throw missing(error as NodeJS.ErrnoException);
    }
  }

  /** Called once when the host has gone, at once if it has already. */
  onHostGone(hook: () => void): void {
    this.leave = hook;
    if (!this.hostAlive) hook();
  }

  /** Delivers a pending interrupt to this thread's handler. True if one was delivered; never after `close`. */
  dispatchInterrupt(): boolean {
    const delivered = !this.closed && this.device.dispatchInterrupt();
    if (delivered) this.handled();
    return delivered;
  }

  /** Tells the host that a handler has ended; for handlers that another thread has called. */
  handled(): void {
    if (this.hostAlive) this.socket.write(ENABLE);
  }

  /** The function vanishes for its driver: all reads give ones, bursts and requests fail (section 16). */
  vanish(): void {
    storeRelease32(this.device.base + PCI_FUNCTION_REMOVED, 1);
    wakeInterruptWaiters(this.device.base);
  }

  /** Lets go of the host and of the memory; no thread may touch the function afterwards. Does nothing the second time. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.device.forgetInterruptHandler();
    this.leave = () => {};
    this.socket.destroy();
    unmapBars(this.ranges);
    release(this.device.base);
  }

  private interrupt(): void {
    if (!this.closed) postInterrupt(this.device.base, false);
  }
}
