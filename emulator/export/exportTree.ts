import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { UsageError } from '../../shared/errors';
import type { PciFunction } from '../../shared/pci';
import { barsOf, exportBar, unexportBar, type ExportedBar } from './bars/barFiles';
import { OwnedFolder, type OwnNames } from './bars/ownedFolder';
import * as tree from './bars/tree';
import type { TransportServer } from './transport';
import {
  requireSocketRoom,
  socketPath,
  UIO_FUNCTION_NAMES,
  UIO_NAMES,
  writeUioBinding,
  writeUioFolder,
} from './uio/uioFiles';
import { UioServer } from './uio/uioServer';

const PRIVATE_FILE = { mode: 0o600, flag: 'wx' };
const PRIVATE_FOLDER = 0o700;
/** A function's folder, or an unfinished one. */
const FUNCTION = `(${tree.FUNCTION_FOLDER.source}|uio\\d+[.]new)`;
/** Names that this process creates in the folder. */
const OWN: OwnNames = {
  folders: new RegExp(`^(devices|${FUNCTION}|${FUNCTION}/${UIO_FUNCTION_NAMES.folders.source})$`),
  files: new RegExp(
    `^(${UIO_NAMES.source}|${FUNCTION}/(${tree.FUNCTION_FILES.source}|${UIO_FUNCTION_NAMES.files.source}))$`,
  ),
};

/** A PCI function that other processes can map. */
export class ExportedFunction {
  constructor(
    readonly device: PciFunction,
    /** N of `/dev/uioN`. */
    readonly uio: number,
    /** Arena address of its `uio_line`, for the `HostLine` of the thread that runs the device. */
    readonly line: number,
    private readonly bars: readonly ExportedBar[],
    private readonly server: TransportServer,
    private readonly removeFolder: () => void,
    private readonly onRemove: () => void,
  ) {}

  get bdf(): string {
    return this.device.bdf;
  }

  /**
   * Takes the function out of the tree. Its memory is private again and holds what it held. A guest
   * that still has the files mapped no longer reaches the device. Call it before the device is
   * destroyed, and while nobody steps it.
   */
  remove(): void {
    this.removeFolder();
    this.server.close();
    for (const bar of this.bars) unexportBar(bar);
    this.onRemove();
  }
}

/**
 * A folder through which guests in other processes reach PCI functions of this one: BARs as files
 * (`bars/`) and a uio socket for each function (`uio/`). It exists from `create` to `close` and
 * belongs to this process alone.
 */
export class ExportTree {
  private readonly exported = new Map<string, ExportedFunction>();
  private readonly uios = new Set<number>();

  private constructor(private readonly owned: OwnedFolder) {}

  /**
   * Makes the folder, or takes over that of a process that has ended.
   * @throws UsageError where it is in use, where others can write to it, or where it holds anything that no export has
   *   put there; nothing has changed then.
   */
  static create(dir: string): ExportTree {
    requireSocketRoom(dir);
    const owned = OwnedFolder.take(dir, OWN);
    try {
      mkdirSync(tree.devicesFolder(owned.path), { mode: PRIVATE_FOLDER });
      writeUioFolder(owned.path);
      return new ExportTree(owned);
    } catch (error) {
      owned.release();
      throw error;
    }
  }

  /** Absolute path of the folder. */
  get dir(): string {
    return this.owned.path;
  }

  get functions(): readonly ExportedFunction[] {
    return [...this.exported.values()];
  }

  /** Environment by which a DPDK application with the preloaded library finds the functions. */
  get env(): Readonly<Record<string, string>> {
    return { AVP_DIR: this.dir, SYSFS_PCI_DEVICES: tree.devicesFolder(this.dir) };
  }

  /**
   * Exports a function; nobody may step its device meanwhile. The guest sees it once it is complete.
   * @throws UsageError if its BDF is exported already or there is no memory for it; nothing has changed then.
   */
  add(device: PciFunction): ExportedFunction {
    const { bdf } = device;
    if (this.exported.has(bdf)) throw new UsageError(`${bdf} is exported already in ${this.dir}`);
    const uio = this.takeUio();
    const folder = tree.deviceFolder(this.dir, bdf);
    // The folder gets its name once it is complete.
    const building = join(this.dir, `uio${uio}.new`);
    const undo: (() => void)[] = [() => this.uios.delete(uio), () => this.owned.clear(relative(this.dir, building))];
    try {
      this.writeIdentity(building, device, uio);
      const bars = barsOf(device).map((range) => {
        const bar = exportBar(building, range);
        undo.push(() => unexportBar(bar));
        return bar;
      });
      const server = UioServer.listen(socketPath(this.dir, uio), device);
      undo.push(() => server.close());
      renameSync(building, folder);
      const forget = (): void => void (this.exported.delete(bdf) && this.uios.delete(uio));
      const removeFolder = (): void => this.owned.clear(relative(this.dir, folder));
      const made = new ExportedFunction(device, uio, server.line, bars, server, removeFolder, forget);
      this.exported.set(bdf, made);
      return made;
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    }
  }

  /** Removes every function and the folder. The connections of guests stay open until they leave or this process ends. */
  close(): void {
    for (const one of this.functions) one.remove();
    this.owned.release();
  }

  private takeUio(): number {
    let uio = 0;
    while (this.uios.has(uio)) uio++;
    this.uios.add(uio);
    return uio;
  }

  private writeIdentity(folder: string, device: PciFunction, uio: number): void {
    mkdirSync(folder, { mode: PRIVATE_FOLDER });
    writeUioBinding(folder, uio);
    for (const [name, text] of Object.entries(tree.identityTexts(device.identity)))
      writeFileSync(join(folder, name), text, PRIVATE_FILE);
    const resources = tree.BARS.map((bar) => ({ start: tree.startOf(uio, bar), bytes: device.barBytes(bar) }));
    writeFileSync(join(folder, 'resource'), tree.resourceText(resources), PRIVATE_FILE);
  }
}
