import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { JsonProcess } from '../support/jsonProcess';
import { ServeBench, type ReadyLine } from '../support/serve/bench';
import { buildCGuest, type CGuestReport } from '../support/serve/cGuest';
import {
  expectBalanced,
  expectProbesIntact,
  readStats,
  stopTraffic,
  waitForGuestEnd,
  waitForTraffic,
} from '../support/serve/stats';
import { requireTestpmd, startTestpmd } from '../support/serve/testpmd';
import { TemporaryFolder } from '../support/temporaryFolder';
import { LOAD } from './events';

const RESTARTS = 200;
const FRAMES = 2_000;
const OPEN = 0xffff_ffff;
const BUSY_PROCESSES = 2;

/** Processes that take all the time that they can get. */
class Load {
  private readonly busy: ChildProcess[] = [];

  constructor(count: number) {
    for (let i = 0; i < count; i++) this.busy.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  }

  end(): void {
    for (const process of this.busy) process.kill('SIGKILL');
  }
}

for (const [where, busy] of [
  ['by themselves', 0],
  [`beside ${BUSY_PROCESSES} busy processes`, BUSY_PROCESSES],
] as const)
  describe(`${RESTARTS} guests of avp serve, one right after the other, ${where}`, function () {
    this.timeout(3_600_000);
    const built = new TemporaryFolder().perSuite();
    const bench = new ServeBench();
    let load: Load;
    let serve: JsonProcess;
    let ready: ReadyLine;

    afterEach(() => load.end());
    bench.perTest();
    beforeEach(async () => {
      load = new Load(busy);
      ({ serve, ready } = await bench.serve());
    });

    /** Expects that nothing was reset under the guest that runs. */
    function expectOpenMask(turn: number): void {
      const registers = readFileSync(join(bench.tree, 'devices', ready.devices[0]!.slot, 'resource0'));
      expect(registers.readUInt32LE(0), `interrupt mask of guest ${turn}`).to.equal(OPEN);
    }

    it('in C', async function () {
      const program = await buildCGuest(this, built.path);
      await serve.ask('reflect nic0 on');
      for (let turn = 0; turn < RESTARTS; turn++) {
        const guest = bench.cGuest(program, ready, FRAMES);
        await guest.waitForExit();
        expect(guest.exit, `guest ${turn}: ${guest.errors}`).to.deep.equal({ status: 0, signal: null });
        await guest.line();
        const report = (await guest.line()) as CGuestReport;
        expect(report, `guest ${turn}`).to.deep.equal({ sent: FRAMES, received: FRAMES, wrong: 0, close: 0 });
      }
      const { nics } = await waitForGuestEnd(serve);
      const frames = RESTARTS * FRAMES;
      expect(nics[0]!.fromGuest).to.include({ offered: frames, forwarded: frames });
      expect(nics[0]!.toGuest).to.include({ offered: frames, delivered: frames });
    });

    it('of our own', async () => {
      const sums = { received: 0, sent: 0 };
      await serve.ask(`probe nic0 ${LOAD}`);
      for (let turn = 0; turn < RESTARTS; turn++) {
        const guest = await bench.guest('--mode', 'macswap');
        await waitForTraffic(serve, `of guest ${turn}`);
        expectOpenMask(turn);
        const [port] = (await bench.endGuest(guest)).ports;
        expect(port, `guest ${turn}`).to.include({ probes: 1, hostsLost: 0 });
        sums.received += port!.received;
        sums.sent += port!.sent;
      }
      const stats = await stopTraffic(serve);
      expectProbesIntact(stats);
      const { nics } = await waitForGuestEnd(serve);
      expect(nics[0]!.toGuest.delivered, 'frames that the guests have received').to.equal(sums.received);
      expect(nics[0]!.fromGuest, 'frames that the guests have sent').to.include({
        offered: sums.sent,
        forwarded: sums.sent,
      });
    });

    it('that are testpmd', async function () {
      requireTestpmd.call(this);
      await serve.ask(`probe nic0 ${LOAD}`);
      for (let turn = 0; turn < RESTARTS; turn++) {
        const guest = await startTestpmd(ready);
        await waitForTraffic(serve, `of guest ${turn}`);
        expectOpenMask(turn);
        if (turn % 2 === 0) await guest.kill();
        else expect(await guest.quit(), `guest ${turn}`).to.include({ status: 0, signal: null, crash: null });
        expectBalanced(await readStats(serve));
      }
      expectProbesIntact(await stopTraffic(serve));
      await waitForGuestEnd(serve);
    });
  });
