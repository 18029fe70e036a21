import type { PeerSettings } from '../targets/dpdk/target';
import type { TargetName } from '../targets/names';
import type { WireLimits } from '../evidence/wireLog';

/** A request to a clause worker: run one clause once. */
export interface ClauseOrder {
  readonly id: string;
  /** Seed of the run. The worker derives the clause's own seed from it. */
  readonly seed: number;
  readonly target: TargetName;
  /** Build of the C driver to use. Has no effect on the target `avp`. */
  readonly peer: PeerSettings;
  /** Index of the job, counted from 0. Each job has its own export, and its own CPUs while there are enough. */
  readonly job: number;
  /** Number of frames and events to record. Null records nothing. */
  readonly wire: WireLimits | null;
}
