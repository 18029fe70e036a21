import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { benchFrame, pcapOf } from '../../../../testbench/perf/frames';
import { testSeed } from '../../../checks/seed';
import { Bench } from '../../../support/serve/bench';
import { quiet, until } from '../../../support/serve/stats';

const FRAMES = 10;
const ROUNDS = 50;

describe('serve, told to reflect', function () {
  this.timeout(120_000);
  let bench: Bench;

  beforeEach(() => {
    bench = new Bench();
  });

  afterEach(() => bench.close());

  it('sends each frame of the guest back, and none to the switch, until it is told to stop', async () => {
    const { serve } = await bench.serve();
    await bench.guest('--mode', 'io');
    const capture = join(bench.path, 'frames.pcap');
    writeFileSync(capture, pcapOf(Array.from({ length: FRAMES }, (_unused, index) => benchFrame(64, testSeed, index))));
    expect(await serve.ask('reflect nic0 maybe')).to.deep.include({ ok: false, error: "'maybe': expected on or off" });
    expect(await serve.ask('reflect nic0 on')).to.deep.include({ ok: true, nic: 'nic0', reflecting: true });
    expect(await serve.ask(`feed nic0 ${capture}`)).to.include({ ok: true, frames: FRAMES });
    await until(serve, 'rounds', ({ nics }) => nics[0]!.fromGuest.forwarded > FRAMES * ROUNDS);
    expect(await serve.ask('reflect nic0 off')).to.deep.include({ ok: true, reflecting: false });
    const { nics } = await quiet(serve);
    expect(nics[0]).to.include({ balanced: true });
    expect(nics[0]).to.have.nested.property('switch.in', FRAMES);
  });
});
