import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How long each file took when it ran last, in milliseconds. Lost with the cache, and then learned anew. */
const DURATIONS = '.cache/testDurations.json';

/** A line in a test file that keeps all others from running beside it; the reason follows. */
const ALONE = /^\/\/ Runs alone: \S/m;

export interface Schedule {
  /** For all processes, in this order. */
  readonly together: readonly string[];
  /** One after the other, when all others are finished. */
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

  /** A file that never ran is begun early: it might be a long one. */
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

/** The longest first, so that no process is left alone with a long file at the end. */
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
