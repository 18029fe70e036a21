/** Place of a packet buffer: values of `host_buffer.place`. */
export const places = {
  /** In the host's pool. */
  PLACE_POOL: 0,
  /** Lent through alloc: on alloc, in the guest's hands, or on tx. */
  PLACE_LENT: 1,
  /** In a chain on rx, in the guest's hands, or on free. */
  PLACE_RX: 2,
  /** Taken off a ring and not yet back in the pool; only within one call. */
  PLACE_TAKEN: 3,
} as const;

/** The guest's rights to tx, rx, alloc and free (section 15): values of `host_port.ring_rights`. */
export const ringRights = {
  /** The rights of a producer or consumer. */
  RINGS_GRANTED: 0,
  /** Read the headers, as a guest does in an attach before it sends request 3. */
  RINGS_HEADERS: 1,
  /** None: the host has taken the rings back, and they may be moving. */
  RINGS_WITHDRAWN: 2,
} as const;

/** State of a port's guest: values of `host_port.life`. */
export const portLives = {
  /** No request 3 since the last close or loss of the guest. */
  LIFE_NONE: 0,
  /** From a successful request 3 to request 4: the host works on tx, rx, alloc and free. */
  LIFE_LIVE: 1,
  /** A live guest has sent request 4 under an open mask, as a detach does (section 15); it may be undone. */
  LIFE_SHUT_DOWN: 2,
  /** A guest that was not live has sent request 4 under an open mask. */
  LIFE_SHUT_DOWN_UNUSED: 3,
} as const;

/** A device's state in a migration (section 15): values of `host_device.phase`; `migration/table.ts` has the events. */
export const migrationPhases = {
  PHASE_ATTACHED: 0,
  PHASE_DETACHING: 1,
  PHASE_VACANT: 2,
  PHASE_RELEASED: 3,
} as const;
