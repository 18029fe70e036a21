import { findRacesOf, huntingChecks } from './raceHunt';

const ELSEWHERE = ['fifo', 'rx-burst', 'tx-burst', 'control', 'detach', 'attach', 'attach-unannounced'];

describe('races of closing, removal and interrupts', function () {
  this.timeout(300_000);
  findRacesOf(huntingChecks.filter((check) => !ELSEWHERE.includes(check)));
});
