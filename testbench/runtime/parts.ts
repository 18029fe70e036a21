import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { tidyUp } from './tidy';

/**
 * Files and folders under construction. They lie beside the final one, under a name with the pid, and get the final
 * name when they are whole.
 */

/** Characters of the final name that the name of a part begins with, so that it is never too long. */
const NAME_CHARACTERS = 50;

function prefixOf(path: string): string {
  return `.${basename(path).slice(0, NAME_CHARACTERS)}.`;
}

/** The part of a file or folder of this process. Its threads share a pid: each writes other files. */
export function partOf(path: string): string {
  return join(dirname(path), `${prefixOf(path)}${process.pid}.part`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes the parts of a file or folder that processes left behind which were killed while they wrote. */
export function removeDeadParts(path: string): void {
  const folder = dirname(path);
  const prefix = prefixOf(path);
  const isDead = (name: string): boolean => {
    const [, pid] = /^([1-9]\d*)[.]part$/.exec(name.startsWith(prefix) ? name.slice(prefix.length) : '') ?? [];
    return pid !== undefined && !isAlive(Number(pid));
  };
  tidyUp(`what unfinished runs left in ${folder}`, () => {
    for (const name of readdirSync(folder).filter(isDead)) rmSync(join(folder, name), { recursive: true, force: true });
  });
}
