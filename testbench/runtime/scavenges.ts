import { GCProfiler } from 'node:v8';

/**
 * Counts the collections of the young generation in this thread, which show allocations on a hot path. Works in a
 * thread that never returns to its event loop, unlike a `PerformanceObserver`.
 */
export class Scavenges {
  private profiler: GCProfiler | null = null;

  /** Returns how many there were since the last call, 0 for the first one, and goes on counting. */
  take(): number {
    const former = this.profiler?.stop().statistics ?? [];
    this.profiler = new GCProfiler();
    this.profiler.start();
    return former.filter(({ gcType }) => gcType === 'Scavenge').length;
  }

  /** Ends the counting. */
  close(): void {
    this.profiler?.stop();
    this.profiler = null;
  }
}
