import { UsageError } from '../../shared/errors';
import type { PeerCpus } from '../peers/dpdk/cpus';
import { allowedCpus } from '../runtime/affinity';

/** CPUs of a measurement's two sides. */
export interface Cpus {
  readonly host: number;
  readonly guest: number;
}

/** Takes a CPU for each side. @throws UsageError where this process may run on one alone. */
export function takeCpus(): Cpus {
  const [host, guest] = allowedCpus();
  if (host === undefined || guest === undefined)
    throw new UsageError('host and driver each need a CPU of their own: this process may run on one alone');
  return { host, guest };
}

/** CPUs of testpmd: the prompt, which sleeps, shares the host's; the forwarding lcore has the other one. */
export function forwardingCpus({ host, guest }: Cpus): PeerCpus {
  return { main: host, forward: [guest] };
}
