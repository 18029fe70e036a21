import { needQueue } from './configure';
import { needDevice, needInteger, type PortContext } from './context';
import { guestLoops } from './guestLoops';
import { rxCapacity } from './loops/rxDepth';

/** `done`: a packet waits there. `available`: the host may still put one there. */
export type RxDescriptorStatus = 'done' | 'available';

/** @throws ErrnoError EINVAL for a queue that is not configured, ENODEV. */
export function rxQueueCountOf(port: PortContext, queue: number): number {
  needDevice(port);
  needQueue(port, 'rx', queue);
  return guestLoops().rxWaiting(port.address, queue);
}

/** @throws ErrnoError EINVAL for a queue that is not configured and for an offset beyond its FIFOs, ENODEV. */
export function rxDescriptorStatusOf(port: PortContext, queue: number, offset: number): RxDescriptorStatus {
  const waiting = rxQueueCountOf(port, queue);
  needInteger('offset', offset, 0, rxCapacity(port.address, queue) - 1, ' (what the rx FIFOs of the queue can hold)');
  return offset < waiting ? 'done' : 'available';
}
