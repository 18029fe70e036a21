import { findNothingInEquivalents } from './raceHunt';

describe('races that nothing tells from the product', function () {
  this.timeout(300_000);
  findNothingInEquivalents();
});
