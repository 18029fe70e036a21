/**
 * Tries that catch a variant besides its `fails` and its `hunt`, by variant and engine. Written by
 * `npx ts-node testbench/mutants/score/writeKnown.ts REPORT.json...` from results of `avp mutants --all`.
 */
// prettier-ignore
export const caughtBy = {
  'rx-crc-taken-off': { property: ['test/property/joint/packetLengths.test.ts'], faults: ['mixed-queues network.loss'] },
  'fifo-one-slot-too-few': { property: ['test/property/joint/traffic.test.ts'] },
  'control-record-leaked': { property: ['test/property/joint/life.test.ts'] },
  'negotiate-old-indices': { property: ['test/property/joint/model.test.ts'] },
  'rx-packet-length-for-segment': { property: ['test/property/joint/fetchOnce.test.ts'] },
  'rx-spares-leak': { property: ['test/property/joint/forgedChains.test.ts'] },
  'rx-flags-left-over': { property: ['test/property/joint/forgedChains.test.ts'] },
  'tx-chain-unlinked': { property: ['test/property/joint/packetLengths.test.ts'] },
  'tx-first-segment-only': { property: ['test/property/joint/traffic.test.ts'] },
  'tx-buffers-lost': { property: ['test/property/joint/traffic.test.ts'] },
  'hotplug-absence-is-success': { property: ['test/property/joint/model.test.ts'] },
  'vlan-priority-lost': { property: ['test/property/joint/traffic.test.ts'] },
  'race-exit-not-released': { property: ['test/property/joint/ordering.test.ts'] },
  'race-remove-marks-after-the-wait': { property: ['test/property/joint/ordering.test.ts'] },
  'race-lock-not-released': { property: ['test/property/joint/ordering.test.ts'] },
  'race-lock-looks-for-notes-unfenced': { property: ['test/property/joint/ordering.test.ts'] },
  'race-lock-looks-again-unfenced': { property: ['test/property/joint/ordering.test.ts'] },
  'race-lock-note-cleared-late': { property: ['test/property/joint/ordering.test.ts'] },
  'race-host-killed-fifos-before-buffers': { conform: ['hotplug/11'] },
  'race-host-killed-registers-kept': { conform: ['hotplug/11'] },
  'race-host-killed-answers-kept': { conform: ['hotplug/11'] },
};
