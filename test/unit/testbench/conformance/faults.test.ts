import { expect } from 'chai';
import type { ClauseText } from '../../../../testbench/conformance/clause';
import { runClause } from '../../../../testbench/conformance/runClause';
import { avpTarget } from '../../../../testbench/targets/avp/target';
import { someClause } from './clauses';

async function run(body: ClauseText['run']): Promise<{ readonly verdict: string; readonly detail: string }> {
  return runClause(someClause('rx/1', { run: body }), avpTarget, 3);
}

describe('faults of a clause', () => {
  it('strike devices that are plugged later, before their driver sees them', async () => {
    const outcome = await run(async (t) => {
      const put = t.faults.add('deviceinfo.magic');
      const nic = t.plug();
      const probed = await t.guest.probe(nic);
      t.expect.equal('the driver refuses', probed.ok ? 'nothing' : probed.errno, 'EINVAL');
      t.expect.equal('struck', put.fired, 1);
    });
    expect(outcome).to.deep.include({ verdict: 'pass', detail: '' });
  });

  it('strike devices that are there, and no longer once they are removed', async () => {
    const outcome = await run(async (t) => {
      const running = await t.started();
      const put = t.faults.add('buffers.data', { times: 0 });
      running.nic.deliver(t.frameTo(running.nic, 100));
      t.expect.equal('received', (await t.drain(running.port)).length, 0);
      put.remove();
      await t.expectTraffic(running);
    });
    expect(outcome).to.deep.include({ verdict: 'pass', detail: '' });
  });

  it('reach registers, clocks and mempools of a driver in this thread', async () => {
    const outcome = await run(async (t) => {
      const puts = [t.faults.add('registers.zero-read', { times: 0 }), t.faults.add('time.drift')];
      await t.started();
      t.expect.equal('all have struck', puts.filter(({ fired }) => fired > 0).length, 2);
    });
    expect(outcome).to.deep.include({ verdict: 'pass', detail: '' });
  });

  it('are refused where the target lacks what they need', async () => {
    const { verdict, detail } = await run(async (t) => void t.faults.add('processes.kill-guest'));
    expect(verdict).to.equal('error');
    expect(detail).to.include("can't offer fault processes.kill-guest: the driver is no process of its own");
  });

  it('end with the clause', async () => {
    await run(async (t) => {
      t.faults.add('ctrl.wrong-result', { times: 0 });
      t.expect.equal('one', 1, 1);
    });
    const outcome = await run(async (t) => t.expectTraffic(await t.started()));
    expect(outcome).to.deep.include({ verdict: 'pass', detail: '' });
  });
});
