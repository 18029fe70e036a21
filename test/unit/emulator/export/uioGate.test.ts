import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { load32 } from '#mem';
import { asHost } from '../../../../shared/actors';
import type { AvpDevice } from '../../../../emulator/device/device';
import { ExportTree, type ExportedFunction } from '../../../../emulator/export/exportTree';
import { HostLine } from '../../../../emulator/export/uio/hostLine';
import { resetArena } from '../../../../shared/arena';
import { RealClock } from '../../../../shared/clock';
import {
  BAR_MMIO,
  INTERRUPT_MIGRATION,
  REG_INTERRUPT_MASK,
  REG_INTERRUPT_STATUS,
  REG_MIGRATION_ACK,
} from '../../../../shared/loops/layout';
import { makeDevice } from '../device/bench';
import { eventually } from '../../../support/eventually';
import { TemporaryFolder } from '../../../support/temporaryFolder';

const OPEN = 0xffff_ffff;

describe('the uio socket of a function', () => {
  const folder = new TemporaryFolder();
  let tree: ExportTree;
  let exported: ExportedFunction;
  let device: AvpDevice;
  let line: HostLine;
  /** Acks that the device had when a guest's end was dealt with. */
  let leavings: number[];

  afterEach(() => {
    tree.close();
    device.destroy();
  });
  folder.perTest();
  beforeEach(() => {
    resetArena();
    device = makeDevice({}, new RealClock());
    tree = ExportTree.create(folder.file('tree'));
    exported = tree.add(device.function);
    leavings = [];
    line = new HostLine(exported.line, device, () => leavings.push(device.migration.ack));
  });

  /** Tries to connect. Returns the connection, or the name of the error. */
  function come(): Promise<Socket | string> {
    return new Promise((resolve) => {
      const socket = connect(join(tree.dir, 'uio0'));
      socket.once('connect', () => resolve(socket));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code!));
    });
  }

  /** Connects, while the host does nothing. */
  async function enter(): Promise<Socket> {
    const guest = await come();
    if (typeof guest === 'string') throw new Error(`a guest was kept out: ${guest}`);
    return guest;
  }

  async function leave(guest: Socket): Promise<void> {
    await new Promise((resolve) => guest.once('close', resolve).destroy());
  }

  function steps(what: string, holds: () => boolean): Promise<void> {
    return eventually(what, () => {
      line.step();
      return holds();
    });
  }

  it('lets a guest in before the host has made its first step, and no other one', async () => {
    const guest = await enter();
    expect(await come()).to.equal('EAGAIN');
    await steps('the guest', () => line.hasGuest);
    expect(await come()).to.equal('EAGAIN');
    await leave(guest);
  });

  it('deals with the end of a guest, its last word included, before it lets the next one in', async () => {
    const { function: pci } = device;
    let guest = await enter();
    for (let turn = 0; turn < 20; turn++) {
      expect(await come(), 'while the guest has it').to.equal('EAGAIN');
      pci.write32(BAR_MMIO, REG_INTERRUPT_MASK, OPEN);
      pci.write32(BAR_MMIO, REG_MIGRATION_ACK, 3);
      // In every other turn the host sees nothing of a guest before that guest has gone.
      if (turn % 2 === 0) await steps('the guest', () => line.hasGuest);
      await leave(guest);
      expect(await come(), 'after the guest has gone, while the host does nothing').to.equal('EAGAIN');
      expect(leavings.length).to.equal(turn);
      await steps('the end', () => leavings.length === turn + 1 && !line.hasGuest);
      expect([device.inspect.interruptMask, device.migration.ack]).to.deep.equal([0, 0]);
      guest = await enter();
    }
    pci.write32(BAR_MMIO, REG_INTERRUPT_MASK, OPEN);
    await steps('the last guest', () => line.hasGuest);
    for (let round = 0; round < 100; round++) line.step();
    expect(device.inspect.interruptMask, 'of the guest that lives').to.equal(OPEN);
    expect(leavings).to.deep.equal(Array.from({ length: 20 }, () => 3));
    await leave(guest);
  });

  it('takes the first word of a guest for no end of a handler, though an interrupt was sent before it', async () => {
    const [first, next] = [Uint8Array.of(1, 0, 0, 0), Uint8Array.of(1, 0, 0, 0)];
    const status = device.function.barAddress(BAR_MMIO) + REG_INTERRUPT_STATUS;
    const guest = await enter();
    device.function.write32(BAR_MMIO, REG_INTERRUPT_MASK, OPEN);
    device.tamper.raiseInterrupt(INTERRUPT_MIGRATION);
    await steps('the interrupt', () => guest.bytesRead === 4 || guest.read() !== null);
    guest.write(first);
    for (const untilMs = Date.now() + 20; Date.now() < untilMs; await sleep(1)) line.step();
    expect(
      asHost(() => load32(status)),
      'which nobody has read',
    ).to.equal(INTERRUPT_MIGRATION);
    guest.write(next);
    await steps('the status cleared', () => asHost(() => load32(status)) === 0);
    await leave(guest);
  });

  it('refuses a guest once the function is removed, and leaves the present one its connection', async () => {
    const guest = await enter();
    await steps('the guest', () => line.hasGuest);
    let closed = false;
    guest.once('close', () => (closed = true));
    exported.remove();
    expect(await come()).to.equal('ENOENT');
    expect(closed).to.be.false;
    await leave(guest);
  });
});
