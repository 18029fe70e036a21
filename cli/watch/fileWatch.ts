import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { UsageError } from '../../shared/errors';

/** An editor or git writes several files, each in several steps. */
const SETTLE_MS = 150;
const SOURCE_ENDINGS = ['.ts', '.js', '.cjs', '.mjs', '.cts', '.mts', '.json'];

function isLeftOut(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules' || name === 'dist';
}

/** A folder and all below it, without those of packages, builds and tools. */
function foldersIn(folder: string): string[] {
  const inner = readdirSync(folder, { withFileTypes: true }).filter((one) => one.isDirectory() && !isLeftOut(one.name));
  return [folder, ...inner.flatMap(({ name }) => foldersIn(join(folder, name)))];
}

/** Tells when files change. Watches their folders, because an editor may put a new file in the place of the old one. */
export class FileWatch {
  private readonly watchers = new Map<string, FSWatcher>();
  private files = new Set<string>();
  private folders = new Set<string>();
  private settling: NodeJS.Timeout | null = null;

  /** @param onChange is called with the last file of several that change together. */
  constructor(private readonly onChange: (file: string) => void) {}

  /**
   * Chooses what is watched from now on.
   * @param files absolute paths.
   * @param trees folders of which every source file is watched.
   * @throws UsageError where the system cannot watch a folder.
   */
  choose(files: readonly string[], trees: readonly string[]): void {
    this.files = new Set(files);
    this.folders = new Set(trees.flatMap(foldersIn));
    const wanted = new Set([...files.map((file) => dirname(file)), ...this.folders]);
    for (const [folder, watcher] of this.watchers)
      if (!wanted.has(folder)) {
        watcher.close();
        this.watchers.delete(folder);
      }
    for (const folder of wanted) if (!this.watchers.has(folder)) this.watchers.set(folder, this.watchFolder(folder));
  }

  close(): void {
    for (const watcher of this.watchers.values()) watcher.close();
    if (this.settling !== null) clearTimeout(this.settling);
  }

  private watchFolder(folder: string): FSWatcher {
    try {
      const watcher = watch(folder, (_event, name) => this.noteChange(join(folder, name ?? '')));
      // The folder is gone.
      watcher.on('error', () => this.watchers.delete(folder));
      return watcher;
    } catch (error) {
      throw new UsageError(`--watch: cannot watch ${folder}: ${(error as Error).message}`, { cause: error });
    }
  }

  private noteChange(file: string): void {
    const isSource = this.folders.has(dirname(file)) && SOURCE_ENDINGS.includes(extname(basename(file)));
    if (!isSource && !this.files.has(file)) return;
    if (this.settling !== null) clearTimeout(this.settling);
    this.settling = setTimeout(() => this.onChange(file), SETTLE_MS);
  }
}
