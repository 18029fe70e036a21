import { readBytes, writeBytes } from '#mem';
import { expect } from 'chai';
import { AvpDevice } from '../../../../emulator/device/device';
import { avpDeviceSettings, type AvpDeviceSettings, type DeepPartial } from '../../../../emulator/device/settings';
import { asHost } from '../../../../shared/actors';
import { allocate, resetArena } from '../../../../shared/arena';
import { VirtualClock, type Clock } from '../../../../shared/clock';
import { loadFifoRead, loadFifoWrite } from '../../../../shared/loops/layout';
import { HOST_ONLY } from '../../../../shared/loops/rights';
import { MemoryViolation } from '../../../../shared/mem/watched';
import { resetInterruptHandlers } from '../../../../shared/pci';
import { Random } from '../../../../shared/random';
import { Guest, type Ring } from './guest';

/** Settings of a device so small that a test can look at every buffer. */
export const SMALL: DeepPartial<AvpDeviceSettings> = {
  pools: [{ buffers: 64 }],
  fifoSlots: { tx: 16, rx: 16, alloc: 16, free: 16, req: 4, resp: 4 },
  rxQueues: { min: 1, max: 4 },
  txQueues: { min: 1, max: 4 },
};

export interface Bench {
  readonly device: AvpDevice;
  readonly guest: Guest;
  readonly clock: VirtualClock;
  /** Copies of the frames that the device sent to the network. */
  readonly sent: Uint8Array[];
  /** Delivers a frame from the network. */
  readonly deliver: (frame: Uint8Array) => void;
}

export function makeDevice(
  settings: DeepPartial<AvpDeviceSettings> = {},
  clock: Clock = new VirtualClock(),
  seed = 7,
): AvpDevice {
  return new AvpDevice({
    name: 'vm.nic0',
    settings: avpDeviceSettings({ ...SMALL, ...settings }),
    deviceNumber: 5,
    clock,
    random: new Random(seed),
  });
}

/** Resets the arena, and makes a device, its guest, and a network that records frames. */
export function makeBench(settings: DeepPartial<AvpDeviceSettings> = {}, seed = 7): Bench {
  resetArena();
  resetInterruptHandlers();
  const clock = new VirtualClock();
  const device = makeDevice(settings, clock, seed);
  const sent: Uint8Array[] = [];
  device.uplink = { deliver: (address, bytes) => void sent.push(readBytes(address, bytes)) };
  const wire = allocate(70_000, { rights: HOST_ONLY, label: 'wire' });
  const deliver = (frame: Uint8Array): void => {
    asHost(() => writeBytes(wire, frame));
    device.deliver(wire, frame.length);
  };
  return { device, guest: new Guest(device, clock), clock, sent, deliver };
}

/** Makes a bench whose guest has configured the device. */
export function makeConfiguredBench(
  settings: DeepPartial<AvpDeviceSettings> = {},
  fields: Parameters<Guest['configure']>[0] = {},
): Bench {
  const bench = makeBench(settings);
  expect(bench.guest.configure(fields)).to.equal(0);
  return bench;
}

/** Runs an access of the guest, and returns whether the guest has the right to it. */
export function isAllowed(access: () => unknown): boolean {
  try {
    access();
    return true;
  } catch (error) {
    if (error instanceof MemoryViolation) return false;
    throw error;
  }
}

/** The write and read index in the header of a FIFO. */
export function indices({ guest }: Bench, ring: Ring, queue = 0): [number, number] {
  return asHost(() => {
    const base = guest.fifo(ring, queue);
    return [loadFifoWrite(base), loadFifoRead(base)];
  });
}

/** Expects that every packet is accounted for and every buffer is in one place. */
export function expectBalance({ device }: Bench): void {
  const { toGuest, fromGuest } = device.inspect.stats();
  expect(toGuest.offered).to.equal(toGuest.delivered + toGuest.waiting + sum(toGuest.dropped));
  expect(fromGuest.offered).to.equal(fromGuest.forwarded + sum(fromGuest.dropped));
  const { total, ...places } = device.inspect.buffers();
  expect(sum(places)).to.equal(total);
}

/** Makes a guest busy: two packets on rx, one received, one on free, one on tx, three buffers off alloc. */
export function busy({ device, guest, deliver }: Bench): void {
  for (let i = 0; i < 4; i++) deliver(frame(60));
  device.step();
  guest.receiveAndFree();
  guest.receive();
  guest.transmit(frame(60));
  guest.takeBuffers(3);
}

/** A frame of `length` bytes with hardly a repetition. It is not IP, so the host puts it on queue 0. */
export function frame(length: number, seed = 1): Uint8Array {
  const bytes = Uint8Array.from({ length }, (_unused, i) => (i * 7 + (i >>> 8) * 13 + seed * 31) & 0xff);
  bytes.set([0x88, 0xb5].slice(0, Math.max(0, length - 12)), Math.min(12, length));
  return bytes;
}

export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** A UDP packet over IPv4 of 60 bytes from the given port, without checksums. */
export function ipv4(sourcePort: number): Uint8Array {
  const packet = frame(60);
  packet.set([0x08, 0x00, 0x45, 0, 0, 46, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2], 12);
  packet.set([sourcePort >>> 8, sourcePort & 0xff, 0, 53], 34);
  return packet;
}
