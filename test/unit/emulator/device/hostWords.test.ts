import { readBytes } from '#mem';
import { expect } from 'chai';
import { asHost } from '../../../../shared/actors';
import * as abi from '../../../../shared/loops/layout';
import { bytes8 } from '../../../../shared/mem/memory';
import { load64, store64 } from '../../../../shared/u64';
import { Random } from '../../../../shared/random';
import { expectBalance, type Bench } from './bench';
import { bound, expectTraffic } from './migrationBench';
import { Guest } from './guest';

/** All BARs but the exported memory. */
const DESCRIBING = [abi.BAR_MMIO, abi.BAR_MSIX, abi.BAR_MEMMAP, abi.BAR_DEVICE];

function contentsOf({ device }: Bench, bars = DESCRIBING): Record<string, Uint8Array> {
  const { function: pci } = device;
  return asHost(() =>
    Object.fromEntries(bars.map((bar) => [`BAR ${bar}`, readBytes(pci.barAddress(bar), pci.barBytes(bar))])),
  );
}

/** Writes junk over BARs whatever the rights, as a guest in another process can. */
function scribble({ device: { function: pci } }: Bench, bars = DESCRIBING): void {
  const random = new Random(3);
  for (const bar of bars) bytes8.set(random.bytes(pci.barBytes(bar)), pci.barAddress(bar));
}

function poke(address: number, value: number): void {
  bytes8.set(new Uint8Array(Uint32Array.of(value).buffer), address);
}

/** Expects that another guest takes the device and exchanges packets. */
function expectNextGuest(bench: Bench): void {
  const next = { ...bench, guest: new Guest(bench.device, bench.clock) };
  next.guest.setMask(abi.INTERRUPT_MASK_ALL);
  expect(next.guest.configure()).to.equal(0);
  expectTraffic(next);
  expectBalance(next);
}

describe('words of the host that a guest has written over', () => {
  it('are the former ones after its death, in every BAR', () => {
    const bench = bound();
    bench.guest.setMask(0);
    const before = contentsOf(bench);
    bench.guest.setMask(abi.INTERRUPT_MASK_ALL);
    scribble(bench, [...DESCRIBING, abi.BAR_MEMORY]);
    bench.device.guestDied();
    expect(contentsOf(bench)).to.deep.equal(before);
    expectNextGuest(bench);
  });

  it('are the former ones after its close, though the next guest comes without a death between', () => {
    const bench = bound();
    const { device, guest } = bench;
    guest.setMask(0);
    const before = contentsOf(bench);
    guest.send(abi.REQ_SHUTDOWN);
    for (const ring of ['req', 'resp'] as const) {
      const header = guest.fifo(ring, 0);
      poke(header + abi.FIFO_LEN, 3);
      poke(header + abi.FIFO_ELEM_SIZE, 0);
      poke(header + (ring === 'req' ? abi.FIFO_READ : abi.FIFO_WRITE), 3);
    }
    scribble(bench, [abi.BAR_MEMMAP, abi.BAR_DEVICE]);
    const registers = device.function.barAddress(abi.BAR_MMIO);
    poke(registers + abi.REG_INTERRUPT_STATUS, 0xffff_ffff);
    poke(registers + abi.REG_MIGRATION_STATUS, abi.MIGRATION_DETACHED);
    poke(registers + 64, 5);
    device.step();
    expect(guest.answer()).to.equal(0);
    expect(contentsOf(bench)).to.deep.equal(before);
    expectNextGuest(bench);
  });

  it('show the migration status that the device has, after a close under a detach too', () => {
    const bench = bound();
    const { device, guest } = bench;
    device.beginDetach();
    expect(guest.detach()).to.equal(0);
    device.step();
    guest.setMask(0);
    scribble(bench);
    const status = (): number => device.function.read32(abi.BAR_MMIO, abi.REG_MIGRATION_STATUS);
    device.guestDied();
    expect(status()).to.equal(abi.MIGRATION_DETACHED);
    device.replaceHost({ ...device.settings, deviceId: 77n });
    device.beginAttach();
    scribble(bench);
    device.guestDied();
    expect(status()).to.equal(abi.MIGRATION_ATTACHED);
    expect(asHost(() => load64(device.function.barAddress(abi.BAR_DEVICE) + abi.DEVICE_INFO_DEVICE_ID))).to.equal(77n);
    expectNextGuest(bench);
  });

  it('include the name of each packet buffer', () => {
    const bench = bound();
    const { device, guest } = bench;
    const buffer = guest.takeBuffers(1)[0]!;
    const name = guest.pointer(buffer) + abi.DESC_PKT_MBUF;
    store64(name, 5n);
    device.guestDied();
    expect(asHost(() => load64(name))).to.equal(buffer);
  });

  it('are those of a test that has overwritten them on purpose', () => {
    const bench = bound();
    const { device, guest } = bench;
    device.tamper.overwrite('device_info', 'magic', 1);
    device.tamper.overwrite('memmap', 'length', 2n, { index: 1 });
    device.tamper.setMigrationStatus(9);
    const before = contentsOf(bench, [abi.BAR_MEMMAP, abi.BAR_DEVICE]);
    device.guestDied();
    expect(contentsOf(bench, [abi.BAR_MEMMAP, abi.BAR_DEVICE])).to.deep.equal(before);
    expect(guest.migrationStatus).to.equal(9);
  });
});
