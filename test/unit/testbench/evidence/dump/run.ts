import type { DumpedRun } from '../../../../../testbench/evidence/dump/writeDump';

export const RUN: DumpedRun = {
  scenario: 'some',
  seed: 3,
  settings: { size: '5' },
  mode: 'inline',
  verdict: 'fail',
  atMs: 12.5,
};
