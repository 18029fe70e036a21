import type { DropCause } from '../../../../testbench/api/drops';
import { type Observation, proveFaults } from './observe';

const lost =
  (cause: DropCause) =>
  ({ totals }: Observation): boolean =>
    (totals?.lostByCause[cause] ?? 0) > 0;
const counted =
  (counter: string) =>
  ({ xstats }: Observation): boolean =>
    (xstats[counter] ?? 0) > 0;
const droppedAddress = lost('guest dropped_address');

proveFaults('rings', {
  'rings.stalled-host': { shows: lost('host paused') },
  'rings.slow-host': { shows: ({ waiting }) => waiting > 16 },
  'rings.full-tx': { shows: ({ waiting }) => waiting > 16 },
  'rings.full-free': { shows: lost('host noBuffers') },
  'rings.empty-alloc': { shows: ({ waiting }) => waiting > 16 },
  'rings.write-index-outside': { shows: counted('rx_q0_refused_rx_index') },
  'rings.write-index-all-ones': { shows: counted('rx_q0_refused_rx_index') },
  'rings.write-index-ahead': { shows: ({ host }) => host !== null && host.refused['rxIndex'] > 0 },
  'rings.write-index-back': { shows: droppedAddress },
  'rings.read-index-outside': { shows: counted('tx_q0_refused_tx_index') },
  'rings.read-index-ahead': { shows: ({ waiting }) => waiting > 0 },
  'rings.length-zero': { shows: ({ probe }) => probe.includes('rx FIFO 0: len is 0') },
  'rings.length-odd': { with: { ring: 'tx' }, shows: ({ probe }) => probe.includes('tx FIFO 0: len is 63') },
  'rings.length-one': { with: { ring: 'resp' }, shows: ({ probe }) => probe.includes('response FIFO: len is 1') },
  'rings.length-doubled': { with: { at: 'attach' }, shows: ({ migration }) => migration?.outcome === 'refused' },
  'rings.element-size': { shows: ({ probe }) => probe.includes('elem_size is 16') },
  'rings.slot-garbage': { shows: droppedAddress },
  'rings.slot-zero': { shows: droppedAddress },
  'rings.slot-misaligned': { shows: droppedAddress },
  'rings.slot-outside': { with: { ring: 'alloc' }, shows: counted('tx_q0_refused_buffer') },
  // The driver can't tell the entry from a new one: so the packet arrives again.
  'rings.slot-repeated': { with: { after: 3 }, shows: ({ totals }) => totals !== null && totals.duplicated > 0 },
  'rings.published-before-slots': { with: { after: 1 }, shows: droppedAddress },
});
