import { allowedCpus } from '../../runtime/affinity';

/** Where a peer runs. */
export interface PeerCpus {
  /** CPU of the prompt. */
  readonly main: number;
  /** One for each forwarding lcore. */
  readonly forward: readonly number[];
}

/**
 * CPUs of the peer that the job with this number runs, counted from 0: two of its own as long as there
 * are any left, then those of others, so that each CPU has about as much to do.
 * @param cpus at least one.
 */
export function cpusOfJob(job: number, cpus: readonly number[] = allowedCpus()): PeerCpus {
  const first = 2 * job + Math.floor((2 * job) / cpus.length);
  return { main: cpus[first % cpus.length]!, forward: [cpus[(first + 1) % cpus.length]!] };
}
