import { actAs, readBytes, writeBytes } from '#mem';
import { expect } from 'chai';
import { AvpDevice } from '../../../../emulator/device/device';
import { avpDeviceSettings, type AvpDeviceSettings, type DeepPartial } from '../../../../emulator/device/settings';
import { allocate, resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { loadFifoRead, loadFifoWrite } from '../../../../shared/loops/layout';
import { ACTOR_HOST, HOST_ONLY } from '../../../../shared/loops/rights';
import { resetInterruptHandlers } from '../../../../shared/pci';
import { Random } from '../../../../shared/random';
import { Guest, type Ring } from './guest';

/** Small enough that a test looks at every buffer. */
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
  /** Frames that came out of the device, as copies. */
  readonly sent: Uint8Array[];
  /** A frame arrives from the network. */
  readonly deliver: (frame: Uint8Array) => void;
}

export function makeDevice(
  settings: DeepPartial<AvpDeviceSettings> = {},
  clock = new VirtualClock(),
  seed = 7,
): AvpDevice {
  return new AvpDevice({
    name: 'vm.nic0',
    settings: avpDeviceSettings({ ...SMALL, ...settings }),
    slot: 5,
    clock,
    random: new Random(seed),
  });
}

/** A fresh arena with one device in it, its guest, and a network that remembers. */
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

/** With the host's rights, which no test of a guest's doing should need. */
export function asHost<T>(body: () => T): T {
  const former = actAs(ACTOR_HOST);
  try {
    return body();
  } finally {
    actAs(former);
  }
}

/** Write and read of a FIFO as they stand in its header. */
export function indices({ guest }: Bench, ring: Ring, queue = 0): [number, number] {
  return asHost(() => {
    const base = guest.fifo(ring, queue);
    return [loadFifoWrite(base), loadFifoRead(base)];
  });
}

/** Every packet is in the books, and every buffer in one place. */
export function expectBalance({ device }: Bench): void {
  const { toGuest, fromGuest } = device.inspect.stats();
  expect(toGuest.offered).to.equal(toGuest.delivered + toGuest.waiting + sum(toGuest.dropped));
  expect(fromGuest.offered).to.equal(fromGuest.forwarded + sum(fromGuest.dropped));
  const { total, ...places } = device.inspect.buffers();
  expect(sum(places)).to.equal(total);
}

/** A guest with something in every place: two packets on rx, one in its hands, one on tx, three buffers taken. */
export function busy({ device, guest, deliver }: Bench): void {
  for (let i = 0; i < 4; i++) deliver(frame(60));
  device.step();
  guest.receiveAndFree();
  guest.receive();
  guest.transmit(frame(60));
  guest.takeBuffers(3);
}

/** A frame of `length` bytes of which no two are alike for long; not IP, so that it goes to queue 0. */
export function frame(length: number, seed = 1): Uint8Array {
  const bytes = Uint8Array.from({ length }, (_unused, i) => (i * 7 + (i >>> 8) * 13 + seed * 31) & 0xff);
  bytes.set([0x88, 0xb5].slice(0, Math.max(0, length - 12)), Math.min(12, length));
  return bytes;
}

export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** A UDP packet over IPv4 from the given port, 60 bytes long; checksums are left out. */
export function ipv4(sourcePort: number): Uint8Array {
  const packet = frame(60);
  packet.set([0x08, 0x00, 0x45, 0, 0, 46, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2], 12);
  packet.set([sourcePort >>> 8, sourcePort & 0xff, 0, 53], 34);
  return packet;
}
