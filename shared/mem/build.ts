import * as mem from '#mem';
import type * as watched from './watched';

/** The watched build if this thread runs on it, null on any other build of `#mem`. */
export const watchedMemory: typeof watched | null = 'addWatcher' in mem ? (mem as unknown as typeof watched) : null;
