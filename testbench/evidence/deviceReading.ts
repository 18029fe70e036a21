/** The counters of a device and the places of its packet buffers: as data, and as text for people. */
import type { AvpDevice, BufferAudit, DeviceStats, Negotiated, SwitchPortStats } from '../../emulator';

type Counts = Readonly<Record<string, number>>;

/** A device's state and counters, as the command `stats` shows them. */
export interface DeviceReading extends Pick<DeviceStats, 'toGuest' | 'fromGuest' | 'control' | 'refused'> {
  readonly configured: boolean;
  readonly linkUp: boolean;
  readonly queues: Negotiated;
  /** True if the frame counters add up and every packet buffer is in exactly one place. */
  readonly balanced: boolean;
  readonly buffers: BufferAudit;
  readonly migration: Counts & { readonly status: number; readonly ack: number };
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function isBalanced({ toGuest, fromGuest }: DeviceStats, { total, ...places }: BufferAudit): boolean {
  return (
    toGuest.offered === toGuest.delivered + toGuest.waiting + sum(toGuest.dropped) &&
    fromGuest.offered === fromGuest.forwarded + sum(fromGuest.dropped) &&
    sum(places) === total
  );
}

/** Reads a device's counters, after a look at the guest's index on rx. */
export function readDevice(device: AvpDevice): DeviceReading {
  const stats = device.inspect.stats();
  const buffers = device.inspect.buffers();
  const { status, ack } = device.migration;
  const { toGuest, fromGuest, control, refused } = stats;
  return {
    configured: device.configured,
    linkUp: device.inspect.linkUp,
    queues: device.inspect.negotiated,
    balanced: isBalanced(stats, buffers),
    ...{ toGuest, fromGuest },
    buffers,
    migration: { status, ack, ...stats.migration },
    ...{ control, refused },
  };
}

/** Names and numbers without the zeros: `offered 3, delivered 2`. */
export function countsText(counts: object): string {
  const found = Object.entries(counts).filter(([, count]) => typeof count === 'number' && count !== 0);
  return found.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
}

function trafficText({ dropped, ...counts }: DeviceReading['toGuest'] | DeviceReading['fromGuest']): string {
  return sum(dropped) === 0 ? countsText(counts) : `${countsText(counts)}; dropped: ${countsText(dropped)}`;
}

/** The lines of `stats` about a device. */
export function deviceText(reading: DeviceReading, port: SwitchPortStats): string[] {
  const { configured, linkUp, queues, balanced, toGuest, fromGuest, buffers, migration, control, refused } = reading;
  const { status, ack, ...events } = migration;
  const terms = configured
    ? `configured: ${queues.rxQueues} rx and ${queues.txQueues} tx queues, features ${queues.features}, link ${linkUp ? 'up' : 'down'}`
    : 'not configured';
  return [
    `state        ${terms}`,
    `to guest     ${trafficText(toGuest)}`,
    `from guest   ${trafficText(fromGuest)}`,
    `buffers      ${countsText(buffers)}`,
    `migration    status ${status}, ack ${ack}; ${countsText(events)}`,
    `control      ${countsText(control)}`,
    ...(sum(refused) === 0 ? [] : [`refused      ${countsText(refused)}`]),
    `switch port  ${countsText(port)}${sum(port.dropped) === 0 ? '' : `; dropped: ${countsText(port.dropped)}`}`,
    `balanced     ${balanced ? 'yes: each frame and each buffer is accounted for' : 'NO: frames or buffers are not accounted for'}`,
  ];
}
