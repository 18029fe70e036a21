/** Hostile neighbours: what both sides promise whatever the other one writes (docs/hostile.md). */
export { caseOf, type Change, type HostileCase, SIDES, type Side, type Step, type Write } from './cases/hostileCase';
export { type BrokenPromise, PROMISES } from './finding';
export { type HostileFinding, type HostileOptions, type HostileRun, HostileWorlds, runCases, runHostile } from './run';
