import type { RingEntries } from '../device/memory/bufferAudit';
import type { AvpDevice } from '../device/device';

/** What stands on the rings of some devices at this moment, those of a kind together. */
export function ringEntries(devices: readonly AvpDevice[]): RingEntries {
  const each = devices.map((device) => device.ringEntries());
  const sum = (kind: keyof RingEntries): number => each.reduce((total, entries) => total + entries[kind], 0);
  return { tx: sum('tx'), rx: sum('rx'), alloc: sum('alloc'), free: sum('free') };
}

/** The same as text. */
export function entriesText({ tx, rx, alloc, free }: RingEntries): string {
  return `tx ${tx}, rx ${rx}, alloc ${alloc}, free ${free}`;
}
