import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BYTES = 0x80_0000;
const BLOCK = Buffer.alloc(4_096);

/** A folder on a disk that gets full. */
export interface SmallDisk {
  /** Fills the disk of the process, except for `left` bytes. */
  fill(pid: number, left: number): void;
  /** Frees the space that `fill` has taken. */
  clear(): void;
  remove(): void;
}

/** A file system of its own, in memory. Takes the room of everybody. */
function mounted(folder: string): SmallDisk {
  const filler = join(folder, '.filler');
  return {
    fill: (_pid, left) => {
      const file = openSync(filler, 'w');
      try {
        for (;;) writeSync(file, BLOCK);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
      const { status, stderr } = spawnSync('truncate', ['-s', `-${left}`, filler]);
      if (status !== 0) throw new Error(String(stderr));
    },
    clear: () => rmSync(filler, { force: true }),
    remove: () => void spawnSync('umount', [folder]),
  };
}

/** A limit on the size of each file that the process writes. */
function limited(): SmallDisk {
  return {
    fill: (pid, left) => void spawnSync('prlimit', ['--pid', String(pid), `--fsize=${left}:unlimited`]),
    clear: () => {},
    remove: () => {},
  };
}

/** Makes a disk of 8 MiB in an empty folder. Says so if a limit of the process has to stand in for it. */
export function smallDisk(folder: string): SmallDisk {
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${BYTES}`, 'tmpfs', folder]);
  if (status === 0) return mounted(folder);
  const reason = String(stderr).trim().split('\n')[0];
  process.stdout.write(
    `      no disk of its own (${reason}): a limit on the size of files stands in for the full disk\n`,
  );
  return limited();
}
