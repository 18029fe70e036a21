/** A device's state in a migration (section 15). */
export interface MigrationState {
  /** The host's copy of the migration status register. */
  readonly status: number;
  /** Last value that the guest wrote; 0 since the last event. */
  readonly ack: number;
  /** True if a request 4 was answered with success under the present detach. */
  readonly shutdown: boolean;
  /** True if no guest holds a buffer under the present detach: ack 1 has come, or there is no guest. */
  readonly released: boolean;
  /** True if the interrupt mask is open, so that a driver could answer an event. */
  readonly bound: boolean;
}

/** One step of a migration, for observers. */
export interface MigrationNote {
  /** The step. */
  readonly what:
    /** The host raised an event with status `value`. */
    | 'announced'
    /** Ack `value` answered the event. */
    | 'acked'
    /** Ack `value` answered nothing. */
    | 'unexpected-ack'
    /** A request 4 was carried out under an open mask. */
    | 'shutdown'
    /** A request 4 is about to be answered. */
    | 'answered'
    /** All buffers are the host's. */
    | 'released'
    /** The former status, `value`, is back. */
    | 'undone'
    /** A shutdown was undone. */
    | 'resumed'
    /** All FIFOs are empty. */
    | 'renewed'
    /** A request 3 was carried out. */
    | 'configured'
    /** The guest closed under a detach. */
    | 'closed'
    /** Another host is behind the device. */
    | 'replaced';
  /** Status or ack of the step; 0 for a step that has neither. */
  readonly value: number;
}
