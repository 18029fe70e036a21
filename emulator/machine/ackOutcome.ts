import { MIGRATION_DETACHED, MIGRATION_ERROR } from '../../shared/loops/layout';
import type { AvpDevice } from '../device/device';

/**
 * Outcome of a migration event (section 15): the guest carried it out, the guest refused it
 * (ack 3), or nobody can ack, because there is no guest or no driver.
 */
export type AckOutcome = 'acked' | 'refused' | 'nobody';

/** The part of a device from which the outcome is decided. */
export type AckingDevice = Pick<AvpDevice, 'migration' | 'configured'>;

/**
 * Decides the outcome of the last event from a device's registers.
 * @param event status of that event: `MIGRATION_DETACHED` or `MIGRATION_ATTACHED`.
 * @param lateRefusal an earlier detach event got no ack, so that an ack 3 may be the answer to that
 *   one and says nothing of an attach event.
 * @returns null as long as the guest may still ack.
 */
export function ackOutcome(device: AckingDevice, event: number, lateRefusal = false): AckOutcome | null {
  const { status, ack, released, bound } = device.migration;
  const detaching = event === MIGRATION_DETACHED;
  if (ack === event && (released || !detaching)) return 'acked';
  // A device whose guest refuses a detach goes back to its former status by itself.
  if (detaching && status !== MIGRATION_DETACHED) return 'refused';
  if (ack === MIGRATION_ERROR && (detaching || !lateRefusal)) return 'refused';
  // A driver that could ack has its interrupt enabled, or is at work.
  return !bound && !device.configured ? 'nobody' : null;
}
