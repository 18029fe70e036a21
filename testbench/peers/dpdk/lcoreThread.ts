import { readdirSync, readFileSync } from 'node:fs';
import koffi from 'koffi';

/** What testbench/peers/dpdk/shim.c listens to. */
const SIGNAL_HOLD = 40;
const SIGNAL_RELEASE = 41;
/** DPDK's name of the first lcore but the main one, now and formerly. */
const NAME = /^(rte-worker-1|lcore-worker-1|lcore-slave-1)$/;

type Tgkill = (group: number, thread: number, signal: number) => number;

let loaded: Tgkill | null = null;

function tgkill(...args: Parameters<Tgkill>): number {
  loaded ??= koffi.load(null).func('int tgkill(int group, int thread, int signal)') as Tgkill;
  return loaded(...args);
}

/** The thread of a DPDK application that makes the bursts, as the kernel shows it. */
export class LcoreThread {
  private constructor(
    private readonly pid: number,
    private readonly tid: number,
  ) {}

  /** Null where the process has none, because it only runs the application. */
  static of(pid: number): LcoreThread | null {
    const nameOf = (tid: string): string => readFileSync(`/proc/${pid}/task/${tid}/comm`, 'utf8').trim();
    const found = readdirSync(`/proc/${pid}/task`).find((tid) => NAME.test(nameOf(tid)));
    return found === undefined ? null : new LcoreThread(pid, Number(found));
  }

  private read(file: string): string {
    try {
      return readFileSync(`/proc/${this.pid}/task/${this.tid}/${file}`, 'latin1');
    } catch {
      return '';
    }
  }

  /** Time for which it has had a CPU, ms; NaN once it has ended. */
  get ranMs(): number {
    return Number(/^\d+/.exec(this.read('schedstat'))?.[0]) / 1_000_000;
  }

  /** Stops it wherever it is, as a hypervisor does that takes its CPU away; for some seconds at most. */
  hold(): void {
    tgkill(this.pid, this.tid, SIGNAL_HOLD);
  }

  /** It waits for nothing but a CPU otherwise. */
  get stands(): boolean {
    return /\) S /.test(this.read('stat'));
  }

  release(): void {
    tgkill(this.pid, this.tid, SIGNAL_RELEASE);
  }
}
