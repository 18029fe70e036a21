import type { AvpDeviceSettings, DeepPartial } from '../../emulator';
import type { Cpus } from './cpus';

/** Which of a driver's two pairs of routines a host's settings bring about (section 10). */
export const SHAPES = ['scattered', 'simple'] as const;
export type Shape = (typeof SHAPES)[number];

/** What an application does with its packets: throws them away, or sends them back. */
export type Loop = 'rxonly' | 'io';

/** Packets that an application asks for, and sends, at a time. */
export const BURST = 32;

/** Simple routines run where nothing can be longer than one buffer, on either side. */
export const SIMPLE_MAX_BYTES = 2_048;

export interface DriverCase {
  readonly loop: Loop;
  readonly bytes: number;
}

export function settingsFor(shape: Shape): DeepPartial<AvpDeviceSettings> {
  return shape === 'simple' ? { maxRxPacketBytes: SIMPLE_MAX_BYTES } : {};
}

/** What those rounds of an application have cost that had packets. */
export interface StepCost {
  /** Nanoseconds for each packet received. */
  readonly nsPerPacket: number;
  /** Packets sent back for each one received: 0 where all are thrown away, below 1 where the host had no room for some. */
  readonly sentShare: number;
}

/** A driver under measurement, with an application on top. */
export interface MeasuredDriver {
  measure(one: DriverCase, frame: Uint8Array, durationMs: number): Promise<StepCost>;
  close(): Promise<void>;
}

/** What a driver is measured with. */
export interface DriverOptions {
  readonly shape: Shape;
  readonly cpus: Cpus;
  readonly seed: number;
  /** What `hostLoop.c` was built into. */
  readonly library: string;
}
