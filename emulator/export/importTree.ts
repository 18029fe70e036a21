import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { storeRelease32 } from '#mem';
import { allocate, release } from '../../shared/arena';
import { UsageError } from '../../shared/errors';
import { BAR_MMIO, REG_INTERRUPT_MASK, REG_INTERRUPT_STATUS, REG_MIGRATION_ACK } from '../../shared/loops/layout';
import { BOTH } from '../../shared/loops/rights';
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
} from '../../shared/loops/records';
import type { BarRange } from './bars/barFiles';
import { GuestLine } from './uio/guestLine';
import { ImportedBars } from './bars/importedBars';
import { deviceFolder, devicesFolder, parseIdentity, parseBdf } from './bars/tree';
import type { GuestEnd } from './transport';

const WRITABLE = (1 << (REG_INTERRUPT_MASK >>> 2)) | (1 << (REG_MIGRATION_ACK >>> 2));

/** Lists the BDFs of the functions in an exported folder at this moment; none if the folder does not exist. */
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

function makeFunction(bdf: string, identity: PciIdentity, ranges: readonly BarRange[]): PciFunction {
  const base = allocate(PCI_FUNCTION_BYTES, { rights: BOTH, label: `${bdf} PCI` });
  storePciFunctionVendor(base, identity.vendor);
  storePciFunctionDevice(base, identity.device);
  storePciFunctionSubsystemVendor(base, identity.subsystemVendor);
  storePciFunctionSubsystemDevice(base, identity.subsystemDevice);
  storePciFunctionClassCode(base, identity.classCode);
  storePciFunctionAddress(base, parseBdf(bdf));
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
 * A PCI function that another process exports, as a guest in this process sees it: the BARs are
 * mapped into the arena, and a transport delivers the interrupt. It needs a thread with an event
 * loop; the function itself may be used from any thread.
 */
export class ImportedFunction {
  /** False once the host's process has ended or removed the function, or the tree shows another host's. */
  hostAlive = true;
  private closed = false;

  private constructor(
    readonly device: PciFunction,
    private readonly bars: ImportedBars,
    private readonly line: GuestEnd,
  ) {
    line.listen(
      () => this.interrupt(),
      () => this.hostGone(),
    );
    line.enable();
  }

  /**
   * Attaches to a function of a tree, which any process may have made.
   * @param patienceMs how long to wait for the end of the guest that has the function.
   * @throws UsageError where nobody serves it, where another guest of this kind drives it, or where
   *   the tree is not of that form; ErrnoError ENOMEM where the arena has no room. Nothing is left
   *   behind then.
   */
  static async open(dir: string, bdf: string, patienceMs = 0): Promise<ImportedFunction> {
    const folder = deviceFolder(resolve(dir), bdf);
    const missing = (error: NodeJS.ErrnoException): Error =>
      error.code === 'ENOENT' ? new UsageError(`${error.path} is not there`) : error;
    let line: GuestEnd | null = null;
    let bars: ImportedBars | null = null;
    try {
      const identity = identityIn(folder);
      // The connection comes first, so that the end of the host whose files these are is noticed.
      line = await GuestLine.open(resolve(dir), folder, patienceMs);
      bars = ImportedBars.map(folder, bdf);
      return new ImportedFunction(makeFunction(bdf, identity, bars.ranges), bars, line);
    } catch (error) {
      bars?.unmap();
      line?.close();
      throw missing(error as NodeJS.ErrnoException);
    }
  }

  /**
   * Notices a host that has left without closing its end: its files are gone, or another host's
   * stand in their place. Call it now and then. It is not needed to notice the end of a host's process.
   */
  lookAtTree(): void {
    if (!this.bars.shown) this.hostGone();
  }

  /** Delivers a pending interrupt to this thread's handler; true if one was delivered. Does nothing after `close`. */
  dispatchInterrupt(): boolean {
    const delivered = !this.closed && this.device.dispatchInterrupt();
    if (delivered) this.handled();
    return delivered;
  }

  /** Tells the host that a handler has ended. Needed if another thread called the handler. */
  handled(): void {
    if (this.hostAlive) this.line.enable();
  }

  /** Makes the function vanish for its driver: all reads return ones, bursts and requests fail (section 16). */
  vanish(): void {
    storeRelease32(this.device.base + PCI_FUNCTION_REMOVED, 1);
    wakeInterruptWaiters(this.device.base);
  }

  /** Leaves the host and unmaps the BARs. No thread may touch the function afterwards. Does nothing the second time. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.device.forgetInterruptHandler();
    this.line.close();
    this.bars.unmap();
    release(this.device.base);
  }

  private interrupt(): void {
    if (!this.closed) postInterrupt(this.device.base, false);
  }

  private hostGone(): void {
    this.hostAlive = false;
  }
}
