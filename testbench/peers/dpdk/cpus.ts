import { allowedCpus } from '../../runtime/affinity';

/** CPUs on which a peer runs. */
export interface PeerCpus {
  /** CPU of the prompt. */
  readonly main: number;
  /** One for each forwarding lcore. */
  readonly forward: readonly number[];
}

/**
 * Chooses the CPUs for the peer of a job, counted from 0: two of its own while there are any left, then
 * shared ones, so that the load is even.
 * @param cpus at least one.
 */
export function cpusOfJob(job: number, cpus: readonly number[] = allowedCpus()): PeerCpus {
  const first = 2 * job + Math.floor((2 * job) / cpus.length);
  return { main: cpus[first % cpus.length]!, forward: [cpus[(first + 1) % cpus.length]!] };
}
