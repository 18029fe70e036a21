import { UsageError } from '../../shared/errors';

/** No room on the device, over quota, or over the size limit of a file. */
const NO_ROOM = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** The errno's name of an error of the file system; undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}

/** Describes an error of the file system without call and paths: `ENOENT: no such file or directory`. */
export function fileErrorText(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, [a-z]+( '.*')?$/, '') : String(error);
}

/**
 * Refuses a file or folder that cannot be written.
 * @param advice what to do; where there is no room, that advice is given instead.
 */
export function refuseToWrite(path: string, cause: unknown, advice: string): never {
  const hint = NO_ROOM.includes(errnoOf(cause) ?? '') ? 'make room there, or name another place' : advice;
  throw new UsageError(`cannot write ${path}: ${fileErrorText(cause)}; ${hint}`, { cause });
}
