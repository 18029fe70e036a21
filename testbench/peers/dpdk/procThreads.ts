import { readdirSync, readFileSync } from 'node:fs';

/** Folders of /proc with the threads of a process; none where it has ended. */
export function threadFolders(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`);
  } catch {
    return [];
  }
}

/** Contents of a file of /proc; null where its thread has ended, or where this kernel has no such file. */
export function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
