import { resetArena } from '../../../shared/arena';
import { VirtualClock } from '../../../shared/clock';
import { resetInterruptHandlers } from '../../../shared/pci';
import { SameThreadHost } from './host';
import type { Guest, Rig } from '../target';
import type { WireLog } from '../../evidence/wireLog';

/** Number of rounds without a change after which both sides count as idle. */
const QUIET_ROUNDS = 2;
const MAX_ROUNDS = 20_000;

/**
 * Opens a rig with host and guest in this thread and a virtual clock. The same seed gives the same run.
 * @param seed for addresses, layouts and everything else that is random.
 * @param log records frames and events; null for no recording.
 * @param makeGuest makes the guest; `host.functionOf(nic)` is the PCI function for its driver.
 */
export function openSameThreadRig(
  seed: number,
  log: WireLog | null,
  makeGuest: (host: SameThreadHost, clock: VirtualClock) => Guest,
): Rig {
  resetArena();
  resetInterruptHandlers();
  const clock = new VirtualClock();
  const host = new SameThreadHost(clock, seed, log);
  log?.timeBy(() => Number(clock.nowNs()));
  return {
    host,
    guest: makeGuest(host, clock),
    arena: { clock, functionOf: (nic) => host.functionOf(nic) },
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
      host.faults.end();
      resetInterruptHandlers();
    },
  };
}
