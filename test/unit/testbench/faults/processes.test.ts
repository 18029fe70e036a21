import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { FAULT_NAMES } from '../../../../testbench/faults/registry';
import { ServeBench } from '../../../support/serve/bench';
import type { JsonProcess } from '../../../support/jsonProcess';
import { waitForStats, waitForTraffic } from '../../../support/serve/stats';

/** State of a process as the kernel gives it: `T` is stopped. */
function stateOf(pid: number): string {
  return /^\d+ \(.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))![1]!;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

async function fired(serve: JsonProcess): Promise<number[]> {
  const { faults } = (await serve.ask('fault list')) as { faults: { fired: number }[] };
  return faults.map((one) => one.fired);
}

/** Frames that a stalled host has dropped, a counter that the type of the statistics leaves out. */
function paused(toGuest: object): number {
  return (toGuest as { readonly dropped: Readonly<Record<string, number>> }).dropped['paused']!;
}

describe('faults of avp serve', function () {
  this.timeout(120_000);
  const bench = new ServeBench().perTest();

  async function running(): Promise<{ serve: JsonProcess; guest: JsonProcess; pid: number }> {
    const { serve } = await bench.serve();
    const guest = bench.start('guest', '--dir', bench.tree, '--mode', 'macswap');
    const { pid } = (await guest.line()) as { pid: number };
    await serve.ask('probe nic0 2000');
    await waitForTraffic(serve, 'at first');
    return { serve, guest, pid };
  }

  it('are put, listed and removed on standard input', async () => {
    const { serve } = await running();
    const put = await serve.ask('fault add rings.stalled-host times=0 rounds=3');
    expect(put).to.deep.include({ ok: true, fault: 0, name: 'rings.stalled-host', fired: 0, inPlace: true });
    await waitForStats(serve, 'frames are dropped', ({ nics }) => paused(nics[0]!.toGuest) > 0);
    expect((await fired(serve))[0]).to.be.above(0);
    expect(await serve.ask('fault remove 0')).to.deep.include({ ok: true, fault: 0, inPlace: false });
    expect(await serve.ask('fault remove 0')).to.deep.include({ ok: false, command: 'fault' });
    await waitForTraffic(serve, 'after it was removed');
  });

  it('are refused with the reason', async () => {
    const { serve } = await bench.serve();
    const errorOf = async (line: string): Promise<unknown> => ((await serve.ask(line)) as { error: unknown }).error;
    expect(await errorOf('fault add rings.stalledhost')).to.include("did you mean 'rings.stalled-host'");
    expect(await errorOf('fault add rings.stalled-host rounds=x')).to.include('expected a whole number');
    expect(await errorOf('fault add registers.all-ones')).to.include('processes of their own');
    expect(await errorOf('fault add time.drift')).to.include('real one');
    expect(await errorOf('fault drop 1')).to.include('expected fault add');
  });

  it('cover all faults of class processes', () => {
    const known = FAULT_NAMES.filter((name) => name.startsWith('processes.'));
    expect(known).to.have.members(['processes.kill-guest', 'processes.stop-guest', 'processes.end-guest']);
  });

  it('processes.kill-guest kills the guest', async () => {
    const { serve, guest } = await running();
    expect(guest.exit).to.equal(null);
    await serve.ask('fault add processes.kill-guest');
    await guest.waitForExit();
    expect(guest.exit).to.deep.equal({ status: null, signal: 'SIGKILL' });
    expect(await fired(serve)).to.deep.equal([1]);
  });

  it('processes.end-guest ends the guest in order', async () => {
    const { serve, guest } = await running();
    await serve.ask('fault add processes.end-guest');
    await guest.waitForExit();
    expect(guest.exit).to.deep.equal({ status: 0, signal: null });
  });

  it('processes.stop-guest stops the guest, and lets it go on', async () => {
    const { serve, pid } = await running();
    expect(stateOf(pid)).not.to.equal('T');
    await serve.ask('fault add processes.stop-guest forMs=500ms');
    await until(() => stateOf(pid) === 'T');
    await until(() => stateOf(pid) !== 'T');
    await waitForTraffic(serve, 'after the stop');
    expect(await fired(serve)).to.deep.equal([1]);
  });
});
