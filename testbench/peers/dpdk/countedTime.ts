import { readProc, threadFolders } from './procThreads';

const NS_PER_MS = 1_000_000;
/** Shorter intervals are not looked at: reading costs time too. */
const LEAST_INTERVAL_MS = 20;
/** Factor by which a wait may exceed its limit on a busy machine. */
export const MAX_STRETCH = 4;

/** The kernel's times of a thread. */
export interface ThreadTimes {
  /** CPU time that it has had, ms. */
  readonly ranMs: number;
  /** Time that it was ready to run and had no CPU, ms; the kernel adds it when the thread gets one. */
  readonly waitedMs: number;
  /** True if the thread runs or is ready to run. */
  readonly ready: boolean;
}

/** Threads by name. */
export type Threads = ReadonlyMap<string, ThreadTimes>;

function timesIn(folder: string): ThreadTimes | null {
  const [schedstat, stat] = [readProc(`${folder}/schedstat`), readProc(`${folder}/stat`)];
  if (schedstat === null || stat === null) return null;
  const [ran, waited] = schedstat.split(' ').map(Number);
  return { ranMs: ran! / NS_PER_MS, waitedMs: waited! / NS_PER_MS, ready: /\) R /.test(stat) };
}

/** Reads the times of the calling thread and of all threads of other processes. */
export function readThreads(pids: readonly number[]): Threads {
  const folders = ['/proc/thread-self', ...pids.flatMap(threadFolders)];
  return new Map(
    folders.flatMap((folder) => {
      const times = timesIn(folder);
      return times === null ? [] : [[folder, times] as const];
    }),
  );
}

/** Returns the time for which a thread had no CPU between two readings. */
function waited(before: ThreadTimes | undefined, now: ThreadTimes, intervalMs: number): number {
  if (before === undefined) return 0;
  // The kernel adds no waiting time to a thread that has not run at all between the readings.
  const starves = before.ready && now.ready && now.ranMs === before.ranMs;
  return Math.min(intervalMs, starves ? intervalMs : now.waitedMs - before.waitedMs);
}

/**
 * Time since it was made without that in which one of some threads was ready to run and had no CPU. A limit on it says
 * something of the threads, where a limit on real time says as much of the machine. Look at it now and then: what
 * lies between two looks is taken together.
 */
export class CountedTime {
  private readonly startMs: number;
  private lookedMs: number;
  private before: Threads;
  private lostMs = 0;

  /** @param read reads the threads, that of the bench among them. */
  constructor(
    private readonly read: () => Threads,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.startMs = this.lookedMs = now();
    this.before = read();
  }

  /** Time that counts, ms. */
  get countedMs(): number {
    this.look();
    return this.totalMs - this.lostMs;
  }

  /** Real time, ms. */
  get totalMs(): number {
    return this.now() - this.startMs;
  }

  private look(): void {
    const intervalMs = this.now() - this.lookedMs;
    if (intervalMs < LEAST_INTERVAL_MS) return;
    const threads = this.read();
    const waits = [...threads].map(([name, times]) => waited(this.before.get(name), times, intervalMs));
    this.lostMs += Math.max(0, ...waits);
    this.lookedMs += intervalMs;
    this.before = threads;
  }
}

/** Says that a wait was given up for want of CPUs, and what to do. */
export function starvedText(totalMs: number, countedMs: number): string {
  const [total, had] = [totalMs, countedMs].map((ms) => (ms / 1_000).toFixed(1));
  return `in ${total} s, testpmd and the bench had their CPUs for ${had} s only: run fewer jobs (--jobs), or give the machine more CPUs`;
}
