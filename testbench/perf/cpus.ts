import { UsageError } from '../../shared/errors';
import type { PeerCpus } from '../peers/dpdk/cpus';
import { allowedCpus } from '../runtime/affinity';

/** Where a measurement's two sides run, each on a CPU of its own. */
export interface Cpus {
  readonly host: number;
  readonly guest: number;
}

/** @throws UsageError where this process may not run on two. */
export function takeCpus(): Cpus {
  const [host, guest] = allowedCpus();
  if (host === undefined || guest === undefined)
    throw new UsageError('host and driver each need a CPU of their own: this process may run on one alone');
  return { host, guest };
}

/** For testpmd: its prompt sleeps beside the host, its forwarding lcore has the other CPU. */
export function forwardingCpus({ host, guest }: Cpus): PeerCpus {
  return { main: host, forward: [guest] };
}
