import type { AvpDeviceSettings, DeepPartial } from '../../emulator';
import type { Cpus } from './cpus';

/** The two pairs of routines of a driver, between which the host's settings choose (section 10). */
export const SHAPES = ['scattered', 'simple'] as const;
export type Shape = (typeof SHAPES)[number];

/**
 * Loop of an application, and what the host does meanwhile. `rxonly`: the host keeps rx full, the application drops its
 * packets. `io`: it sends them back, and the host drops them. `circle`: the host sends those back again, so that a fixed
 * number of frames goes round.
 */
export type Loop = 'rxonly' | 'io' | 'circle';

/** Packets of a burst unless something else is asked for. */
export const BURST = 32;

/** Frames that go round in a circle: enough to keep both sides busy, too few to fill a ring. */
export const CIRCLING_FRAMES = 256;
/** Time for frames that circle to spread over the rings. */
export const SPREADING_MS = 20;
/** Rounds of a host that drops everything, after which no ring has an entry that it would take. */
export const EMPTYING_ROUNDS = 64;

/** Longest packet with which the simple routines run: no packet exceeds one buffer on either side. */
export const SIMPLE_MAX_BYTES = 2_048;

export interface DriverCase {
  readonly loop: Loop;
  readonly bytes: number;
  /** Packets of a burst. */
  readonly burst: number;
}

/** Ports, each with the same number of queue pairs. One thread serves them all. */
export interface Lanes {
  readonly ports: number;
  readonly queues: number;
}

/** Memory of each device that its queue pairs share, and slots of each ring. */
export interface DeviceSizes {
  readonly hostBuffers: number;
  readonly ringSlots: number;
}

/** Returns the sizes of each device: the defaults, or less where there are several ports. */
export function sizesOf({ ports, queues }: Lanes): DeviceSizes {
  return ports === 1 ? { hostBuffers: 16_384, ringSlots: 1_024 } : { hostBuffers: 128 * queues, ringSlots: 64 };
}

/** Returns the settings of each device. */
export function settingsFor(shape: Shape, lanes: Lanes): DeepPartial<AvpDeviceSettings> {
  const { hostBuffers, ringSlots } = sizesOf(lanes);
  return {
    ...(shape === 'simple' ? { maxRxPacketBytes: SIMPLE_MAX_BYTES } : {}),
    pools: [{ buffers: hostBuffers }],
    fifoSlots: { tx: ringSlots, rx: ringSlots, alloc: ringSlots, free: ringSlots },
  };
}

/** Cost of a run of an application. */
export interface RunCost {
  /**
   * Nanoseconds for each packet received: with `circle` of all the time that went by, otherwise of those bursts that had
   * packets.
   */
  readonly nsPerPacket: number;
  /** Packets sent back for each one received: 0 with `rxonly`, below 1 if the host had no room for some. */
  readonly sentShare: number;
  readonly packets: number;
  /** Bursts that had packets; null where they were not counted. */
  readonly bursts: number | null;
  /** Collections of the young generation in this thread during the run; null where it has no such thing. */
  readonly scavenges: number | null;
}

/** A driver under measurement, with an application on top. */
export interface MeasuredDriver {
  measure(one: DriverCase, frame: Uint8Array, durationMs: number): Promise<RunCost>;
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
  readonly lanes: Lanes;
  readonly cpus: Cpus;
  readonly seed: number;
  readonly libraries: Libraries;
}
