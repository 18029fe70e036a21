import { expect } from 'chai';
import { runHostile, type Side } from '../../../../testbench/hostile';
import { testSeed } from '../../../runner/seed';
import { describeWatched } from '../../../support/watched';

const CASES = 10_000;
/** Far more than a busy machine needs. */
const LIMIT_MS = 600_000;

/** Runs cases of the test run's seed. The message of a failure has the command that runs the case again. */
function expectNothing(side: Side, cases = CASES): void {
  const { findings } = runHostile({ side, seed: testSeed, cases });
  expect(findings.map(({ promise, message, replay }) => `${promise}: ${message} (${replay})`)).to.deep.equal([]);
}

describeWatched('driver: a host that writes anything at any access', function () {
  this.timeout(LIMIT_MS);

  it('keeps every promise in 10,000 cases of receive bursts', () => expectNothing('receive'));
  it('keeps every promise in 10,000 cases of transmit bursts', () => expectNothing('transmit'));
  it('keeps every promise in 500 cases of control operations', () => expectNothing('control', 500));
});

describeWatched('host: a guest that writes anything at any access', function () {
  this.timeout(LIMIT_MS);

  it('keeps every promise in 5,000 cases, and leaves the other port alone', () => expectNothing('host', 5_000));
});
