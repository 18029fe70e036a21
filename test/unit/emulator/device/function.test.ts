import { readBytes, store32 } from '#mem';
import { expect } from 'chai';
import { allocate, extents, release, resetArena } from '../../../../shared/arena';
import { type ErrnoError, UsageError } from '../../../../shared/errors';
import * as abi from '../../../../shared/loops/layout';
import { ARENA_BYTES } from '../../../../shared/mem/memory';
import { HOST_ONLY } from '../../../../shared/loops/rights';
import { ALL_ONES } from '../../../../shared/pci';
import { load64 } from '../../../../shared/u64';
import { frame, makeBench, makeDevice, sum } from './bench';

const { BAR_MMIO, REG_INTERRUPT_MASK, REG_INTERRUPT_STATUS, REG_MIGRATION_ACK, REG_MIGRATION_STATUS } = abi;

describe('PCI function of an AVP device', () => {
  it('has the identity and the BARs of section 2', () => {
    const { device } = makeBench();
    const { identity, bdf } = device.function;
    expect(identity).to.deep.equal({
      vendor: 0x1af4,
      device: 0x1110,
      subsystemVendor: 0x1af4,
      subsystemDevice: 0x1104,
      classCode: 0x0500,
    });
    expect(bdf).to.equal('0000:00:05.0');
    const sizes = [0, 1, 2, 3, 4, 5].map((bar) => device.function.barBytes(bar));
    expect(sizes).to.deep.equal([4_096, 4_096, device.inspect.host.plan.barBytes, 0, 65_536, 4_096]);
    expect(Math.log2(sizes[2]!) % 1).to.equal(0);
    for (const bar of [0, 1, 2, 4, 5]) expect(device.function.barAddress(bar) % 4_096).to.equal(0);
  });

  it('describes itself in BAR 5 as section 5 specifies', () => {
    const { guest } = makeBench({
      ifname: 'avp7',
      mac: '52:54:00:0a:0b:0c',
      deviceId: 0x1122334455667788n,
      hostVersion: 0x10203,
      mode: 1,
    });
    const { info } = guest;
    expect(abi.loadDeviceInfoMagic(info)).to.equal(0x20131975);
    expect(abi.loadDeviceInfoVersion(info)).to.equal(0x10203);
    expect(Buffer.from(readBytes(info + 8, 5)).toString()).to.equal('avp7\0');
    expect([...readBytes(info + 344, 6)]).to.deep.equal([0x52, 0x54, 0, 0x0a, 0x0b, 0x0c]);
    expect(load64(info + 360)).to.equal(0x1122334455667788n);
    expect(abi.loadDeviceInfoFeatures(info)).to.equal(1);
    expect([76, 77, 78, 79, 80, 81].map((at) => guest.byte(info + at))).to.deep.equal([1, 1, 4, 1, 1, 4]);
    expect([350].map((at) => guest.byte(info + at))).to.deep.equal([1]);
    expect([352, 368].map((at) => guest.word(info + at))).to.deep.equal([2_048, 9_238]);
    expect([84, 88, 92, 96].map((at) => guest.word(info + at))).to.deep.equal([144, 144, 144, 144]);
    expect(load64(info + 136)).to.equal(load64(info + 152));
    expect(load64(info + 144)).to.equal(load64(info + 160));
  });

  it('lets the guest write the mask and the ack, and no other register', () => {
    const { device } = makeBench();
    for (const register of [REG_INTERRUPT_MASK, REG_INTERRUPT_STATUS, REG_MIGRATION_STATUS, REG_MIGRATION_ACK, 16])
      device.function.write32(BAR_MMIO, register, 0xffff_ffff);
    const found = [0, 4, 8, 12, 16].map((register) => device.function.read32(BAR_MMIO, register));
    expect(found).to.deep.equal([ALL_ONES, 0, 0, ALL_ONES, 0]);
    expect(device.inspect.interruptMask).to.equal(ALL_ONES);
    expect(device.migration.ack).to.equal(ALL_ONES);
  });

  it('clears the interrupt status on read, and delivers an interrupt once', () => {
    const { device, guest } = makeBench();
    let calls = 0;
    device.function.setInterruptHandler(() => calls++);
    guest.setMask(0xffff_ffff);
    device.tamper.raiseInterrupt(0x2);
    device.tamper.raiseInterrupt(0x8000_0000);
    expect(device.function.dispatchInterrupt()).to.equal(true);
    expect(device.function.dispatchInterrupt()).to.equal(false);
    expect(calls).to.equal(1);
    expect(device.function.read32(BAR_MMIO, REG_INTERRUPT_STATUS)).to.equal(0x8000_0002);
    expect(device.function.read32(BAR_MMIO, REG_INTERRUPT_STATUS)).to.equal(0);
  });

  it('latches an interrupt that is raised while masked, and delivers it once the mask allows it', () => {
    const { device, guest } = makeBench();
    device.function.setInterruptHandler(() => undefined);
    device.tamper.raiseInterrupt(0x2);
    device.step();
    expect(device.function.dispatchInterrupt()).to.equal(false);
    guest.setMask(0xffff_ffff);
    device.step();
    expect(device.function.dispatchInterrupt()).to.equal(true);
    device.step();
    expect(device.function.read32(BAR_MMIO, REG_INTERRUPT_STATUS)).to.equal(2);
    expect(device.function.dispatchInterrupt()).to.equal(false);
  });

  it('does not deliver a latched interrupt whose status the guest has read meanwhile', () => {
    const { device, guest } = makeBench();
    device.function.setInterruptHandler(() => undefined);
    device.tamper.raiseInterrupt(0x2);
    device.function.read32(BAR_MMIO, REG_INTERRUPT_STATUS);
    guest.setMask(0xffff_ffff);
    device.step();
    expect(device.function.dispatchInterrupt()).to.equal(false);
  });

  it('drops an interrupt that is raised while masked, with whileMasked: drop', () => {
    const { device, guest } = makeBench({ interrupt: { whileMasked: 'drop' } });
    device.function.setInterruptHandler(() => undefined);
    device.tamper.raiseInterrupt(0x2);
    guest.setMask(0xffff_ffff);
    device.step();
    expect(device.function.dispatchInterrupt()).to.equal(false);
    expect(device.function.read32(BAR_MMIO, REG_INTERRUPT_STATUS)).to.equal(0);
  });

  it('raises only the bits that the mask allows', () => {
    const { device, guest } = makeBench({ interrupt: { whileMasked: 'drop' } });
    guest.setMask(0x4);
    device.tamper.raiseInterrupt(0x6);
    expect(device.function.read32(BAR_MMIO, REG_INTERRUPT_STATUS)).to.equal(4);
  });

  it('shows the migration status that it was given', () => {
    const { device } = makeBench();
    device.tamper.setMigrationStatus(1);
    expect(device.function.read32(BAR_MMIO, REG_MIGRATION_STATUS)).to.equal(1);
    expect(device.migration.status).to.equal(1);
  });
});

describe('surprise removal of an AVP device', () => {
  it('leaves all ones everywhere, and survives a guest that goes on', () => {
    const { device, guest, sent, deliver } = makeBench();
    guest.configure();
    deliver(frame(60));
    device.step();
    const [buffer] = guest.takeBuffers(1);
    device.surpriseRemove();
    expect(device.function.present).to.equal(false);
    expect(device.function.read32(BAR_MMIO, REG_MIGRATION_STATUS)).to.equal(ALL_ONES);
    for (const bar of [2, 4, 5]) {
      const bytes = readBytes(device.function.barAddress(bar), device.function.barBytes(bar));
      expect(
        bytes.every((byte) => byte === 0xff),
        `BAR ${bar}`,
      ).to.equal(true);
    }
    guest.put('tx', buffer!);
    store32(guest.sync, 4);
    device.step();
    deliver(frame(60));
    expect(sent).to.deep.equal([]);
    device.surpriseRemove();
    device.tamper.raiseInterrupt(2);
    const { toGuest } = device.inspect.stats();
    expect(toGuest.dropped).to.include({ removed: 1, ringEmptied: 1 });
    expect(toGuest.offered).to.equal(toGuest.delivered + toGuest.waiting + sum(toGuest.dropped));
    expect(device.inspect.buffers().hostPool).to.equal(device.inspect.buffers().total);
  });
});

describe('memory of an AVP device', () => {
  it('is released by destroy, even after a removal', () => {
    for (const remove of [false, true]) {
      resetArena();
      const device = makeDevice();
      if (remove) device.surpriseRemove();
      device.destroy();
      device.destroy();
      device.step();
      device.deliver(0, 60);
      expect(extents()).to.deep.equal([]);
    }
  });

  it('is released if the arena runs out of room, however far the constructor got', () => {
    resetArena();
    // This leaves the allocator about a million bytes for the device and a second filler.
    allocate(ARENA_BYTES - 1_600_000, { rights: HOST_ONLY, label: 'filler' });
    let refusals = 0;
    for (let filler = 0x8000; filler < 0xf_0000; filler += 0x8000) {
      const second = allocate(filler, { rights: HOST_ONLY, label: 'second filler' });
      const before = extents();
      try {
        makeDevice().destroy();
      } catch (error) {
        refusals++;
        expect((error as ErrnoError).code).to.equal('ENOMEM');
      }
      expect(extents()).to.deep.equal(before);
      release(second);
    }
    expect(refusals).to.be.within(5, 24);
    resetArena();
  });

  it('refuses a device number that a bus does not have', () => {
    resetArena();
    const { device } = makeBench();
    expect(
      () =>
        new (device.constructor as new (options: object) => object)({
          name: 'x',
          settings: device.settings,
          deviceNumber: 32,
        }),
    ).to.throw(UsageError, /PCI device number 32 of x: expected 0 to 31/);
  });

  it('can be replaced behind the function, and the statistics go on', () => {
    const { device, guest, deliver } = makeBench({ memoryBarBytes: 0x10_0000 });
    guest.setMask(0xffff_ffff);
    guest.configure();
    deliver(frame(60));
    device.step();
    const function_ = device.function;
    const former = load64(guest.info + abi.DEVICE_INFO_MBUF_VA);
    const next = { ...device.settings, deviceId: 2n, mbufSize: 1_024, layout: { ...device.settings.layout, seed: 99 } };
    device.replaceHost(next);
    expect(device.function).to.equal(function_);
    expect(device.inspect.interruptMask).to.equal(0xffff_ffff);
    expect(load64(guest.info + abi.DEVICE_INFO_MBUF_VA)).to.not.equal(former);
    expect(guest.mbufSize).to.equal(1_024);
    guest.openAll();
    expect(guest.configure({ deviceId: 1n })).to.equal(-22);
    expect(guest.configure()).to.equal(0);
    deliver(frame(1_500));
    device.step();
    expect(guest.receiveAndFree()!.segments).to.equal(2);
    const { toGuest } = device.inspect.stats();
    expect(toGuest).to.include({ offered: 2, delivered: 1, waiting: 0 });
    expect(toGuest.dropped).to.include({ ringEmptied: 1 });
  });

  it('stays as it is if another host would not fit', () => {
    const { device, guest } = makeBench();
    guest.configure();
    const before = extents();
    expect(() => device.replaceHost({ ...device.settings, pools: [{ buffers: 10_000 }] })).to.throw(
      UsageError,
      /memoryBarBytes/,
    );
    expect(extents()).to.deep.equal(before);
    expect(device.configured).to.equal(true);
  });
});
