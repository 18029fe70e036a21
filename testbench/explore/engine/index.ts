/** Stepped runs: each actor in a thread of its own, one at a time, in an order that is decided and can be repeated. */
export { WorkerPool, type WorkerPoolOptions } from './workerPool';
export type { ActorSpec, Limits, Plan, PointRule, StallRule, Strategy } from './plan';
export type { DeviationNote, Handover, Outcome, SteppedRun, TimelineEntry, ViolationNote } from './report';
export { SteppedError } from './result';
export type { ActorContext } from './actorContext';
export type { Variant } from './loading';
