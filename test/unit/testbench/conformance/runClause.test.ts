import { expect } from 'chai';
import type { ClauseText } from '../../../../testbench/conformance/clause';
import { runClause } from '../../../../testbench/conformance/runClause';
import type { ClauseOutcome } from '../../../../testbench/conformance/verdict';
import { avpTarget } from '../../../../testbench/targets/avp/target';
import { DriverCrashed } from '../../../../testbench/targets/target';
import { someClause } from './clauses';

async function outcomeOf(over: Partial<ClauseText>): Promise<ClauseOutcome> {
  return runClause(someClause('rx/1', over), avpTarget, 3);
}

describe('verdict of a clause', () => {
  it('is pass if every check holds', async () => {
    expect(await outcomeOf({})).to.include({ verdict: 'pass', detail: '' });
  });

  it('is fail if a check does not hold, with requirement, expected and actual', async () => {
    const { verdict, detail } = await outcomeOf({ run: async (t) => t.expect.equal('sum', 3, 4) });
    expect(verdict).to.equal('fail');
    expect(detail).to.equal('requirement: a requirement\nexpected: sum: 4\nactual: 3');
  });

  it('is fail if the driver crashes', async () => {
    const { verdict, detail } = await outcomeOf({
      run: async () => {
        throw new DriverCrashed('it did');
      },
    });
    expect(verdict).to.equal('fail');
    expect(detail).to.include('actual: it did');
  });

  it('is skip if the target lacks a capability that the clause needs', async () => {
    const bare = { ...avpTarget, capabilities: new Set<never>() };
    const outcome = await runClause(someClause('rx/1', { needs: ['mbuf-balance'] }), bare, 3);
    expect(outcome.verdict).to.equal('skip');
    expect(outcome.detail).to.include('mbuf-balance');
  });

  it('is blocked if the set-up fails', async () => {
    const { verdict, detail } = await outcomeOf({
      run: async (t) => {
        const nic = t.plug();
        nic.overwrite({ struct: 'device_info' }, 'magic', 1);
        await t.started({ plugged: nic });
      },
    });
    expect(verdict).to.equal('blocked');
    expect(detail).to.match(/^probe was refused with EINVAL: .*magic/);
  });

  it('is error if the clause itself is broken or checks nothing', async () => {
    expect((await outcomeOf({ run: async () => void [].at(0)!['x'] })).verdict).to.equal('error');
    expect(await outcomeOf({ run: async () => undefined })).to.include({
      verdict: 'error',
      detail: 'the clause has checked nothing',
    });
  });

  it('depends only on the seed and the clause', async () => {
    const drawn: number[] = [];
    const over: Partial<ClauseText> = { run: async (t) => t.expect.atLeast('drawn', drawn.push(t.random.u32()), 1) };
    for (const [id, seed] of [
      ['rx/1', 3],
      ['rx/2', 3],
      ['rx/1', 4],
      ['rx/1', 3],
    ] as const)
      await runClause(someClause(id, over), avpTarget, seed);
    expect(drawn[0]).to.equal(drawn[3]);
    expect(new Set(drawn).size).to.equal(3);
  });
});
