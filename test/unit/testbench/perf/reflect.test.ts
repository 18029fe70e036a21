import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { perfFrame, captureOf } from '../../../../testbench/perf/perfFrame';
import { testSeed } from '../../../runner/seed';
import { ServeBench } from '../../../support/serve/bench';
import { stopTraffic, waitForStats } from '../../../support/serve/stats';

const FRAMES = 10;
const ROUNDS = 50;

describe('the command reflect of avp serve', function () {
  this.timeout(120_000);
  const bench = new ServeBench().perTest();

  it('sends the frames of the guest back instead of to the switch, until it is switched off', async () => {
    const { serve } = await bench.serve();
    await bench.guest('--mode', 'io');
    const capture = bench.folder.file('frames.pcapng');
    writeFileSync(
      capture,
      captureOf(Array.from({ length: FRAMES }, (_unused, index) => perfFrame(64, testSeed, index))),
    );
    expect(await serve.ask('reflect nic0 maybe')).to.deep.include({ ok: false, error: "'maybe': expected on or off" });
    expect(await serve.ask('reflect nic0 on')).to.deep.include({ ok: true, nic: 'nic0', reflecting: true });
    expect(await serve.ask(`feed nic0 ${capture}`)).to.include({ ok: true, frames: FRAMES });
    await waitForStats(serve, 'rounds', ({ nics }) => nics[0]!.fromGuest.forwarded > FRAMES * ROUNDS);
    expect(await serve.ask('reflect nic0 off')).to.deep.include({ ok: true, reflecting: false });
    const { nics } = await stopTraffic(serve);
    expect(nics[0]).to.include({ balanced: true });
    expect(nics[0]).to.have.nested.property('switch.in', FRAMES);
  });
});
