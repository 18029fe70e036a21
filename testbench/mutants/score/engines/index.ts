import type { ScoreEngine } from '../engine';
import { conformEngine } from './conform';
import { exploreEngine } from './explore';
import { faultsEngine } from './faults';
import { hostileEngine } from './hostile';
import { propertyEngine } from './property';

/** Every engine of the score, in the order of its tables. */
export const ENGINES: readonly ScoreEngine[] = [
  conformEngine,
  propertyEngine,
  hostileEngine,
  exploreEngine,
  faultsEngine,
];

/** @throws Error where there is no such engine. */
export function engineNamed(name: string): ScoreEngine {
  const found = ENGINES.find((engine) => engine.name === name);
  if (found === undefined) throw new Error(`there is no engine '${name}'`);
  return found;
}
