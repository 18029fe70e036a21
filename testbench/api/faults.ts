/**
 * The parameters of each fault, by its name. The registry (`testbench/faults/registry.ts`) fills it in, so that a script
 * is checked against the faults that there are, and this contract needs to know none of them. docs/faults.md lists them.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled in by the registry
export interface FaultParameterMap {}

/** A fault as a user orders it. */
export interface FaultOrder {
  /** Name of the fault, `CLASS.what-goes-wrong`. */
  readonly name: string;
  /** Values may be text, with units. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** State of a fault that was put. */
export interface FaultReport {
  /** Name of the fault. */
  readonly name: string;
  /** Its parameters, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Operations that it could have struck. */
  readonly seen: number;
  /** Operations that it has struck. */
  readonly fired: number;
  /** Frames that it has kept from a device. */
  readonly lost: number;
  /** False once it was removed. */
  readonly inPlace: boolean;
}

/** A fault that was put in place. */
export interface PutFault {
  /** Name of the fault. */
  readonly name: string;
  /** Operations that it could have struck so far. */
  readonly seen: number;
  /** Operations that it has struck so far. */
  readonly fired: number;
  /** Removes the fault. A second call does nothing. */
  remove(): void;
}

/** The faults of a run. */
export interface BenchFaults {
  /**
   * Puts a fault, for everything that happens from now on.
   * @throws UsageError for a parameter out of range, and for a fault that the mode can't offer.
   */
  add<N extends keyof FaultParameterMap>(name: N, parameters?: FaultParameterMap[N]): PutFault;
  /** Faults that are in place. */
  readonly all: readonly PutFault[];
}
