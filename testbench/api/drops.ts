import type { DriverDrop } from '../../driver';
import type { HostDrop, SwitchDrop } from '../../emulator';
import type { UnfitCause } from './capture';
import type { FaultParameterMap } from './faults';

/**
 * Why a frame was dropped, with the place that counts it:
 * - `host CAUSE`: the AVP device (`RxDrops` and `TxDrops` of avp-testbench/emulator say what each means).
 * - `switch CAUSE`: the virtual switch (`SwitchDrop`).
 * - `guest CAUSE`: the driver, by the names of its extended statistics (`DriverDrop` of avp-testbench/driver).
 * - `guest unsent`: the application gave the frame up, because its port was closed or the driver never took it.
 * - `fault NAME`: a fault kept the frame from a device.
 *
 * The account of an endpoint that plays a capture has causes without a place: those of its switch port, frames of the
 * capture that are unfit, and `unsent`; that of a sink has `full`.
 */
export type DropCause =
  | `host ${HostDrop}`
  | `switch ${SwitchDrop}`
  | `guest ${DriverDrop | 'unsent'}`
  | `fault ${Extract<keyof FaultParameterMap, string>}`
  | SwitchDrop
  | UnfitCause
  | 'unsent'
  | 'full';

/** Counts of frames by cause, without causes that did not occur. */
export type DropCounts = Readonly<Partial<Record<DropCause, number>>>;
