import type { AvpDeviceSettings, DeepPartial } from '../emulator';
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

/** A driver under measurement, with an application on top. */
export interface MeasuredDriver {
  /** Nanoseconds a packet of those rounds of the application that had packets. */
  measure(one: DriverCase, frame: Uint8Array, durationMs: number): Promise<number>;
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
