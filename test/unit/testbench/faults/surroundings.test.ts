import type { DropCause } from '../../../../testbench/api/drops';
import { type Observation, proveFaults } from './observe';

const lost =
  (cause: DropCause) =>
  ({ totals }: Observation): boolean =>
    (totals?.lostByCause[cause] ?? 0) > 0;
/** A millisecond in which traffic runs, and one in which the instance is between two hosts. */
const [IN_TRAFFIC, IN_MOVE] = [{ after: 25 }, { after: 93 }];
const EVERYWHERE = { nic: '' };

proveFaults('hotplug', {
  'hotplug.surprise-removal': { shows: ({ probe }) => probe !== '' },
  'hotplug.removal-under-traffic': { shows: ({ arrived }) => arrived[1] === 0 },
  'hotplug.missing-bar': { with: { bar: 4 }, shows: ({ probe }) => probe.includes('BAR 4') },
  'hotplug.short-bar': { shows: ({ probe }) => probe.includes('what BAR 2 has left') },
  'hotplug.foreign-identity': { shows: ({ boot, migration }) => boot === '' && migration === null },
  'hotplug.detached-at-probe': { shows: ({ probe }) => probe.includes('migration status is 1') },
  'hotplug.host-change': { shows: ({ xstats }) => xstats['migration_attached'] === 2 },
});

proveFaults('time', {
  'time.jump-forward': {
    with: { ...EVERYWHERE, after: 87 },
    shows: ({ migration }) => migration?.outcome === 'timed-out',
  },
  'time.jump-back': { with: { ...EVERYWHERE, ...IN_MOVE }, shows: ({ ms }) => ms > 60_000 },
  'time.stands-still': { with: { ...EVERYWHERE, ...IN_MOVE, forMs: '1s' }, shows: ({ ms }) => ms > 1_000 },
  'time.drift': { with: { ...EVERYWHERE, ...IN_MOVE, speedPercent: 5 }, shows: ({ ms }) => ms > 500 },
  'time.guest-pause': { with: { ...EVERYWHERE, ...IN_TRAFFIC }, shows: ({ waiting }) => waiting > 16 },
  'time.host-pause': { with: IN_TRAFFIC, shows: lost('host paused') },
});

proveFaults('memory', {
  'memory.allocation-fails': { shows: lost('guest no_mbuf') },
  'memory.pool-exhausted': { with: { forMs: 5 }, shows: lost('guest no_mbuf') },
  'memory.host-pool-exhausted': { shows: lost('host noBuffers') },
  'memory.next-host-fails': { shows: ({ migration }) => migration?.cause?.includes('no memory') === true },
  'memory.flipped-bit': { shows: ({ totals }) => totals !== null && totals.corrupted > 0 },
});

proveFaults('network', {
  'network.loss': { with: { times: 3 }, shows: ({ totals }) => totals?.lostByCause['fault network.loss'] === 3 },
  'network.duplicate': { with: { copies: 3 }, shows: ({ totals }) => totals?.duplicated === 2 },
  'network.reorder': { shows: ({ totals }) => totals?.reordered === 1 },
  // Then more frames come at once than the ring has room for.
  'network.delay': { with: { delayMs: 40 }, shows: lost('host ringFull') },
  'network.corrupt': { shows: ({ totals }) => totals?.corrupted === 1 },
  'network.truncate': { shows: lost('switch tooShort') },
  'network.outage': { shows: lost('fault network.outage') },
  'network.rate': { with: { framesPerMs: 1 }, shows: lost('fault network.rate') },
});
