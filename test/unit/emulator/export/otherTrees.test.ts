import { execFileSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  constants,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AvpDevice } from '../../../../emulator/device/device';
import { ExportTree } from '../../../../emulator/export/exportTree';
import { HostLine } from '../../../../emulator/export/uio/hostLine';
import { ImportedFunction } from '../../../../emulator/export/importTree';
import { resetArena } from '../../../../shared/arena';
import { RealClock } from '../../../../shared/clock';
import { BAR_MMIO, INTERRUPT_MIGRATION, REG_INTERRUPT_MASK } from '../../../../shared/loops/layout';
import { resetInterruptHandlers } from '../../../../shared/pci';
import { makeDevice } from '../device/bench';
import { eventually } from '../../../support/eventually';
import { TemporaryFolder } from '../../../support/temporaryFolder';
import { startProgram } from './processes';

const BDF = '0000:00:05.0';
const COMMAND_HIGH = 5;
const PATIENCE_MS = 10_000;
const INTERRUPTS_OFF = 0x04;
const ENABLE = Uint8Array.of(1, 0, 0, 0);

/** A tree that shows the BARs of another one, whose interrupts arrive through a named FIFO. Acts as the kernel's driver. */
class FifoInterrupts {
  private readonly host: Socket;
  private readonly fifo: number;
  private readonly config: number;
  private readonly timer: NodeJS.Timeout;
  private inHandler = false;

  constructor(
    private readonly dir: string,
    original: string,
  ) {
    const uio = join(dir, 'uio0');
    for (const name of ['devices', 'config'])
      cpSync(join(original, name), join(dir, name), { recursive: true, verbatimSymlinks: true });
    for (const bar of [0, 1, 2, 4, 5]) {
      const file = join('devices', BDF, `resource${bar}`);
      rmSync(join(dir, file));
      symlinkSync(join(original, file), join(dir, file));
    }
    execFileSync('mkfifo', [uio]);
    bind(dir, 'uio_pci_generic');
    this.fifo = openSync(uio, constants.O_RDWR | constants.O_NONBLOCK);
    this.config = openSync(join(dir, 'config'), 'r+');
    this.host = connect(join(original, 'uio0'));
    this.host.on('data', (words) => {
      writeSync(this.config, Uint8Array.of(INTERRUPTS_OFF), 0, 1, COMMAND_HIGH);
      this.inHandler = true;
      writeSync(this.fifo, words);
    });
    this.timer = setInterval(() => this.poll(), 1);
  }

  /** True while the guest has interrupts disabled in the configuration space. */
  get interruptsOff(): boolean {
    return (readFileSync(join(this.dir, 'config'))[COMMAND_HIGH]! & INTERRUPTS_OFF) !== 0;
  }

  close(): void {
    clearInterval(this.timer);
    this.host.destroy();
    for (const file of [this.fifo, this.config]) closeSync(file);
  }

  private poll(): void {
    if (!this.inHandler || this.interruptsOff) return;
    this.inHandler = false;
    this.host.write(ENABLE);
  }
}

function bind(dir: string, driver: string): void {
  const link = join(dir, 'devices', BDF, 'driver');
  unlinkSync(link);
  symlinkSync(`/sys/bus/pci/drivers/${driver}`, link);
}

describe('a tree that another program made', () => {
  const folder = new TemporaryFolder();
  let dir: string;
  let tree: ExportTree;
  let device: AvpDevice;
  let line: HostLine;
  let stepping: NodeJS.Timeout;

  afterEach(() => {
    clearInterval(stepping);
    tree.close();
    device.destroy();
  });
  folder.perTest();
  beforeEach(() => {
    resetArena();
    resetInterruptHandlers();
    dir = folder.file('tree');
    device = makeDevice({}, new RealClock());
    tree = ExportTree.create(dir);
    line = new HostLine(tree.add(device.function).line, device);
    stepping = setInterval(() => line.step(), 1);
  });

  async function refusal(): Promise<string> {
    const error = await ImportedFunction.open(dir, BDF).then(
      () => null,
      (reason: unknown) => reason as Error,
    );
    return error?.message ?? 'it was taken';
  }

  it('may have a named FIFO for interrupts, which the guest enables in the configuration space', async () => {
    const other = folder.file('other');
    const fifo = new FifoInterrupts(other, dir);
    const guest = startProgram('guestProcess.ts');
    try {
      await guest.ask(`attach ${other}`);
      expect(fifo.interruptsOff).to.be.false;
      await guest.ask(`register ${BAR_MMIO} ${REG_INTERRUPT_MASK} 4294967295`);
      for (let turn = 0; turn < 3; turn++) {
        device.tamper.raiseInterrupt(INTERRUPT_MIGRATION);
        let seen: number[] = [];
        while (seen.length === 0) seen = (await guest.ask('interrupts')) as number[];
        expect(seen).to.deep.equal([INTERRUPT_MIGRATION]);
        await eventually('the end of the handler', () => !fifo.interruptsOff);
      }
      await guest.ask('leave');
      await eventually('interrupts off', () => fifo.interruptsOff);
    } finally {
      await guest.end('SIGKILL');
      fifo.close();
    }
  });

  it('is refused if it has no source of interrupts, or one that does not fit its driver', async () => {
    bind(dir, 'vfio-pci');
    expect(await refusal()).to.match(/driver: bound to vfio-pci, expected igb_uio or uio_pci_generic$/);
    bind(dir, 'igb_uio');
    const uio = join(dir, 'uio0');
    renameSync(uio, join(dir, 'host'));
    execFileSync('mkfifo', [uio]);
    expect(await refusal()).to.match(/uio0 is a FIFO: expected a unix socket with igb_uio/);
    unlinkSync(uio);
    writeFileSync(uio, '');
    expect(await refusal()).to.match(/uio0 is neither a unix socket nor a FIFO/);
    unlinkSync(uio);
    expect(await refusal()).to.match(/uio0 is not there$/);
    unlinkSync(join(dir, 'host'));
  });

  it('has one guest at a time', async () => {
    const first = await ImportedFunction.open(dir, BDF);
    expect(await refusal()).to.match(/0000:00:05\.0 is driven by another guest/);
    first.close();
    const second = await ImportedFunction.open(dir, BDF, PATIENCE_MS);
    second.close();
  });

  it('may replace a function without notice, which the guest detects', async () => {
    const imported = await ImportedFunction.open(dir, BDF);
    imported.lookAtTree();
    expect(imported.hostAlive).to.be.true;
    const file = join(dir, 'devices', BDF, 'resource0');
    const held = readFileSync(file);
    unlinkSync(file);
    writeFileSync(file, held);
    imported.lookAtTree();
    imported.lookAtTree();
    expect(imported.hostAlive).to.be.false;
    imported.close();
  });
});
