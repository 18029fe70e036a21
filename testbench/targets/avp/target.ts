import { AvpGuest } from './guest';
import { openSameThreadRig } from '../sameThread/rig';
import type { Capability, Target } from '../target';
import { watchedMemory } from '../../../shared/mem/build';

const CAPABILITIES: readonly Capability[] = [
  'mbuf-balance',
  'mbuf-fields',
  'mbuf-tags',
  'mbuf-forms',
  'shared-mbufs',
  'pool-per-queue',
  'several-pools',
  'drop-causes',
  'migration-events',
  'refusals',
  'refused-settings',
  'xstats-by-id',
  'queue-depth',
  'mbuf-headroom',
  'guest-in-arena',
  'burst-choice',
  'paused-bursts',
  'queue-choice',
  'configure-apart',
  'repeated-calls',
  'zero-queues',
  'mtu-change',
  'mtu-limits',
  'queue-states',
  'close-started',
  'traffic-after-refused-stop',
  'queue-set-up-apart',
  'mbuf-size',
  'tag-per-frame',
  'calls-meanwhile',
  'guest-memory',
  'surprise-removal',
  'many-lives',
  'guest-death',
  'shared-guest',
  'second-thread',
  'link-events',
  'removal-query',
  'exact-time',
];
const WATCHED_CAPABILITIES: readonly Capability[] = ['turn-inside-burst', 'held-burst', 'memory-rights'];

/** The package's own driver, called directly in the host's thread. */
export const avpTarget: Target = {
  name: 'avp',
  capabilities: new Set([...CAPABILITIES, ...(watchedMemory !== null ? WATCHED_CAPABILITIES : [])]),
  needsWatched: new Set(WATCHED_CAPABILITIES),
  async open(seed, log = null) {
    return openSameThreadRig(seed, log, (host, clock) => new AvpGuest(clock, host));
  },
};
