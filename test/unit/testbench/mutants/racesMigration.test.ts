import { findRacesOf } from './raceHunt';

describe('races of migrations', function () {
  this.timeout(300_000);
  findRacesOf(['detach', 'attach', 'attach-unannounced']);
});
