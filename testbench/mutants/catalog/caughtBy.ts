/**
 * Tries that catch a variant besides its `fails` and its `hunt`, by variant and engine. Written by
 * `npx ts-node testbench/mutants/score/writeKnown.ts REPORT.json...` from results of `avp mutants --all`.
 */
// prettier-ignore
export const caughtBy = {
  'race-remove-marks-after-the-wait': { property: ['test/property/joint/ordering.test.ts'] },
  'race-lock-not-released': { property: ['test/property/joint/ordering.test.ts'] },
  'race-exit-not-released': { property: ['test/property/joint/ordering.test.ts'] },
  'race-lock-looks-again-unfenced': { property: ['test/property/joint/ordering.test.ts'] },
  'race-lock-looks-for-notes-unfenced': { property: ['test/property/joint/ordering.test.ts'] },
  'race-lock-note-cleared-late': { property: ['test/property/joint/ordering.test.ts'] },
  'race-host-killed-fifos-before-buffers': { conform: ['hotplug/11'] },
  'race-host-killed-registers-kept': { conform: ['hotplug/11'] },
  'race-host-killed-answers-kept': { conform: ['hotplug/11'] },
};
