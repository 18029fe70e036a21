import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { makeFolders, removeIfEmpty, unmakeFolders } from '../../../shared/folders';
import { FileLock } from './fileLock';

const PRIVATE_FOLDER = 0o700;
const LOCK_NAME = '.avp-owner';
const WRITABLE_BY_OTHERS = 0o022;
const MODE_BITS = 0o7777;
const MAX_TRIES = 10;

/** Matches the paths, relative to an owned folder, of all that an owner may put there. */
export interface OwnNames {
  readonly folders: RegExp;
  /** Files, links and sockets. */
  readonly files: RegExp;
}

interface Entry {
  readonly path: string;
  readonly isFolder: boolean;
}

/** A folder that this process alone fills. A lock's file in it proves whose it is. */
export class OwnedFolder {
  private constructor(
    readonly path: string,
    private readonly lock: FileLock,
    private readonly own: OwnNames,
  ) {}

  /**
   * Makes the folder, or takes an empty one or that of an owner which has ended, and removes what that one left.
   * @throws UsageError where somebody else owns it, where others can write to it, and where it holds anything that an
   *   owner has not put there. Nothing has changed then.
   */
  static take(dir: string, own: OwnNames): OwnedFolder {
    const path = resolve(dir);
    for (let tries = 1; ; tries++) {
      const made = make(path);
      try {
        requirePrivate(path);
        const owned = new OwnedFolder(path, takeLock(path, own, made.length > 0), own);
        owned.clear();
        return owned;
      } catch (error) {
        unmakeFolders(made);
        // A former owner was just removing the folder.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === MAX_TRIES) throw error;
      }
    }
  }

  /** Removes what an owner has put there below `start`, a path relative to the folder. Leaves anything else. */
  clear(start = ''): void {
    const entries = entriesBelow(this.path, start).filter((one) => isOwn(one, this.own));
    for (const { path, isFolder } of entries.reverse())
      if (isFolder) removeIfEmpty(join(this.path, path));
      else rmSync(join(this.path, path), { force: true });
    if (start !== '') removeIfEmpty(join(this.path, start));
  }

  /** Removes what an owner has put there, and the folder if an owner has made it and nobody has put anything there. */
  release(): void {
    this.clear();
    this.lock.release();
    if (this.lock.facts['madeFolder'] === true) removeIfEmpty(this.path);
  }
}

function make(path: string): string[] {
  try {
    return makeFolders(path, PRIVATE_FOLDER);
  } catch (error) {
    throw new UsageError(`folder ${path} cannot be made: ${(error as Error).message}`, { cause: error });
  }
}

/** Others who can write to the folder could put links where files are about to be written. */
function requirePrivate(path: string): void {
  const found = lstatSync(path);
  const advice = 'give a new folder';
  if (found.isSymbolicLink()) throw new UsageError(`${path} is a symbolic link: name the folder itself, or ${advice}`);
  if (!found.isDirectory()) throw new UsageError(`folder ${path} cannot be made, something else is there: ${advice}`);
  if (found.uid !== process.getuid?.()) throw new UsageError(`folder ${path} belongs to another user: ${advice}`);
  if ((found.mode & WRITABLE_BY_OTHERS) !== 0)
    throw new UsageError(
      `other users can write to folder ${path}, its mode is ${(found.mode & MODE_BITS).toString(8)}: take that away with 'chmod go-w', or ${advice}`,
    );
}

function takeLock(path: string, own: OwnNames, isNew: boolean): FileLock {
  const lockPath = join(path, LOCK_NAME);
  // Without a lock's file nothing in the folder is ours, and not even that file may be put there.
  const stranger = readdirSync(path).includes(LOCK_NAME) ? undefined : readdirSync(path)[0];
  if (stranger !== undefined) throw holdsForeign(path, stranger);
  const lock = FileLock.tryTake(lockPath, (former) => {
    const others = entriesBelow(path, '').filter((one) => one.path !== LOCK_NAME);
    const foreign = others.find((one) => former === null || !isOwn(one, own));
    if (foreign !== undefined) throw holdsForeign(path, foreign.path);
    return { madeFolder: isNew || former?.facts['madeFolder'] === true };
  });
  if (lock !== null) return lock;
  throw new UsageError(`folder ${path} is in use by process ${FileLock.holder(lockPath)}: give another one`);
}

function holdsForeign(path: string, name: string): UsageError {
  return new UsageError(
    `folder ${path} holds '${name}', which this tool has not put there, nothing is changed: give an empty or a new one`,
  );
}

function isOwn({ path, isFolder }: Entry, { folders, files }: OwnNames): boolean {
  return (isFolder ? folders : files).test(path);
}

/** Lists everything below a folder, each folder before its contents; nothing where it is gone. Follows no links. */
function entriesBelow(root: string, start: string): Entry[] {
  if (lstatSync(join(root, start), { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(join(root, start), { withFileTypes: true }).flatMap((found) => {
    const entry = { path: join(start, found.name), isFolder: found.isDirectory() };
    return entry.isFolder ? [entry, ...entriesBelow(root, entry.path)] : [entry];
  });
}
