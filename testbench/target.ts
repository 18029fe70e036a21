/**
 * The exports of `avp-testbench/target`, with which other projects put a driver of their own under the clauses.
 * @module avp-testbench/target
 */
export { CAPABILITIES, type Capability } from './targets/capability';
export { generatedFrame } from './targets/generatedFrame';
export type * from './targets/host';
export type { SameThreadHost } from './targets/sameThread/host';
export { openSameThreadRig } from './targets/sameThread/rig';
export * from './targets/target';
export type {
  Kept,
  WireDirection,
  WireEvent,
  WireFrame,
  WireLimits,
  WireLog,
  WireRecord,
  WireSubject,
} from './evidence/wireLog';
