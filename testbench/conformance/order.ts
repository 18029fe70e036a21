import type { PeerSettings } from '../targets/dpdk/target';
import type { TargetName } from '../targets/names';
import type { WireLimits } from '../evidence/wireLog';

/** What the runner asks for: one clause in one run. */
export interface Order {
  readonly id: string;
  /** The run's seed. */
  readonly seed: number;
  readonly target: TargetName;
  /** Which build of the C driver, where that is the target. */
  readonly peer: PeerSettings;
  /** Which of the jobs that run at once it is for, counted from 0. */
  readonly job: number;
  /** How much of what happens is recorded; null for nothing. */
  readonly wire: WireLimits | null;
}
