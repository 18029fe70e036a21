import { arch, cpus, release } from 'node:os';

/** The machine that figures were measured on. */
export interface PerfMachine {
  readonly cpuModel: string;
  readonly cpus: number;
  readonly arch: string;
  /** Version of the kernel. */
  readonly kernel: string;
  /** Version of Node. */
  readonly node: string;
}

/** Describes the machine and the Node that this process runs on. */
export function thisMachine(): PerfMachine {
  const all = cpus();
  return {
    ...{ cpuModel: all[0]?.model.trim() ?? 'unknown', cpus: all.length, arch: arch() },
    ...{ kernel: release(), node: process.version },
  };
}
