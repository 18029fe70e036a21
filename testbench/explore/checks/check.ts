import type { MemoryModel } from '../models/model';
import type { World } from '../search/world';

/** Options that a check is made with. Plain data, because each worker makes its own world from it. */
export interface CheckOptions {
  readonly memory: MemoryModel;
  /** Packets that cross the rings in one run; each check has its own default. */
  readonly packets?: number;
  /** Queue pairs. Default 1. */
  readonly queues?: number;
  /** Burst routines of the driver. Default simple. */
  readonly shape?: 'simple' | 'scattered';
  /** Id of a broken variant to be explored instead of the product. */
  readonly mutant?: string;
}

/** A small closed world with its oracle. */
export interface Check {
  readonly name: string;
  /** One line for `avp explore --list`. */
  readonly description: string;
  /** Makes a world in this thread. @throws UsageError where the check has no world for the options. */
  make(options: CheckOptions): World;
}
