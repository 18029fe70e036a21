import { resetArena } from '../../../shared/arena';
import { resetInterruptHandlers } from '../../../shared/pci';
import { cpusOfJob } from '../../peers/dpdk/cpus';
import { preparePeer, type PeerSelection, type PreparedPeer } from '../../peers/dpdk/preparePeer';
import { DpdkGuest } from './guest';
import { DpdkHost } from './host';
import type { Capability, Target } from '../target';

/** The build of DPDK that is the peer, and the command that wraps it. */
export interface PeerSettings extends PeerSelection {
  /** A command such as `gdb -batch -ex run -ex bt --args`. */
  readonly wrap?: string | undefined;
}

const CAPABILITIES: readonly Capability[] = [
  'guest-death',
  'held-burst',
  'mbuf-balance',
  'mbuf-size',
  'mbuf-tags',
  'paused-bursts',
  'queue-choice',
  'refusals',
  'surprise-removal',
  'tag-per-frame',
];

/**
 * The target for DPDK's own driver, in a testpmd that sends every received frame back.
 * @param job number of the concurrent job; each job has CPUs of its own.
 */
export function dpdkTarget(settings: PeerSettings = {}, job = 0): Target {
  let prepared: Promise<PreparedPeer> | null = null;
  return {
    name: 'dpdk',
    capabilities: new Set(CAPABILITIES),
    behindEthdev: true,
    async open(seed, log = null) {
      prepared ??= preparePeer(settings);
      const peer = await prepared;
      resetArena();
      resetInterruptHandlers();
      const host = new DpdkHost();
      host.begin(seed, log);
      const guest = new DpdkGuest(host, { ...peer, wrap: settings.wrap ?? null, cpus: cpusOfJob(job) });
      return {
        host,
        guest,
        async sleepMs(durationMs) {
          await host.sleepMs(durationMs);
          guest.check();
        },
        settle: () => guest.settle(),
        async close() {
          await guest.close();
          await host.close();
        },
      };
    },
  };
}
