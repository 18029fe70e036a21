import { AvpGuest } from './avpGuest';
import { openInlineRig } from './inlineRig';
import type { Capability, Target } from './target';
import { isWatched } from './watch';

const CAPABILITIES: readonly Capability[] = [
  'mbuf-balance',
  'mbuf-fields',
  'mbuf-forms',
  'pool-per-queue',
  'several-pools',
  'drop-causes',
  'refusals',
];
const WATCHED_CAPABILITIES: readonly Capability[] = ['turn-inside-burst', 'memory-rights'];

/** Our own driver, called directly. */
export const avpTarget: Target = {
  name: 'avp',
  capabilities: new Set([...CAPABILITIES, ...(isWatched ? WATCHED_CAPABILITIES : [])]),
  async open(seed, log = null) {
    return openInlineRig(seed, log, (host, clock) => new AvpGuest(clock, (nic) => host.functionOf(nic)));
  },
};
