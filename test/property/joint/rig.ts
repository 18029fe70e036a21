/**
 * The real device and the real driver in one thread, with a clock that moves only when somebody waits, and a wire
 * that keeps the frames of the guest.
 */
import { actAs, readBytes, writeBytes } from '#mem';
import { avpDriver, type Port } from '../../../driver';
import { AvpDevice } from '../../../emulator/device/device';
import type { Endpoint, FrameSink } from '../../../emulator/network/endpoint';
import { avpDeviceSettings, type AvpDeviceSettings, type DeepPartial } from '../../../emulator/device/settings';
import { flowHash } from '../../../emulator/device/loops/flowHash';
import { asHost } from '../../../shared/actors';
import { allocate, resetArena } from '../../../shared/arena';
import { VirtualClock } from '../../../shared/clock';
import { BAR_DEVICE, BAR_MEMMAP, BAR_MEMORY, BAR_MMIO } from '../../../shared/loops/layout';
import { ACTOR_DRIVER, HOST_ONLY } from '../../../shared/loops/rights';
import { resetInterruptHandlers, type PciFunction, type Platform } from '../../../shared/pci';
import { Random } from '../../../shared/random';

/** Longer than any frame that a port can carry, including the tag. */
const WIRE_BYTES = 65_600;
/** The bits of the flow hash that select a queue. */
const FLOW_BITS = 127;

/** The network side of a device's uplink. */
export class Wire implements Endpoint {
  /** Receives the frames that this end sends: the device itself, or a switch. */
  uplink: FrameSink | null = null;
  /** Frames from the guest, in order of arrival. */
  readonly received: Uint8Array[] = [];
  private readonly buffer: number;

  constructor(readonly name: string) {
    this.buffer = allocate(WIRE_BYTES, { rights: HOST_ONLY, label: `wire ${name}` });
  }

  deliver(address: number, bytes: number): void {
    this.received.push(asHost(() => readBytes(address, bytes)));
  }

  send(frame: Uint8Array): void {
    asHost(() => {
      writeBytes(this.buffer, frame);
      this.uplink!.deliver(this.buffer, frame.length);
    });
  }

  /** The receive FIFO that the host selects for a frame among `fifos`. */
  fifoOf(frame: Uint8Array, fifos: number): number {
    return asHost(() => {
      writeBytes(this.buffer, frame);
      return (flowHash(this.buffer, frame.length) & FLOW_BITS) % fifos;
    });
  }

  /** Removes and returns all frames received so far. */
  take(): Uint8Array[] {
    return this.received.splice(0);
  }
}

/** Arena addresses of a device's BARs, as its guest sees them. */
export interface Bars {
  readonly mmio: number;
  readonly memory: number;
  readonly memoryBytes: number;
  readonly memmap: number;
  readonly info: number;
}

export function barsOf(pci: PciFunction): Bars {
  return {
    mmio: pci.barAddress(BAR_MMIO),
    memory: pci.barAddress(BAR_MEMORY),
    memoryBytes: pci.barBytes(BAR_MEMORY),
    memmap: pci.barAddress(BAR_MEMMAP),
    info: pci.barAddress(BAR_DEVICE),
  };
}

/** Resets the arena, the interrupt handlers and the actor. */
export function startOver(): void {
  actAs(ACTOR_DRIVER);
  resetArena();
  resetInterruptHandlers();
}

/** One device with a wire, stepped by the clock and without a driver. */
export class Rig {
  readonly clock = new VirtualClock(5);
  readonly platform: Platform = { clock: this.clock };
  readonly device: AvpDevice;
  readonly wire: Wire;

  constructor(settings: DeepPartial<AvpDeviceSettings> = {}, seed = 1) {
    startOver();
    const { clock } = this;
    this.device = new AvpDevice({
      name: 'device',
      settings: avpDeviceSettings(settings),
      deviceNumber: 3,
      clock,
      random: new Random(seed),
    });
    this.wire = new Wire('wire');
    this.wire.uplink = this.device;
    this.device.uplink = this.wire;
    clock.onStep(() => this.device.step());
    clock.onStep(() => this.device.function.dispatchInterrupt());
  }

  get bars(): Bars {
    return barsOf(this.device.function);
  }

  probe(): Port {
    return avpDriver.probe(this.device.function, this.platform);
  }

  /** Steps until the device has nothing left to do. */
  settle(): void {
    settle(this.device, () => this.clock.step());
  }
}

/** Steps a device until a step changes nothing: then free and tx are empty, and alloc is full. */
export function settle(device: AvpDevice, step: () => void): void {
  for (let before = ''; ;) {
    step();
    const after = JSON.stringify(device.inspect.buffers());
    if (after === before) return;
    before = after;
  }
}

/** A small device, so that a case is cheap. */
export const SMALL: DeepPartial<AvpDeviceSettings> = {
  pools: [{ buffers: 96 }],
  fifoSlots: { tx: 32, rx: 32, alloc: 32, free: 32, req: 4, resp: 4 },
  rxQueues: { min: 1, max: 2 },
  txQueues: { min: 1, max: 2 },
};
