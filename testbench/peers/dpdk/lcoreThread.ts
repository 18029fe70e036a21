import { readdirSync, readFileSync } from 'node:fs';
import koffi from 'koffi';

/** Signals that `shim.c` handles. */
const SIGNAL_HOLD = 40;
const SIGNAL_RELEASE = 41;
/** DPDK's names of the first worker lcore: the present one and two former ones. */
const NAME = /^(rte-worker-1|lcore-worker-1|lcore-slave-1)$/;

/** DPDK's names of the thread that waits for interrupts: since 23.11, and before. */
export const INTERRUPT_THREAD = /^(dpdk-intr|eal-intr-thread)$/;

type Tgkill = (group: number, thread: number, signal: number) => number;

let loaded: Tgkill | null = null;

function tgkill(...args: Parameters<Tgkill>): number {
  loaded ??= koffi.load(null).func('int tgkill(int group, int thread, int signal)') as Tgkill;
  return loaded(...args);
}

/** The worker lcore of a DPDK application: the thread that makes the bursts, seen through /proc. */
export class LcoreThread {
  private constructor(
    private readonly pid: number,
    private readonly tid: number,
  ) {}

  /** Finds the thread; null where the process has none, because it only wraps the application. */
  static of(pid: number, name: RegExp = NAME): LcoreThread | null {
    const nameOf = (tid: string): string => readFileSync(`/proc/${pid}/task/${tid}/comm`, 'utf8').trim();
    const found = readdirSync(`/proc/${pid}/task`).find((tid) => name.test(nameOf(tid)));
    return found === undefined ? null : new LcoreThread(pid, Number(found));
  }

  private read(file: string): string {
    try {
      return readFileSync(`/proc/${this.pid}/task/${this.tid}/${file}`, 'latin1');
    } catch {
      return '';
    }
  }

  /** CPU time of the thread, ms; NaN once it has ended. */
  get ranMs(): number {
    return Number(/^\d+/.exec(this.read('schedstat'))?.[0]) / 1_000_000;
  }

  /** Stops the thread wherever it is, as a hypervisor that deschedules its CPU; for at most 5 seconds. */
  hold(): void {
    tgkill(this.pid, this.tid, SIGNAL_HOLD);
  }

  /** True while the thread sleeps. It only does so while it is held: a forwarding lcore polls. */
  get stands(): boolean {
    return /\) S /.test(this.read('stat'));
  }

  release(): void {
    tgkill(this.pid, this.tid, SIGNAL_RELEASE);
  }
}
