import type { Side } from '../cases/hostileCase';
import type { HostileFinding } from '../run';

/** `workerData` of a worker. */
export interface WorkerData {
  readonly side: Side;
  readonly seed: number;
}

/** Tells a worker to run cases. */
export interface CaseOrder {
  readonly first: number;
  readonly cases: number;
  /** Most findings. */
  readonly most: number;
}

export interface CaseReport {
  readonly cases: number;
  readonly findings: readonly HostileFinding[];
}
