import type { DeviceStats } from '../../emulator';
import type { ServedNic } from './servedNic';

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** True if the frame counters add up and every packet buffer is in exactly one place. */
function isBalanced(
  { toGuest, fromGuest }: DeviceStats,
  buffers: Readonly<Record<string, number>>,
  total: number,
): boolean {
  return (
    toGuest.offered === toGuest.delivered + toGuest.waiting + sum(toGuest.dropped) &&
    fromGuest.offered === fromGuest.forwarded + sum(fromGuest.dropped) &&
    sum(buffers) === total
  );
}

/** The part of a `stats` reply that is about one NIC. */
export function readNic({ nic, label, device, hasGuest, fed, dumpPath }: ServedNic): Readonly<Record<string, unknown>> {
  const stats = device.inspect.stats();
  const { total, ...places } = device.inspect.buffers();
  const { status, ack } = device.migration;
  const { toGuest, fromGuest, control, refused } = stats;
  return {
    ...{ nic: label, slot: nic.bdf, network: nic.network, mac: nic.mac },
    guest: hasGuest,
    configured: device.configured,
    linkUp: device.inspect.linkUp,
    queues: device.inspect.negotiated,
    balanced: isBalanced(stats, places, total),
    ...{ toGuest, fromGuest },
    buffers: { total, ...places },
    migration: { status, ack, ...stats.migration },
    ...{ control, refused },
    switch: nic.port.stats(),
    fed,
    dumping: dumpPath !== null,
  };
}
