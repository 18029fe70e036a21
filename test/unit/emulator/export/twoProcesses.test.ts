import { expect } from 'chai';
import { load32, store32 } from '#mem';
import type { AvpDevice } from '../../../../emulator/device/device';
import { ExportTree, type ExportedFunction } from '../../../../emulator/export/exportTree';
import { HostLine } from '../../../../emulator/export/uio/hostLine';
import { ImportedFunction } from '../../../../emulator/export/importTree';
import { asHost } from '../../../../shared/actors';
import { resetArena } from '../../../../shared/arena';
import { RealClock } from '../../../../shared/clock';
import {
  BAR_DEVICE,
  BAR_MEMORY,
  BAR_MMIO,
  DEVICE_MAGIC,
  INTERRUPT_MIGRATION,
  REG_INTERRUPT_MASK,
  REG_INTERRUPT_STATUS,
  REG_MIGRATION_ACK,
} from '../../../../shared/loops/layout';
import { resetInterruptHandlers } from '../../../../shared/pci';
import { makeDevice } from '../device/bench';
import { eventually } from '../../../support/eventually';
import { TemporaryFolder } from '../../../support/temporaryFolder';
import type { JsonProcess } from '../../../support/jsonProcess';
import { startProgram } from './processes';

describe('a function exported to another process', () => {
  const folder = new TemporaryFolder();
  let dir: string;
  let tree: ExportTree;
  let device: AvpDevice;
  let exported: ExportedFunction;
  let line: HostLine;
  let acks: number[];
  let guest: JsonProcess;
  let shown: unknown;

  before(() => {
    guest = startProgram('guestProcess.ts');
  });

  after(() => guest.end('SIGKILL'));

  afterEach(() => {
    tree.close();
    device.destroy();
  });
  folder.perTest();
  beforeEach(async () => {
    resetArena();
    resetInterruptHandlers();
    dir = folder.file('tree');
    device = makeDevice({}, new RealClock());
    tree = ExportTree.create(dir);
    exported = tree.add(device.function);
    acks = [];
    line = new HostLine(exported.line, device, () => acks.push(device.migration.ack));
    shown = await guest.ask(`attach ${dir}`);
  });

  /** Waits until the guest's handlers have read an interrupt status, and returns all that they read. */
  async function interruptsSeen(): Promise<number[]> {
    for (;;) {
      line.step();
      const seen = (await guest.ask('interrupts')) as number[];
      if (seen.length > 0) return seen;
    }
  }

  it('shows its identity, its BARs and their contents, and the bytes that either side writes', async () => {
    const memoryBarBytes = device.function.barBytes(BAR_MEMORY);
    expect(shown).to.deep.equal({
      bdf: '0000:00:05.0',
      identity: device.function.identity,
      bars: [4_096, 4_096, memoryBarBytes, 0, 65_536, 4_096],
    });
    expect(await guest.ask(`load ${BAR_DEVICE} 0`)).to.equal(DEVICE_MAGIC);

    const far = memoryBarBytes - 4;
    const at = device.function.barAddress(BAR_MEMORY) + far;
    asHost(() => store32(at, 0x1234_5678));
    expect(await guest.ask(`load ${BAR_MEMORY} ${far}`)).to.equal(0x1234_5678);
    await guest.ask(`store ${BAR_MEMORY} ${far} 77`);
    expect(asHost(() => load32(at))).to.equal(77);
    await guest.ask(`register ${BAR_MMIO} ${REG_INTERRUPT_MASK} 4294967295`);
    expect(device.inspect.interruptMask).to.equal(0xffff_ffff);
    await guest.ask('leave');
  });

  it('delivers interrupts through the socket, and clears the status even if the guest cannot', async () => {
    await guest.ask(`register ${BAR_MMIO} ${REG_INTERRUPT_MASK} 4294967295`);
    device.tamper.raiseInterrupt(INTERRUPT_MIGRATION);
    expect(await interruptsSeen()).to.deep.equal([INTERRUPT_MIGRATION]);

    await guest.ask('plain');
    const status = device.function.barAddress(BAR_MMIO) + REG_INTERRUPT_STATUS;
    asHost(() => store32(status, 4));
    device.tamper.raiseInterrupt(INTERRUPT_MIGRATION);
    expect(await interruptsSeen()).to.deep.equal([INTERRUPT_MIGRATION | 4]);
    await eventually('status 0', () => {
      line.step();
      return asHost(() => load32(status)) === 0;
    });
    await guest.ask('leave');
  });

  it('treats the end of the connection as the end of the guest', async () => {
    await eventually('a guest', () => {
      line.step();
      return line.hasGuest;
    });
    await guest.ask(`register ${BAR_MMIO} ${REG_INTERRUPT_MASK} 4294967295`);
    await guest.ask(`register ${BAR_MMIO} ${REG_MIGRATION_ACK} 1`);
    await guest.ask('leave');
    await eventually('its end', () => {
      line.step();
      return !line.hasGuest && device.inspect.interruptMask === 0;
    });
    expect([acks, device.migration.ack], "the guest's last ack, and the ack register for the next guest").to.deep.equal(
      [[1], 0],
    );
    const { hostPool, total } = device.inspect.buffers();
    expect(hostPool).to.equal(total);
  });

  it('keeps its contents when it is removed, and its files are gone', async () => {
    const far = device.function.barAddress(BAR_MEMORY) + 64;
    asHost(() => store32(far, 99));
    exported.remove();
    expect(asHost(() => load32(far))).to.equal(99);
    // The guest still has the files mapped, but they are no longer the device's memory.
    await guest.ask(`store ${BAR_MEMORY} 64 1`);
    expect(asHost(() => load32(far))).to.equal(99);
    await expectRefused(ImportedFunction.open(dir, '0000:00:05.0'), /0000:00:05\.0.* is not there/);
    await guest.ask('leave');
  });
});

async function expectRefused(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason as Error,
  );
  expect(error?.message).to.match(message);
}

describe('a host in another process', () => {
  const folder = new TemporaryFolder();
  let host: JsonProcess;

  let dir: string;

  afterEach(async () => {
    await host.end('SIGKILL');
  });
  folder.perTest();
  beforeEach(async () => {
    resetArena();
    dir = folder.file('tree');
    host = startProgram('hostProcess.ts', dir);
    await host.line();
  });

  it('is noticed when it ends, and the next host takes its folder over', async () => {
    const imported = await ImportedFunction.open(dir, '0000:00:05.0');
    expect(() => ExportTree.create(dir)).to.throw(`is in use by process ${host.pid}`);
    await host.end('SIGKILL');
    await eventually('the end of the host', () => !imported.hostAlive);
    await expectRefused(ImportedFunction.open(dir, '0000:00:05.0'), /nobody serves there \(ECONNREFUSED\)/);

    // The old mapping stays valid: the next host makes files of its own.
    const magic = imported.device.barAddress(BAR_DEVICE);
    const tree = ExportTree.create(dir);
    expect(load32(magic)).to.equal(DEVICE_MAGIC);
    expect(imported.hostAlive).to.be.false;
    imported.close();
    tree.close();
  });
});
