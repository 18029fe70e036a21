import { expect } from 'chai';
import sinon from 'sinon';
import { load32, store32 } from '#mem';
import { allocate, resetArena } from '../../../shared/arena';
import { BOTH } from '../../../shared/mem/rights';
import { ALL_ONES, PciFunction, resetInterruptHandlers } from '../../../shared/pci';
import {
  PCI_FUNCTION_BYTES,
  storePciFunctionAddress,
  storePciFunctionBarAddress,
  storePciFunctionBarBytes,
  storePciFunctionClearOnRead,
  storePciFunctionInterruptPending,
  storePciFunctionRemoved,
  storePciFunctionWritableRegisters,
} from '../../../shared/records';

describe('PCI function', () => {
  let base: number;
  let registers: number;
  let device: PciFunction;

  beforeEach(() => {
    resetArena();
    resetInterruptHandlers();
    base = allocate(PCI_FUNCTION_BYTES, { rights: BOTH, label: 'function' });
    registers = allocate(4_096, { rights: BOTH, label: 'registers' });
    storePciFunctionBarAddress(base, 0, registers);
    storePciFunctionBarBytes(base, 0, 4_096);
    storePciFunctionClearOnRead(base, registers + 4);
    storePciFunctionWritableRegisters(base, 0b1001);
    device = PciFunction.at(base);
  });

  it('reads and writes registers; some clear on read, some refuse writes', () => {
    device.write32(0, 0, 0xffff_ffff);
    expect(device.read32(0, 0)).to.equal(0xffff_ffff);
    store32(registers + 4, 2);
    expect(device.read32(0, 4)).to.equal(2);
    expect(device.read32(0, 4)).to.equal(0);
    device.write32(0, 8, 3);
    expect(load32(registers + 8)).to.equal(0);
  });

  it('gives all ones where nothing is, and after a surprise removal', () => {
    expect(device.read32(3, 0)).to.equal(ALL_ONES);
    expect(device.read32(0, 4_096)).to.equal(ALL_ONES);
    expect(device.read32(0, 2)).to.equal(ALL_ONES);
    storePciFunctionRemoved(base, 1);
    expect(device.present).to.equal(false);
    expect(device.read32(0, 0)).to.equal(ALL_ONES);
    device.write32(0, 12, 5);
    expect(load32(registers + 12)).to.equal(0);
  });

  it('delivers a pending interrupt once, and only to a registered handler', () => {
    const handler = sinon.spy();
    storePciFunctionInterruptPending(base, 1);
    expect(device.dispatchInterrupt()).to.equal(false);
    device.setInterruptHandler(handler);
    expect(device.dispatchInterrupt()).to.equal(true);
    expect(device.dispatchInterrupt()).to.equal(false);
    device.setInterruptHandler(null);
    storePciFunctionInterruptPending(base, 1);
    expect(device.dispatchInterrupt()).to.equal(false);
    expect(handler.callCount).to.equal(1);
  });

  it('prints its slot as people write it', () => {
    storePciFunctionAddress(base, (5 << 3) | 1);
    expect(device.slot).to.equal('0000:00:05.1');
  });
});
