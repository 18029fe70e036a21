import { findRacesOf } from './raceHunt';

describe('races on rings', function () {
  this.timeout(300_000);
  findRacesOf(['fifo', 'rx-burst', 'tx-burst', 'control']);
});
