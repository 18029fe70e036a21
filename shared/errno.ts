/**
 * Linux errno values that AVP drivers and hosts exchange (section 8).
 * The values here are positive; the `result` field of a request carries the negated value.
 */
export const Errno = {
  /** Operation not permitted. */
  EPERM: 1,
  /** Input/output error. A positive result of a request counts as this (section 8). */
  EIO: 5,
  /** Out of memory. */
  ENOMEM: 12,
  /** Bad address: a BAR of the device is missing, or an address lies in no map (section 14). */
  EFAULT: 14,
  /** Busy: req is full, a burst or request is under way, or the device is detached at probe (sections 8 and 14). */
  EBUSY: 16,
  /** Exists already. */
  EEXIST: 17,
  /** No such device: it has vanished (section 16). */
  ENODEV: 19,
  /** Invalid argument, or a contradiction in the host's description (sections 8, 9 and 14). */
  EINVAL: 22,
  /** Never exchanged with a host: what ethdev answers for VLAN filtering that is off. */
  ENOSYS: 38,
  /** No data: an entry on resp is not sync_va (section 8). */
  ENODATA: 61,
  /** Timer expired: the host has not answered a request in time (section 8). */
  ETIME: 62,
  /** Not supported: an unknown request, an operation that AVP lacks, or one on a detached port (sections 8 and 14). */
  ENOTSUP: 95,
  /** Value that the Linux driver presets in `result` before it sends a request (section 8). */
  ENOTSUPP: 524,
} as const;

/** Name of an errno, such as `ETIME`. */
export type ErrnoName = keyof typeof Errno;

/** Returns the name of an errno value of either sign, or `errno N` for one that is not in the table. */
export function errnoName(value: number): string {
  const magnitude = Math.abs(value);
  for (const [name, known] of Object.entries(Errno)) if (known === magnitude) return name;
  return `errno ${magnitude}`;
}
