/**
 * Linux errno values that AVP drivers and hosts exchange (section 8).
 * Positive here; an answer in a request's `result` field carries the negative.
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
  ENODATA: 61,
  ETIME: 62,
  ENOTSUP: 95,
  /** What the Linux driver presets in `result` before it sends a request (section 8). */
  ENOTSUPP: 524,
} as const;

export type ErrnoName = keyof typeof Errno;

/** Name of an errno value of either sign, `errno N` where it has none here. */
export function errnoName(value: number): string {
  const magnitude = Math.abs(value);
  for (const [name, known] of Object.entries(Errno)) if (known === magnitude) return name;
  return `errno ${magnitude}`;
}
