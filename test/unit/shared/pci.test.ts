import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import sinon from 'sinon';
import { load32, store32 } from '#mem';
import { allocate, resetArena } from '../../../shared/arena';
import { memory } from '../../../shared/mem/memory';
import { BOTH } from '../../../shared/loops/rights';
import {
  ALL_ONES,
  PciFunction,
  postInterrupt,
  resetInterruptHandlers,
  wakeInterruptWaiters,
} from '../../../shared/pci';
import {
  PCI_FUNCTION_BYTES,
  PCI_FUNCTION_HANDLER_CHANGES,
  PCI_FUNCTION_INTERRUPT_PENDING,
  storePciFunctionAddress,
  storePciFunctionBarAddress,
  storePciFunctionBarBytes,
  storePciFunctionClassCode,
  storePciFunctionClearOnRead,
  storePciFunctionDevice,
  storePciFunctionInterruptPending,
  storePciFunctionRemoved,
  storePciFunctionSubsystemDevice,
  storePciFunctionSubsystemVendor,
  storePciFunctionVendor,
  storePciFunctionWritableRegisters,
} from '../../../shared/loops/records';

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

  it('reads and writes registers, some of which clear on read or ignore writes', () => {
    device.write32(0, 0, 0xffff_ffff);
    for (let read = 0; read < 2; read++) expect(device.read32(0, 0)).to.equal(0xffff_ffff);
    store32(registers + 4, 2);
    expect(device.read32(0, 4)).to.equal(2);
    expect(device.read32(0, 4)).to.equal(0);
    device.write32(0, 8, 3);
    expect(load32(registers + 8)).to.equal(0);
  });

  it('shows the identity, BARs and address that its record holds', () => {
    storePciFunctionVendor(base, 1);
    storePciFunctionDevice(base, 2);
    storePciFunctionSubsystemVendor(base, 3);
    storePciFunctionSubsystemDevice(base, 4);
    storePciFunctionClassCode(base, 5);
    expect(device.identity).to.deep.equal({
      vendor: 1,
      device: 2,
      subsystemVendor: 3,
      subsystemDevice: 4,
      classCode: 5,
    });
    expect([device.barBytes(0), device.barBytes(1), device.barAddress(0), device.barAddress(1)]).to.deep.equal([
      4_096,
      0,
      registers,
      0,
    ]);
    expect(device.base).to.equal(base);
  });

  it('takes no write outside its first registers, to another BAR, or between registers', () => {
    storePciFunctionWritableRegisters(base, 0xffff_ffff);
    storePciFunctionBarAddress(base, 1, registers + 2_048);
    storePciFunctionBarBytes(base, 1, 1_024);
    device.write32(0, 124, 1);
    device.write32(0, 128, 2);
    device.write32(0, 4_096, 3);
    device.write32(0, -4, 4);
    device.write32(0, 2, 5);
    device.write32(1, 0, 6);
    expect([124, 128, 0, 2_048].map((at) => load32(registers + at))).to.deep.equal([1, 0, 0, 0]);
    expect([device.read32(0, 4_092), device.read32(0, -4), device.read32(1, 0)]).to.deep.equal([0, ALL_ONES, 0]);
  });

  it('forgets a handler without touching its record, or all handlers of the thread', () => {
    const handler = sinon.spy();
    device.setInterruptHandler(handler);
    const changes = load32(base + PCI_FUNCTION_HANDLER_CHANGES);
    device.forgetInterruptHandler();
    postInterrupt(base, true);
    expect(device.dispatchInterrupt()).to.equal(false);
    expect(load32(base + PCI_FUNCTION_HANDLER_CHANGES)).to.equal(changes);
    device.setInterruptHandler(handler);
    resetInterruptHandlers();
    expect(device.dispatchInterrupt()).to.equal(false);
    expect(handler.callCount).to.equal(0);
  });

  it('reads all ones outside its BARs, and everywhere after a surprise removal', () => {
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

  it('delivers several interrupts one by one unless they are coalesced', () => {
    const handler = sinon.spy();
    device.setInterruptHandler(handler);
    for (const coalesced of [false, false, true]) postInterrupt(base, coalesced);
    expect([device.dispatchInterrupt(), device.dispatchInterrupt()]).to.deep.equal([true, false]);
    for (let i = 0; i < 2; i++) postInterrupt(base, false);
    expect([1, 2, 3].map(() => device.dispatchInterrupt())).to.deep.equal([true, true, false]);
    expect(handler.callCount).to.equal(3);
  });

  it('delivers only to the handler that was registered last, in whichever thread', () => {
    const handler = sinon.spy();
    device.setInterruptHandler(handler);
    // Another thread registers or unregisters a handler.
    store32(base + PCI_FUNCTION_HANDLER_CHANGES, load32(base + PCI_FUNCTION_HANDLER_CHANGES) + 1);
    postInterrupt(base, true);
    expect(device.dispatchInterrupt()).to.equal(false);
    expect(load32(base + PCI_FUNCTION_INTERRUPT_PENDING), 'the interrupt is left for that thread').to.equal(1);
    device.setInterruptHandler(handler);
    expect(device.dispatchInterrupt()).to.equal(true);
    expect(handler.callCount).to.equal(1);
  });

  it('lets a thread wait for an interrupt until a timeout or until the function vanishes', () => {
    expect(device.waitInterrupt(1)).to.equal(false);
    postInterrupt(base, true);
    expect(device.waitInterrupt(60_000)).to.equal(true);
    expect(device.waitInterrupt(60_000), 'it is not taken by waiting').to.equal(true);
    store32(base + PCI_FUNCTION_INTERRUPT_PENDING, 0);
    storePciFunctionRemoved(base, 1);
    expect(device.waitInterrupt(60_000)).to.equal(false);
  });

  for (const [what, wake] of [
    ['an interrupt', (): void => postInterrupt(base, true)],
    ['an interrupt that is not coalesced', (): void => postInterrupt(base, false)],
    ['a call of wakeInterruptWaiters', (): void => wakeInterruptWaiters(base)],
  ] as const)
    it(`${what} wakes a thread that sleeps`, async () => {
      const code = `const { parentPort, workerData: { memory, at } } = require('node:worker_threads');
        parentPort.postMessage('ready');
        parentPort.postMessage(Atomics.wait(new Int32Array(memory.buffer), at, 0, 20_000));`;
      const at = (base + PCI_FUNCTION_INTERRUPT_PENDING) >>> 2;
      const worker = new Worker(code, { eval: true, execArgv: [], workerData: { memory, at } });
      let repeat: NodeJS.Timeout | undefined;
      try {
        await once(worker, 'message');
        const woken = once(worker, 'message');
        // A wake-up that comes before the thread sleeps has no effect, so repeat it.
        repeat = setInterval(wake, 5);
        expect((await woken)[0]).to.not.equal('timed-out');
      } finally {
        clearInterval(repeat);
        await worker.terminate();
      }
    });

  it('prints its BDF as domain:bus:device.function', () => {
    storePciFunctionAddress(base, (5 << 3) | 1);
    expect(device.bdf).to.equal('0000:00:05.1');
    storePciFunctionAddress(base, (0x12 << 8) | (31 << 3) | 7);
    expect(device.bdf).to.equal('0000:12:1f.7');
  });
});
