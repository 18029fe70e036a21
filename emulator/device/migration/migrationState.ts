/** Where a device stands in a migration (section 15). */
export interface MigrationState {
  /** As in the register; the host's own copy. */
  readonly status: number;
  /** As the guest wrote it last; 0 since the last event. */
  readonly ack: number;
  /** Under this detach a request 4 was answered with success. */
  readonly shutdown: boolean;
  /** Under this detach no guest holds a buffer any more: ack 1 has come, or there is no guest. */
  readonly released: boolean;
  /** The interrupt mask is open, so that somebody could answer an event. */
  readonly bound: boolean;
}

/** What happens to a device in a migration. */
export interface MigrationNote {
  /**
   * `announced`: an event, `value` = status. `acked`: an ack that fits it; `unexpected-ack`: one
   * that fits nothing. `shutdown`: request 4 was carried out; `answered`: it is being answered.
   * `released`: all buffers are the host's. `undone`: the former status is back, `value` = it;
   * `resumed`: a shutdown was taken back. `renewed`: all FIFOs are empty. `configured`: request 3
   * was carried out. `closed`: the guest closed meanwhile. `replaced`: another host is behind the device.
   */
  readonly what:
    | 'announced'
    | 'acked'
    | 'unexpected-ack'
    | 'shutdown'
    | 'answered'
    | 'released'
    | 'undone'
    | 'resumed'
    | 'renewed'
    | 'configured'
    | 'closed'
    | 'replaced';
  readonly value: number;
}
