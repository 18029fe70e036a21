import { basename } from 'node:path';
import koffi from 'koffi';
import { readProc, threadFolders } from './procThreads';
import { sessionMembers } from './sessionKill';

/** Signals that `shim.c` handles. */
const SIGNAL_HOLD = 40;
const SIGNAL_RELEASE = 41;
/** DPDK's names of the worker lcore 1: since 23.11, and three former ones. */
const NAME = /^(dpdk-worker1|rte-worker-1|lcore-worker-1|lcore-slave-1)$/;

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
    /** Process of the application. */
    readonly pid: number,
    private readonly tid: number,
  ) {}

  /**
   * Finds the thread in a process or, where that only wraps the application, in another process of the session
   * that it leads. Null where there is none.
   */
  static of(leader: number, name: RegExp = NAME): LcoreThread | null {
    for (const pid of [leader, ...sessionMembers(leader)]) {
      const found = threadFolders(pid).find((folder) => name.test((readProc(`${folder}/comm`) ?? '').trim()));
      if (found !== undefined) return new LcoreThread(pid, Number(basename(found)));
    }
    return null;
  }

  private read(file: string): string {
    return readProc(`/proc/${this.pid}/task/${this.tid}/${file}`) ?? '';
  }

  /** CPU time of the thread, ms; NaN once it has ended. */
  get ranMs(): number {
    return Number(/^\d+/.exec(this.read('schedstat'))?.[0]) / 1_000_000;
  }

  /** False under a debugger, which would take the signals for its own. */
  get canBeHeld(): boolean {
    return /^TracerPid:\s*0$/m.test(this.read('status'));
  }

  /** Stops the thread wherever it is, as a hypervisor that deschedules its CPU; for at most 15 seconds. */
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
