import { UsageError } from '../../shared/errors';
import type { AvpDevice } from '../device/device';
import type { AvpDeviceSettings, DeepPartial } from '../device/settings';
import type { Nic } from './nic';

/** A guest needs up to half a second for a request, and as long for an answer that it is still owed (section 8). */
export const DEFAULT_ACK_TIMEOUT_MS = 3_000;
export const DEFAULT_MOVE_MS = 10;

/** Settings that the caller asks for. Defaults decide the rest. */
export type Asked = DeepPartial<AvpDeviceSettings>;

/** How an instance migrates (section 15). */
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
   * How long each event waits for its acks.
   * @defaultValue 3_000
   * @range 1 or more
   */
  readonly ackTimeoutMs?: number;
  /**
   * How long the instance is on no network while it moves.
   * @defaultValue 10
   * @range 0 or more
   */
  readonly moveMs?: number;
}

/**
 * Where a migration stands: waiting for acks of the detach at the source; on the way; waiting for
 * acks of the attach at the destination; where that failed, waiting for a detach there; waiting
 * for acks of the attach back at the source; at its end.
 */
export type MigrationPhase = 'detaching' | 'moving' | 'attaching' | 'undoing' | 'reattaching' | 'done';

/**
 * How it ended. `completed`: at the destination, every driver attached. `refused` (ack 3),
 * `timed-out` (no ack), `cancelled`: back at the source, and attached there. `failed`: the host
 * could not carry it out, or the way back failed too; `cause` says which, and what is not attached.
 */
export type MigrationOutcome = 'completed' | 'refused' | 'timed-out' | 'failed' | 'cancelled';

/** One line of the timeline. */
export interface MigrationEvent {
  readonly atMs: number;
  /** Name of the NIC, null for what concerns the instance. */
  readonly nic: string | null;
  /**
   * Of a NIC: `detach-event`, `attach-event`, then `shut-down` (request 4 answered), `acked`,
   * `refused`, `not-driven` (nobody answers) or `timed-out`; `host-replaced`.
   * Of the instance: `started`, `disconnected`, `connected`, `turned-back`, `ended`.
   */
  readonly step: string;
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
