import type { AvpDeviceSettings, DeepPartial } from '../../emulator';
import type { Cpus } from './cpus';

/** The two pairs of routines of a driver, between which the host's settings choose (section 10). */
export const SHAPES = ['scattered', 'simple'] as const;
export type Shape = (typeof SHAPES)[number];

/** Loop of an application: `rxonly` drops its packets, `io` sends them back. */
export type Loop = 'rxonly' | 'io';

/** Packets of a burst. */
export const BURST = 32;

/** Longest packet with which the simple routines run: no packet exceeds one buffer on either side. */
export const SIMPLE_MAX_BYTES = 2_048;

export interface DriverCase {
  readonly loop: Loop;
  readonly bytes: number;
}

export function settingsFor(shape: Shape): DeepPartial<AvpDeviceSettings> {
  return shape === 'simple' ? { maxRxPacketBytes: SIMPLE_MAX_BYTES } : {};
}

/** Cost of those rounds of an application that had packets. */
export interface StepCost {
  /** Nanoseconds for each packet received. */
  readonly nsPerPacket: number;
  /** Packets sent back for each one received: 0 with `rxonly`, below 1 if the host had no room for some. */
  readonly sentShare: number;
}

/** A driver under measurement, with an application on top. */
export interface MeasuredDriver {
  measure(one: DriverCase, frame: Uint8Array, durationMs: number): Promise<StepCost>;
  close(): Promise<void>;
}

/** Paths of the libraries built from `hostLoop.c` and from `driverLoop.c`. */
export interface Libraries {
  readonly hostLoop: string;
  readonly driverLoop: string;
}

/** Options of a driver's measurement. */
export interface DriverOptions {
  readonly shape: Shape;
  readonly cpus: Cpus;
  readonly seed: number;
  readonly libraries: Libraries;
}
