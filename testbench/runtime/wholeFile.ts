import * as fs from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { writeDevice } from './device';
import { errnoOf, refuseToWrite } from './fileErrors';
import { partOf, removeDeadParts } from './parts';
import { tidyUp } from './tidy';

const ADVICE = 'name a file in a folder that exists and can be written';
const READER_ADVICE = 'start its reader first, or name a file';
const PERMISSIONS = 0o777;
const { W_OK, X_OK } = fs.constants;

/**
 * Way in which a file is written.
 * - `beside`: under another name in its folder, and renamed.
 * - `inPlace`: a file whose name cannot be given to another one, because its folder cannot be written or it is a mount
 *   point. A kill in the middle of writing cuts it off.
 * - `stream`: this process's own standard output or standard error, under any name.
 * - `device`: a pipe, a terminal or another device.
 */
type Way = 'beside' | 'inPlace' | 'stream' | 'device';

/** Finds the real path of a file that exists or that would be made. Follows a link that leads nowhere yet. */
function realPathOf(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  const folder = fs.realpathSync(dirname(path));
  const real = join(folder, basename(path));
  if (fs.lstatSync(real, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return real;
  const target = fs.readlinkSync(real);
  return realPathOf(isAbsolute(target) ? target : `${folder}/${target}`);
}

/** Finds the stream of this process that writes to the same file, pipe or terminal. */
function ownStream({ dev, ino }: fs.Stats): NodeJS.WriteStream | null {
  const isSame = (descriptor: number): boolean => {
    try {
      const own = fs.fstatSync(descriptor);
      return own.dev === dev && own.ino === ino;
    } catch {
      // The descriptor is closed.
      return false;
    }
  };
  if (isSame(1)) return process.stdout;
  return isSame(2) ? process.stderr : null;
}

/**
 * Opens a file for writing and changes nothing. The kernel refuses links that others have planted in a folder that
 * everybody can write.
 * @throws errors of the file system, except where there is no file yet.
 */
function requireOpen(path: string): void {
  try {
    fs.closeSync(fs.openSync(path, fs.constants.O_WRONLY));
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

function isWritableFolder(path: string): boolean {
  try {
    fs.accessSync(path, W_OK | X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Determines how to write what exists. */
function wayOf(real: string, found: fs.Stats): Way {
  if (found.isDirectory()) throw new Error('EISDIR: it is a folder');
  if (ownStream(found) !== null) return 'stream';
  if (!found.isFile()) return 'device';
  return isWritableFolder(dirname(real)) ? 'beside' : 'inPlace';
}

/** Writes a file that does not exist, and makes sure that it is on the disk. */
function writeNew(path: string, content: string | Uint8Array, mode: number | null): void {
  const file = fs.openSync(path, 'wx', mode ?? undefined);
  try {
    // The file that it replaces may have had rights that the umask would take away.
    if (mode !== null) fs.fchmodSync(file, mode);
    fs.writeFileSync(file, content);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

/**
 * A file that a reader finds whole or not at all, even if the process is killed or the disk is full while it is
 * written. Links lead to the file that is written, and stay.
 */
export class WholeFile {
  private constructor(
    /** The user's own path of the file, for messages. */
    readonly path: string,
    private readonly real: string,
    private way: Way,
    /** Permissions of the file that it replaces; null where there is none. */
    private readonly mode: number | null,
  ) {}

  /**
   * Checks that a file can be written, before the work that produces its content. Makes nothing.
   * @throws UsageError if it cannot.
   */
  static at(path: string): WholeFile {
    try {
      if (path.endsWith('/')) throw new Error('EISDIR: it names a folder');
      const found = fs.statSync(path, { throwIfNoEntry: false });
      // The link to a pipe or to standard output has no real path, and opening a pipe may wait.
      if (found?.isFile() === false) {
        fs.accessSync(path, W_OK);
        return new WholeFile(path, path, wayOf(path, found), null);
      }
      requireOpen(path);
      const real = realPathOf(path);
      if (found !== undefined) return new WholeFile(path, real, wayOf(real, found), found.mode & PERMISSIONS);
      fs.accessSync(dirname(real), W_OK | X_OK);
      return new WholeFile(path, real, 'beside', null);
    } catch (cause) {
      return refuseToWrite(path, cause, ADVICE);
    }
  }

  /** True for a file, false for a pipe, a device, and this process's own streams. */
  get isFile(): boolean {
    return this.way === 'beside' || this.way === 'inPlace';
  }

  /** True for a pipe or a device, whose reader may let a writer wait for ever. */
  get mayWait(): boolean {
    return this.way === 'device';
  }

  /** True if another path, where there may be nothing yet, leads to this file. */
  isAt(path: string): boolean {
    try {
      return this.isFile && realPathOf(path) === this.real;
    } catch {
      return false;
    }
  }

  /** True if both lead to the same file, so that one would replace the other. */
  replaces(other: WholeFile): boolean {
    return this.isFile && this.real === other.real;
  }

  /**
   * Removes the file of a former run, so that nobody takes it for this one's.
   * @throws UsageError if that is not possible.
   */
  removeFormer(): void {
    try {
      if (this.way === 'beside') {
        removeDeadParts(this.real);
        this.changeName(() => fs.rmSync(this.real, { force: true }));
      }
      if (this.way === 'inPlace') fs.truncateSync(this.real);
    } catch (cause) {
      refuseToWrite(this.path, cause, ADVICE);
    }
  }

  /**
   * Writes the file.
   * @param limitMs time for the reader of a pipe, in ms; a limit requires that it is there. Default: no limit.
   * @throws UsageError if that is not possible; then there is no file, or an empty one in the place of one that cannot
   * be removed.
   */
  write(content: string | Uint8Array, limitMs: number | null = null): void {
    try {
      if (this.way === 'beside') this.writeBeside(content);
      // `writeBeside` changes the way of a file whose name is busy.
      if (this.way === 'inPlace') this.writeInPlace(content);
      if (this.way === 'stream') ownStream(fs.statSync(this.real))?.write(content);
      if (this.way === 'device') writeDevice(this.real, content, limitMs);
    } catch (cause) {
      refuseToWrite(this.path, cause, this.mayWait ? READER_ADVICE : ADVICE);
    }
  }

  private writeBeside(content: string | Uint8Array): void {
    const part = partOf(this.real);
    try {
      fs.rmSync(part, { force: true });
      writeNew(part, content, this.mode);
      this.changeName(() => fs.renameSync(part, this.real));
    } finally {
      // After the rename there is nothing to remove.
      tidyUp(part, () => fs.rmSync(part, { force: true }));
    }
  }

  private writeInPlace(content: string | Uint8Array): void {
    try {
      fs.writeFileSync(this.real, content);
    } catch (error) {
      fs.truncateSync(this.real);
      throw error;
    }
  }

  /** Changes what the name stands for. From then on writes a file in place whose name is busy, as a mount point's is. */
  private changeName(change: () => void): void {
    try {
      change();
    } catch (error) {
      if (errnoOf(error) !== 'EBUSY') throw error;
      this.way = 'inPlace';
    }
  }
}
