import { type Observation, proveFaults } from './observe';

const unexpected = ({ xstats }: Observation): boolean => (xstats['control_unexpected_interrupts'] ?? 0) > 0;
const refusedStatus = ({ xstats }: Observation): boolean => (xstats['migration_refused_status'] ?? 0) > 0;
/** The first two reads of the migration status are those of the probe. */
const IN_HANDLER = { register: 'migration-status', after: 2 };

proveFaults('registers', {
  'registers.all-ones': { with: IN_HANDLER, shows: refusedStatus },
  'registers.lost-write': { with: { register: 'mask' }, shows: ({ registers }) => registers[0] === 0 },
  'registers.wrong-write': { with: { register: 'mask' }, shows: ({ registers }) => registers[0] === 0x55 },
  'registers.zero-read': { with: IN_HANDLER, shows: refusedStatus },
  'registers.random-read': { with: IN_HANDLER, shows: refusedStatus },
  'registers.flipped-bit': { shows: ({ probe }) => probe.includes('migration status is 1') },
  'registers.sticky-status': { with: { times: 0 }, shows: ({ registers }) => registers[1] === 2 },
  'registers.changing-mid-handler': { shows: refusedStatus },
  'registers.lost-interrupt': { shows: ({ migration }) => migration?.outcome === 'timed-out' },
  'registers.late-interrupt': { with: { delayMs: '200ms' }, shows: ({ migration }) => migration!.downtimeMs > 200 },
  'registers.coalesced-interrupt': { shows: ({ migration }) => migration!.downtimeMs > 1_000 },
  'registers.doubled-interrupt': { shows: unexpected },
  'registers.spurious-interrupt': { shows: unexpected },
  'registers.unknown-bit': { shows: unexpected },
  'registers.unknown-status': { shows: refusedStatus },
  'registers.mask-lost': { shows: ({ registers }) => registers[0] === 0 },
});
