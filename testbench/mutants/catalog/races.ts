import type { Race } from '../build/mutant';
import { controlRaces } from './racesControl';
import { fifoRaces } from './racesFifo';
import { gateRaces } from './racesGate';
import { hostRaces } from './racesHost';
import { lifeRaces } from './racesLife';
import { migrationRaces } from './racesMigration';
import { ringRaces } from './racesRings';

/** Every broken variant that exploration must find, and those that nothing tells from the product. */
export const allRaces: readonly Race[] = [
  ...fifoRaces,
  ...gateRaces,
  ...migrationRaces,
  ...lifeRaces,
  ...ringRaces,
  ...controlRaces,
  ...hostRaces,
];
