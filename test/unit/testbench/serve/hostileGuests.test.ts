import { closeSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { BAR_DEVICE, BAR_MEMMAP, BAR_MEMORY, BAR_MMIO, BAR_MSIX } from '../../../../shared/loops/layout';
import { Random } from '../../../../shared/random';
import { testSeed } from '../../../runner/seed';
import type { JsonProcess } from '../../../support/jsonProcess';
import { ServeBench, type ReadyLine } from '../../../support/serve/bench';
import { expectProbesIntact, stopTraffic, waitForGuestEnd, waitForTraffic } from '../../../support/serve/stats';

const REGISTERS = ['mask', 'interrupt status', 'migration status', 'migration ack'];

describe('a hostile guest of avp serve', function () {
  this.timeout(300_000);
  const bench = new ServeBench().perTest();
  let serve: JsonProcess;
  let ready: ReadyLine;

  beforeEach(async () => {
    ({ serve, ready } = await bench.serve());
    await serve.ask('probe nic0 2000');
  });

  function barFile(bar: number): string {
    return join(bench.tree, 'devices', ready.devices[0]!.slot, `resource${bar}`);
  }

  function write(bar: number, offset: number, bytes: Uint8Array): void {
    const file = openSync(barFile(bar), 'r+');
    writeSync(file, bytes, 0, bytes.length, offset);
    closeSync(file);
  }

  function registers(): Record<string, number> {
    const bytes = readFileSync(barFile(BAR_MMIO));
    return Object.fromEntries(REGISTERS.map((name, index) => [name, bytes.readUInt32LE(4 * index)]));
  }

  it('ends neither the host nor other guests by cutting BARs short', async () => {
    const guest = await bench.guest();
    for (const bar of [BAR_MMIO, BAR_MSIX, BAR_MEMORY, BAR_MEMMAP, BAR_DEVICE]) {
      expect(() => truncateSync(barFile(bar))).to.throw(/EPERM/);
      await waitForTraffic(serve, `after the attempt on BAR ${bar}`);
    }
    await bench.endGuest(guest);
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const)
    it(`keeps no later guest out by what it writes over the words of the host, ended by ${signal}`, async () => {
      const random = new Random(testSeed);
      const before = [BAR_MSIX, BAR_MEMMAP, BAR_DEVICE].map((bar) => readFileSync(barFile(bar)));
      const guest = await bench.guest();
      await waitForTraffic(serve, 'of the first guest');
      for (const bar of [BAR_MSIX, BAR_MEMMAP, BAR_DEVICE])
        write(bar, 0, random.bytes(readFileSync(barFile(bar)).length));
      // Interrupt status with every bit, migration status "detached", ack of no known value.
      write(BAR_MMIO, 4, new Uint8Array(Uint32Array.of(0xffff_ffff, 1, 9).buffer));
      await guest.end(signal);
      await waitForGuestEnd(serve);
      expect(registers()).to.deep.equal(Object.fromEntries(REGISTERS.map((name) => [name, 0])));
      expect([BAR_MSIX, BAR_MEMMAP, BAR_DEVICE].map((bar) => readFileSync(barFile(bar)))).to.deep.equal(before);
      const next = await bench.guest();
      await waitForTraffic(serve, 'of the next guest');
      expectProbesIntact(await stopTraffic(serve));
      await bench.endGuest(next);
    });
});
