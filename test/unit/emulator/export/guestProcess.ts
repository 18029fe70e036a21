/** A guest process: attaches to the function of a tree, and carries out the commands on its standard input. */
import { createInterface } from 'node:readline';
import { load32, store32 } from '#mem';
import { ImportedFunction, listTree } from '../../../../emulator/export/importTree';
import { BAR_MMIO, REG_INTERRUPT_STATUS } from '../../../../shared/loops/layout';

function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

let imported: ImportedFunction | null = null;
const seen: number[] = [];
/** True for a guest to which registers are plain memory: it clears nothing by reading. */
let plain = false;

async function attach(dir: string): Promise<unknown> {
  const [bdf = ''] = listTree(dir);
  imported = await ImportedFunction.open(dir, bdf);
  const { device } = imported;
  seen.length = 0;
  plain = false;
  const status = device.barAddress(BAR_MMIO) + REG_INTERRUPT_STATUS;
  device.setInterruptHandler(() => seen.push(plain ? load32(status) : device.read32(BAR_MMIO, REG_INTERRUPT_STATUS)));
  return { bdf: device.bdf, identity: device.identity, bars: [0, 1, 2, 3, 4, 5].map((bar) => device.barBytes(bar)) };
}

/** Accesses a BAR: `load`, `store`, or `register` for a register write. */
function access(name: string, offset: number, value: number, bar: number): unknown {
  const { device } = imported!;
  const address = device.barAddress(bar) + offset;
  if (name === 'load') return load32(address);
  if (name === 'store') return store32(address, value);
  return device.write32(bar, offset, value);
}

async function carryOut(name: string, words: readonly string[]): Promise<unknown> {
  if (name === 'attach') return attach(words[0]!);
  if (name === 'interrupts') return seen.splice(0);
  if (name === 'leave') return imported!.close();
  if (name === 'plain') return void (plain = true);
  const [bar = 0, offset = 0, value = 0] = words.map(Number);
  return access(name, offset, value, bar);
}

setInterval(() => imported?.dispatchInterrupt(), 1);
createInterface({ input: process.stdin }).on('line', (line) => {
  const [name = '', ...words] = line.split(' ');
  void carryOut(name, words).then((answer) => say(answer ?? null));
});
