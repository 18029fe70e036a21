import { expect } from 'chai';
import { UsageError } from '../../../../shared/errors';
import type { Scenario } from '../../../../testbench/api/scenario';
import type { InlineBench } from '../../../../testbench/inline/bench';
import type { Completion } from '../../../../testbench/shell/protocol';
import { talk } from '../../../support/shell/scriptedShell';

function scenarioOf(body: (bench: InlineBench) => Promise<void>): Scenario<InlineBench> {
  return { name: 'mine', about: 'a test', body };
}

/** Boots an instance, and then does what the test says. */
function withNic(then: (bench: InlineBench) => Promise<void>): Scenario<InlineBench> {
  return scenarioOf(async (bench) => {
    bench.computeNode('here').boot('vm', ['net-id=A,vif-model=avp']);
    await then(bench);
  });
}

async function stopsOf(scenario: Scenario<InlineBench>, ...lines: string[]): Promise<string[]> {
  const { first, replies } = await talk(lines, { scenario });
  return [first, ...replies].map(({ text }) => text);
}

describe('the prompt of a scenario', () => {
  it('comes when everything is booted, before the first call that lets time pass', async () => {
    const scenario = withNic((bench) => bench.runFor(100));
    const { first, replies } = await talk(['nodes'], { scenario });
    expect(first.text).to.equal('next is bench.runFor');
    expect(replies[0]!.text).to.include('vm.nic0');
  });

  it('stops within a call, wherever the user says, and the script goes on from there', async () => {
    const seen: number[] = [];
    const scenario = withNic(async (bench) => {
      await bench.runFor(100);
      seen.push(bench.nowMs);
    });
    const { first, replies } = await talk(['run 10ms', 'step', 'run'], { scenario });
    expect(replies.map(({ atMs }) => atMs - first.atMs)).to.deep.equal([10, 11, 100]);
    expect(seen).to.deep.equal([first.atMs + 100]);
    expect(replies[2]!.text).to.equal('the scenario has ended: 0 of 0 expectations hold');
  });

  it('comes where the script pauses', async () => {
    const scenario = withNic(async (bench) => {
      bench.pause('one');
      await bench.runFor(5);
      bench.pause();
    });
    expect(await stopsOf(scenario, 'run', 'run')).to.deep.equal([
      'pause: one',
      'pause',
      'the scenario has ended: 0 of 0 expectations hold',
    ]);
  });

  it('comes at an expectation that does not hold', async () => {
    const scenario = withNic(async (bench) => {
      await bench.runFor(5);
      bench.expect('right', 1, 1);
      bench.expect('wrong', 1, 2);
      bench.expect.atMost('long', 9, 8, 'ms');
    });
    const [, equal, most, end] = await stopsOf(scenario, 'run', 'run', 'run');
    expect(equal).to.equal('an expectation does not hold: wrong: expected 2, actual 1');
    expect(most).to.match(/long.*8 ms/);
    expect(end).to.include('1 of 3 expectations hold');
  });

  it('goes from call to call of the script', async () => {
    const scenario = withNic(async (bench) => {
      await bench.runFor(5);
      await bench.settle();
      await bench.runFor(5);
    });
    const [first, second, third, end] = await stopsOf(scenario, 'next', 'next', 'next');
    expect([first, second, third]).to.deep.equal([
      'next is bench.runFor',
      'next is bench.settle',
      'next is bench.runFor',
    ]);
    expect(end).to.include('has ended');
  });

  it('comes where the script throws, and the nodes can still be looked at', async () => {
    const scenario = withNic(async (bench) => {
      await bench.runFor(5);
      throw new Error('oh no');
    });
    const { replies } = await talk(['run', 'step', 'registers'], { scenario });
    expect(replies[0]!.text).to.include('ended with an error').and.include('oh no');
    expect(replies.map(({ ok }) => ok)).to.deep.equal([true, true, true]);
  });

  it('does not come for a script that refuses to begin', async () => {
    const scenario = scenarioOf(() => Promise.reject(new UsageError('no such file')));
    const error = await talk([], { scenario }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(UsageError);
  });

  it('puts no limit on time, and keeps the one of the scenario out', async () => {
    const scenario = { ...withNic((bench) => bench.runFor(5)), limits: { virtualMs: 20 } };
    const { replies } = await talk(['run', 'run 5s'], { scenario });
    expect(replies.map(({ ok, text }) => [ok, text])).to.deep.include([true, '']);
  });

  it('shows a wrong access of the driver, and goes on', async () => {
    const { replies } = await talk(['feed nic0', 'poke nic0 rx0.slot[0] 1', 'step', 'stats nic0']);
    expect(replies.map(({ ok }) => ok)).to.deep.equal([true, true, true, true]);
    expect(replies[3]!.text).to.match(/driver .*dropped/);
  });
});

describe('completion at the prompt', () => {
  async function completed(line: string, ...before: string[]): Promise<Completion> {
    const { completions } = await talk([...before, { complete: line }]);
    return completions[0]!;
  }

  const CASES: readonly (readonly [line: string, part: string, candidates: readonly string[]])[] = [
    ['', '', []],
    ['reg', 'reg', ['registers']],
    ['registers ', '', ['nic0']],
    ['peek n', 'n', ['nic0']],
    ['peek nic0 mig', 'mig', ['migration_status', 'migration_ack']],
    [
      'peek nic0 device_info.ma',
      'device_info.ma',
      ['device_info.magic', 'device_info.max_rx_queues', 'device_info.max_tx_queues', 'device_info.max_rx_pkt_len'],
    ],
    ['poke nic0 device', 'device', ['device_info.']],
    ['peek nic0 migration_ack rx0.w', 'rx0.w', ['rx0.write']],
    ['peek nic0 rx7.desc[0].data_', 'rx7.desc[0].data_', ['rx7.desc[0].data_len']],
    ['rings nic0 res', 'res', ['resp0']],
    ['help unp', 'unp', ['unplug']],
    ['fault ad', 'ad', ['add']],
    ['fault add ctrl.late', 'ctrl.late', ['ctrl.late-response']],
    ['migrate ', '', ['vm']],
    ['migrate vm compute-1', 'compute-1', ['compute-1']],
    ['nonsense ', '', []],
    ['peek nic9 ', '', []],
    ['quit ', '', []],
  ];
  for (const [line, part, candidates] of CASES)
    it(`of '${line}'`, async () => {
      const found = await completed(line);
      expect(found.part).to.equal(part);
      if (line === '') expect(found.candidates).to.include.members(['help', 'peek', 'fault']);
      else expect(found.candidates).to.deep.equal(candidates);
    });

  it('names NICs in full where several have the same number', async () => {
    const { candidates } = await completed('stats ', 'boot compute-1 peer net-id=A,vif-model=avp');
    expect(candidates).to.deep.equal(['vm.nic0', 'peer.nic0']);
  });
});
