import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { JsonProcess } from '../../../support/jsonProcess';
import { ServeBench, type ReadyLine } from '../../../support/serve/bench';
import { buildCGuest, type CGuestReport } from '../../../support/serve/cGuest';
import { expectBalanced, readStats, waitForGuestEnd, waitForStats } from '../../../support/serve/stats';
import { TemporaryFolder } from '../../../support/temporaryFolder';

const RESTARTS = 20;
const FRAMES = 300;
const OPEN = 0xffff_ffff;

describe('guests of avp serve, one right after the other', function () {
  this.timeout(300_000);
  const built = new TemporaryFolder().perSuite();
  const bench = new ServeBench().perTest();
  let program: string;
  let serve: JsonProcess;
  let ready: ReadyLine;

  before(async function () {
    program = await buildCGuest(this, built.path);
  });

  beforeEach(async () => {
    ({ serve, ready } = await bench.serve());
    await serve.ask('reflect nic0 on');
  });

  function start(frames: number): JsonProcess {
    return bench.cGuest(program, ready, frames);
  }

  /** Expects that a guest comes up, gets all its frames back, and closes in order. Returns how many it sent. */
  async function expectGood(guest: JsonProcess, what: string): Promise<number> {
    await guest.waitForExit();
    expect(guest.exit, `${what}: ${guest.errors}`).to.deep.equal({ status: 0, signal: null });
    expect(await guest.line()).to.deep.equal({ up: true });
    const report = (await guest.line()) as CGuestReport;
    expect(report, what).to.include({ received: report.sent, wrong: 0, close: 0 });
    return report.sent;
  }

  it(`lose nothing in ${RESTARTS} restarts without a pause`, async () => {
    for (let turn = 0; turn < RESTARTS; turn++)
      expect(await expectGood(start(FRAMES), `guest ${turn}`)).to.equal(FRAMES);
    const { nics } = await waitForGuestEnd(serve);
    const frames = RESTARTS * FRAMES;
    expect(nics[0]!.fromGuest).to.include({ offered: frames, forwarded: frames });
    expect(nics[0]!.toGuest).to.include({ offered: frames, delivered: frames });
  });

  for (const how of ['killed', 'closed'] as const)
    it(`wait for a host that stands still while the former one is ${how}`, async () => {
      for (let turn = 0; turn < 3; turn++) {
        const former = start(how === 'killed' ? 0 : FRAMES);
        if (how === 'killed') {
          await former.line();
          serve.signal('SIGSTOP');
          await former.end('SIGKILL');
        } else {
          await expectGood(former, `former guest ${turn}`);
          serve.signal('SIGSTOP');
        }
        const [next, last] = [start(FRAMES), start(FRAMES)];
        serve.signal('SIGCONT');
        expect(await expectGood(next, `guest ${turn}`)).to.equal(FRAMES);
        expect(await expectGood(last, `guest after guest ${turn}`)).to.equal(FRAMES);
      }
      await waitForGuestEnd(serve);
    });

  it('keep the interrupt mask that they have written', async () => {
    const registers = join(bench.tree, 'devices', ready.devices[0]!.slot, 'resource0');
    for (let turn = 0; turn < 3; turn++) {
      await expectGood(start(FRAMES), `former guest ${turn}`);
      const next = start(0);
      await next.line();
      const { nics } = await readStats(serve);
      await waitForStats(serve, 'more frames', (now) => now.nics[0]!.fromGuest.offered > nics[0]!.fromGuest.offered);
      expect(readFileSync(registers).readUInt32LE(0), `mask of guest ${turn}`).to.equal(OPEN);
      await next.end('SIGTERM');
      expect(await next.line()).to.have.property('wrong', 0);
    }
    expectBalanced(await waitForGuestEnd(serve));
  });
});
