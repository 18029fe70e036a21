/**
 * Linux errno values that AVP drivers and hosts exchange (section 8).
 * The values here are positive; the `result` field of a request carries the negated value.
 */
export const Errno = {
  EPERM: 1,
  EIO: 5,
  ENOMEM: 12,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  /** Never exchanged with a host: what ethdev answers for VLAN filtering that is off. */
  ENOSYS: 38,
  ENODATA: 61,
  ETIME: 62,
  ENOTSUP: 95,
  /** Value that the Linux driver presets in `result` before it sends a request (section 8). */
  ENOTSUPP: 524,
} as const;

export type ErrnoName = keyof typeof Errno;

/** Returns the name of an errno value of either sign, or `errno N` for one that is not in the table. */
export function errnoName(value: number): string {
  const magnitude = Math.abs(value);
  for (const [name, known] of Object.entries(Errno)) if (known === magnitude) return name;
  return `errno ${magnitude}`;
}
