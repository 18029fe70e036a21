import { expect } from 'chai';
import { runHostile, type Side } from '../../../../testbench/hostile';
import { testSeed } from '../../../runner/seed';
import { describeWatched } from '../../../support/watched';

const CASES = 10_000;

/** Runs cases of the test run's seed. The message of a failure has the command that runs the case again. */
function expectNothing(side: Side, cases = CASES): void {
  const { findings } = runHostile({ side, seed: testSeed, cases });
  expect(findings.map(({ promise, message, replay }) => `${promise}: ${message} (${replay})`)).to.deep.equal([]);
}

describeWatched('driver: a host that writes anything at any access', () => {
  it('keeps every promise in 10,000 cases of receive bursts', () => expectNothing('receive'));
  it('keeps every promise in 10,000 cases of transmit bursts', () => expectNothing('transmit'));
});
