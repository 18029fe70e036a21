import { chmodSync, lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { FileLock } from './fileLock';

const PRIVATE_FOLDER = 0o700;
const LOCK_NAME = 'owner';

/** A folder that this process alone fills, and that `release` removes. */
export class OwnedFolder {
  private constructor(
    readonly path: string,
    private readonly lock: FileLock,
    private readonly ours: RegExp,
  ) {}

  /**
   * Makes the folder, or takes over one whose owner has ended, and removes what that one left.
   * @param ours matches the names of the files and folders that an owner may put there.
   * @throws UsageError where somebody else owns it, or where it holds anything else.
   */
  static take(dir: string, ours: RegExp): OwnedFolder {
    const path = resolve(dir);
    makeFolder(path);
    const names = readdirSync(path);
    if (names.length > 0 && !names.includes(LOCK_NAME))
      throw new UsageError(
        `folder ${dir} holds '${names[0]}' and was not made by this tool: give an empty or a new one`,
      );
    const lockPath = join(path, LOCK_NAME);
    const lock = FileLock.tryTake(lockPath);
    if (lock === null)
      throw new UsageError(`folder ${dir} is in use by process ${FileLock.holder(lockPath)}: give another one`);
    chmodSync(path, PRIVATE_FOLDER);
    const owned = new OwnedFolder(path, lock, ours);
    owned.clear();
    return owned;
  }

  /** Removes what is left of the tree, and the folder unless somebody else has put anything there. */
  release(): void {
    this.clear();
    this.lock.release();
    if (readdirSync(this.path).length === 0) rmdirSync(this.path);
  }

  private clear(): void {
    for (const name of readdirSync(this.path))
      if (this.ours.test(name)) rmSync(join(this.path, name), { recursive: true });
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: PRIVATE_FOLDER });
  } catch (error) {
    throw new UsageError(`folder ${path} cannot be made: ${(error as Error).message}`);
  }
  const found = lstatSync(path);
  if (!found.isDirectory()) throw new UsageError(`${path} is no folder`);
  if (found.uid !== process.getuid?.()) throw new UsageError(`folder ${path} belongs to another user`);
}
