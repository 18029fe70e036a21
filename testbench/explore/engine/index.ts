/** Stepped runs: each actor in a thread of its own, one at a time, in an order that is decided and can be repeated. */
export { Crew, type CrewOptions } from './crew';
export type { ActorSpec, Limits, Plan, PointRule, StallRule, Strategy } from './plan';
export type { DeviationNote, Handover, Outcome, SteppedRun, TimelineEntry, ViolationNote } from './report';
export { SteppedError } from './result';
export type { Stage } from './stage';
export type { Variant } from './loading';
