import { resetArena } from '../../shared/arena';
import { VirtualClock } from '../../shared/clock';
import { resetInterruptHandlers } from '../../shared/pci';
import { AvpGuest } from './avpGuest';
import { InlineHost } from './inlineHost';
import type { Capability, Rig, Target } from './target';
import { isWatched } from './watch';
import type { WireLog } from './wireLog';

/** Rounds without a change after which both sides are taken to be at rest. */
const QUIET_ROUNDS = 2;
const MAX_ROUNDS = 20_000;

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

/** Host and guest in one thread, with a virtual clock: the same seed gives the same run. */
function openInline(seed: number, log: WireLog | null): Rig {
  resetArena();
  resetInterruptHandlers();
  const clock = new VirtualClock();
  const host = new InlineHost(clock, seed, log);
  log?.timeBy(() => Number(clock.nowNs()));
  return {
    host,
    guest: new AvpGuest(clock, (nic) => host.functionOf(nic)),
    async sleepMs(durationMs) {
      clock.sleepMs(durationMs);
    },
    async settle() {
      let before = '';
      for (let quiet = 0, round = 0; quiet < QUIET_ROUNDS; round++) {
        if (round === MAX_ROUNDS) throw new Error(`the host does not come to rest in ${MAX_ROUNDS} rounds`);
        clock.sleepMs(1);
        const now = host.nics.map((nic) => nic.indices().join(' ')).join('\n');
        quiet = now === before ? quiet + 1 : 0;
        before = now;
      }
    },
    async close() {
      resetInterruptHandlers();
    },
  };
}

/** Our own driver, called directly. */
export const avpTarget: Target = {
  name: 'avp',
  capabilities: new Set([...CAPABILITIES, ...(isWatched ? WATCHED_CAPABILITIES : [])]),
  async open(seed, log = null) {
    return openInline(seed, log);
  },
};
