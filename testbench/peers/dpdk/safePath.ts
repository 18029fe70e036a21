import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { threadId } from 'node:worker_threads';
import { UsageError } from '../../../shared/errors';
import { makePrivate, privateFolders } from '../../runtime/privateFolder';

/** The dynamic loader separates paths at blanks, colons and semicolons, and replaces words that begin with a dollar. */
const UNSAFE = /[\s:;$]/;
const NAME_DIGITS = 16;

/**
 * Returns a path by which the dynamic loader, which knows no quotes, reaches a file or folder: its own one, or that of a
 * symbolic link in a private folder. The link stays, because programs in other shells may use it. It is removed when its
 * target has gone and another link is made.
 * @throws UsageError where no folder for temporary files can have the link.
 */
export function safePath(path: string): string {
  const target = resolve(path);
  if (!UNSAFE.test(target)) return path;
  const name = createHash('sha256').update(target).digest('hex').slice(0, NAME_DIGITS);
  for (const folder of privateFolders().filter((one) => !UNSAFE.test(one))) {
    const link = join(folder, name);
    try {
      if (makePrivate(folder) && leadsTo(link, target)) return link;
    } catch {
      // The file system is full: the next one may do.
    }
  }
  throw new UsageError(
    `${target}: the dynamic loader takes no path with a space or colon, and no folder for temporary files can have a link to it: set TMPDIR to a folder that can be written`,
  );
}

/** Removes the links whose targets have gone. */
function removeDeadLinks(folder: string): void {
  const paths = readdirSync(folder).map((name) => join(folder, name));
  for (const path of paths)
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && !existsSync(path))
      rmSync(path, { force: true });
}

/** Makes the link unless it is there, in one step, because others may be using it. */
function leadsTo(link: string, target: string): boolean {
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) {
    removeDeadLinks(dirname(link));
    const fresh = `${link}.${process.pid}.${threadId}`;
    symlinkSync(target, fresh);
    renameSync(fresh, link);
  }
  return readlinkSync(link) === target;
}
