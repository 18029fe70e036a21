import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** File that keeps the last duration of each test file, in milliseconds. */
const DURATIONS = '.cache/testDurations.json';

/** Marks a test file that must not run beside others. The reason follows on the same line. */
const ALONE = /^\/\/ Runs alone: \S/m;

export interface Schedule {
  /** Files for all processes, in the order in which to start them. */
  readonly together: readonly string[];
  /** Files that run one after another when all others are finished. */
  readonly alone: readonly string[];
}

export class Durations {
  private readonly file: string;
  private readonly known: Record<string, number>;

  constructor(root: string) {
    this.file = join(root, DURATIONS);
    try {
      this.known = JSON.parse(readFileSync(this.file, 'utf8')) as Record<string, number>;
    } catch {
      this.known = {};
    }
  }

  /** A file without a known duration starts first, because it may be a long one. */
  of(file: string): number {
    return this.known[file] ?? Infinity;
  }

  note(file: string, durationMs: number): void {
    this.known[file] = durationMs;
  }

  save(): void {
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(this.file, JSON.stringify(this.known, null, 1));
  }
}

/** Puts the longest files first, so that no process is left with a long file at the end. */
export function schedule(root: string, files: readonly string[], durations: Durations): Schedule {
  const longestFirst = files.toSorted((a, b) => {
    const [first, second] = [durations.of(a), durations.of(b)];
    return first === second ? 0 : second - first;
  });
  const isAlone = (file: string): boolean => ALONE.test(readFileSync(join(root, file), 'utf8'));
  return {
    together: longestFirst.filter((file) => !isAlone(file)),
    alone: longestFirst.filter(isAlone),
  };
}
