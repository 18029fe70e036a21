/**
 * Tries that catch a variant besides its `fails` and its `hunt`, by variant and engine. Written by
 * `npx ts-node testbench/mutants/score/writeKnown.ts REPORT.json...` from results of `avp mutants --all`.
 */
// prettier-ignore
export const caughtBy = {
  'race-host-killed-fifos-before-buffers': { conform: ['hotplug/11'] },
  'race-host-killed-registers-kept': { conform: ['hotplug/11'] },
  'race-host-killed-answers-kept': { conform: ['hotplug/11'] },
};
