import { type Observation, proveFaults } from './observe';

const counted =
  (counter: string) =>
  ({ xstats }: Observation): boolean =>
    (xstats[counter] ?? 0) > 0;

proveFaults('buffers', {
  'buffers.data-len': { with: { way: 'minus-one' }, shows: counted('rx_q0_dropped_length') },
  'buffers.pkt-len': { shows: counted('rx_q0_dropped_length') },
  'buffers.nb-segs': { with: { way: 'zero' }, shows: counted('rx_q0_dropped_segment_count') },
  'buffers.next': { with: { way: 'misaligned' }, shows: counted('rx_q0_dropped_address') },
  'buffers.data': { shows: counted('rx_q0_dropped_address') },
  'buffers.data-at-end': { shows: counted('rx_q0_dropped_address') },
  'buffers.cycle': { shows: counted('rx_q0_dropped_chain') },
  'buffers.endless': { shows: counted('rx_q0_dropped_segment_count') },
  'buffers.cut-chain': { shows: counted('rx_q0_dropped_chain') },
  'buffers.shared-segment': {
    shows: (seen) => counted('rx_q0_dropped_length')(seen) || counted('rx_q0_dropped_chain')(seen),
  },
  'buffers.empty-segment': { with: { segment: 1 }, shows: counted('rx_q0_dropped_empty_segment') },
  'buffers.oversized': { shows: counted('rx_q0_dropped_long') },
  'buffers.too-short': { shows: counted('rx_q0_dropped_short') },
  'buffers.ol-flags': { shows: counted('rx_q0_vlan_refused') },
  'buffers.vlan-tci': { shows: counted('rx_q0_vlan_refused') },
  // A driver writes every field that matters (section 7), so only the descriptors themselves tell.
  'buffers.alloc-poisoned': { with: { times: 0 }, shows: ({ lentSegments }) => lentSegments > 63 },
  'buffers.alloc-data': { shows: counted('tx_q0_refused_buffer') },
});
