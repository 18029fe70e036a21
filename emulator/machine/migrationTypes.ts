import { UsageError } from '../../shared/errors';
import type { AvpDevice } from '../device/device';
import type { AvpDeviceSettings, DeepPartial } from '../device/settings';
import type { Nic } from './nic';

/** A guest needs up to half a second for a request, and as long for an answer that it is still owed (section 8). */
export const DEFAULT_ACK_TIMEOUT_MS = 3_000;
/** Default of `MigrationOptions.moveMs`. */
export const DEFAULT_MOVE_MS = 10;

/** Settings that the caller asks for. Defaults decide the rest. */
export type Asked = DeepPartial<AvpDeviceSettings>;

/** Options of a live migration (section 15). */
export interface MigrationOptions {
  /**
   * Settings of the devices at the destination, over its defaults and the NIC's own: the same for all NICs, or a
   * function that returns those of each.
   * @defaultValue none
   */
  readonly destination?: Asked | ((nic: Nic) => Asked);
  /**
   * Called for each device that has its new host, before the guest is told; the place to plant faults.
   * @defaultValue none
   */
  readonly prepare?: (device: AvpDevice, nic: Nic) => void;
  /**
   * Time for which each event waits for its acks.
   * @defaultValue 3_000
   * @range 1 or more
   */
  readonly ackTimeoutMs?: number;
  /**
   * Time for which the instance is on no network while it moves.
   * @defaultValue 10
   * @range 0 or more
   */
  readonly moveMs?: number;
}

/** Phase of a migration. */
export type MigrationPhase =
  /** Waits for acks of the detach at the source. */
  | 'detaching'
  /** The instance is on its way, and on no network. */
  | 'moving'
  /** Waits for acks of the attach at the destination. */
  | 'attaching'
  /** The attach failed: waits for acks of a detach at the destination. */
  | 'undoing'
  /** Waits for acks of the attach back at the source. */
  | 'reattaching'
  /** The migration has ended. */
  | 'done';

/** Outcome of a migration. */
export type MigrationOutcome =
  /** The instance is at the destination, and every driver has attached. */
  | 'completed'
  /** A driver wrote ack 3. The instance is back at the source, and attached there. */
  | 'refused'
  /** A driver wrote no ack in time. The instance is back at the source, and attached there. */
  | 'timed-out'
  /** The host could not carry the migration out, or the way back failed too; `cause` has the reasons. */
  | 'failed'
  /** The migration was cancelled. The instance is back at the source, and attached there. */
  | 'cancelled';

/** A step of a migration, of the instance or of one NIC. */
export type MigrationStep =
  /** Instance: the migration has begun. */
  | 'started'
  /** NIC: the host has set status 1 and raised the interrupt. */
  | 'detach-event'
  /** NIC: the host has answered request 4; the detail has the entries left on the rings. */
  | 'shut-down'
  /** NIC: the driver has written the ack that answers the event. */
  | 'acked'
  /** NIC: the driver has written ack 3. */
  | 'refused'
  /** NIC: nobody answers, because no driver is bound or the NIC is gone. */
  | 'not-driven'
  /** NIC: no ack has come in `ackTimeoutMs`. */
  | 'timed-out'
  /** Instance: it has left the networks of its node. */
  | 'disconnected'
  /** NIC: another host is behind the device; the detail has its terms. */
  | 'host-replaced'
  /** Instance: it is on the networks of its node. */
  | 'connected'
  /** NIC: the host has set status 2 and raised the interrupt. */
  | 'attach-event'
  /** Instance: it goes back to the source; the detail says why. */
  | 'turned-back'
  /** Instance: the migration has ended; the detail has outcome and cause. */
  | 'ended';

/** One line of the timeline. */
export interface MigrationEvent {
  /** Time of the step by the node's clock. */
  readonly atMs: number;
  /** Name of the NIC; null for a step of the whole instance. */
  readonly nic: string | null;
  /** The step that the migration has taken. */
  readonly step: MigrationStep;
  /** More about it, in words. */
  readonly detail: string;
}

/** Outcome of a migration that has ended, or of one on its way back. */
export interface MigrationResult {
  readonly outcome: MigrationOutcome;
  readonly cause: string;
}

/** Returns a time in milliseconds after a check. @throws UsageError if it is below `least`. */
export function timeMs(name: string, value: number, least: number): number {
  if (!(value >= least && Number.isFinite(value)))
    throw new UsageError(`${name} of a migration is ${value}: expected at least ${least} milliseconds`);
  return value;
}
