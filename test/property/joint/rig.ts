/**
 * The real host and the real driver in one thread: a clock that moves only when somebody waits,
 * devices, and at the network's end of each a wire that keeps what comes, byte for byte.
 */
import { actAs, readBytes, writeBytes } from '#mem';
import { avpDriver, type Port } from '../../../driver';
import { AvpDevice } from '../../../emulator/device/device';
import type { Endpoint, FrameSink } from '../../../emulator/network/endpoint';
import { avpDeviceSettings, type AvpDeviceSettings, type DeepPartial } from '../../../emulator/device/settings';
import { flowHash } from '../../../emulator/device/loops/flowHash';
import { allocate, resetArena } from '../../../shared/arena';
import { VirtualClock } from '../../../shared/clock';
import { BAR_DEVICE, BAR_MEMMAP, BAR_MEMORY, BAR_MMIO } from '../../../shared/loops/layout';
import { ACTOR_DRIVER, ACTOR_HOST, HOST_ONLY } from '../../../shared/loops/rights';
import { resetInterruptHandlers, type PciFunction, type Platform } from '../../../shared/pci';
import { Random } from '../../../shared/random';

/** Longer than any frame that a port can carry, tag included. */
const WIRE_BYTES = 65_600;
/** How much of the flow hash picks a queue. */
const FLOW_BITS = 127;

export function asHost<T>(body: () => T): T {
  const former = actAs(ACTOR_HOST);
  try {
    return body();
  } finally {
    actAs(former);
  }
}

/** The network's end of a port. */
export class Wire implements Endpoint {
  /** Where its frames go: the device itself, or a switch. */
  uplink: FrameSink | null = null;
  /** Frames from the guest, in the order in which they came. */
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

  /** The receive FIFO that the host picks for a frame if it has so many. */
  fifoOf(frame: Uint8Array, fifos: number): number {
    return asHost(() => {
      writeBytes(this.buffer, frame);
      return (flowHash(this.buffer, frame.length) & FLOW_BITS) % fifos;
    });
  }

  /** Takes what has come so far. */
  take(): Uint8Array[] {
    return this.received.splice(0);
  }
}

/** Where the BARs of a device lie, as its guest finds them. */
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

/** Forgets the case before: memory, handlers, and who acts. */
export function startOver(): void {
  actAs(ACTOR_DRIVER);
  resetArena();
  resetInterruptHandlers();
}

/** One device on a wire, stepped by the clock; no driver is bound to it yet. */
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
      slot: 3,
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

  /** Steps until the host has nothing left to do. */
  settle(): void {
    settle(this.device, () => this.clock.step());
  }
}

/** Steps a device until a round changes nothing: free and tx are empty then, and alloc is full. */
export function settle(device: AvpDevice, step: () => void): void {
  for (let before = ''; ;) {
    step();
    const after = JSON.stringify(device.inspect.buffers());
    if (after === before) return;
    before = after;
  }
}

/** Small numbers of everything, so that a case costs little. */
export const SMALL: DeepPartial<AvpDeviceSettings> = {
  pools: [{ buffers: 96 }],
  fifoSlots: { tx: 32, rx: 32, alloc: 32, free: 32, req: 4, resp: 4 },
  rxQueues: { min: 1, max: 2 },
  txQueues: { min: 1, max: 2 },
};
