import * as mem from '#mem';
import type { Watcher } from '../../shared/mem/watched';

/** What the watched build offers beyond the others. */
const watchedBuild = mem as { setWatcher?: (next: Watcher | null) => Watcher | null };

/** True where each access to memory is checked and can be seen. */
export const isWatched: boolean = watchedBuild.setWatcher !== undefined;

/** Has `watcher` see each access to memory while `body` runs. Only in the watched build. */
export async function withWatcher(watcher: Watcher, body: () => Promise<unknown>): Promise<void> {
  const former = watchedBuild.setWatcher?.(watcher) ?? null;
  try {
    await body();
  } finally {
    watchedBuild.setWatcher?.(former);
  }
}
