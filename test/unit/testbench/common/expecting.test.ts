import { expect } from 'chai';
import { UsageError } from '../../../../shared/errors';
import { ScenarioContext } from '../../../../testbench/common/context';
import { expecting, measuredText } from '../../../../testbench/common/expecting';

describe('expect of a bench', () => {
  function made(): { context: ScenarioContext; check: ReturnType<typeof expecting> } {
    const context = new ScenarioContext(1, new Map());
    return { context, check: expecting(context) };
  }

  it('takes ranges with their bounds, in every form', () => {
    const { context, check } = made();
    for (const actual of [9.999, 10, 10.001]) {
      check.atLeast('least', actual, 10);
      check.atMost('most', actual, 10);
      check.within('range', actual, 10, 10);
    }
    const held = (what: string): boolean[] =>
      context.expectations.filter((one) => one.what === what).map(({ ok }) => ok);
    expect(held('least')).to.deep.equal([false, true, true]);
    expect(held('most')).to.deep.equal([true, true, false]);
    expect(held('range')).to.deep.equal([false, true, false]);
    expect(context.failed).to.equal(true);
  });

  it('says what was expected and found, with the unit', () => {
    const { context, check } = made();
    check.atLeast('frames', 97, 100, 'frames');
    check.atMost('downtime', 31.25042, 20, 'ms');
    check.within('share', 3, 45, 55, '%');
    check.atLeast('without a unit', -1, 0);
    expect(context.details).to.deep.equal([
      'frames: expected at least 100 frames, actual 97 frames',
      'downtime: expected at most 20 ms, actual 31.25 ms',
      'share: expected from 45 to 55 %, actual 3 %',
      'without a unit: expected at least 0, actual -1',
    ]);
    const texts = context.expectations.map(({ measured }) => measuredText(measured!));
    expect(texts[1]).to.equal('31.25 ms, at most 20 ms');
    expect(context.expectations[1]).to.deep.equal({
      what: 'downtime',
      ok: false,
      measured: { actual: 31.25042, atMost: 20, unit: 'ms' },
    });
  });

  it('does not hold for NaN and for what is no number', () => {
    const { context, check } = made();
    for (const actual of [NaN, undefined, null, '50', {}]) check.within('x', actual as number, 0, 100, 'ms');
    expect(context.expectations.map(({ ok }) => ok)).to.deep.equal([false, false, false, false, false]);
    expect(context.details[1]).to.equal('x: expected from 0 to 100 ms, actual undefined');
    expect(measuredText(context.expectations[0]!.measured!)).to.equal('no finite number, from 0 to 100 ms');
    check.atLeast('x', Infinity, 5);
    expect(context.expectations.at(-1)).to.deep.include({ ok: true });
  });

  it('refuses bounds that make no range', () => {
    const { context, check } = made();
    expect(() => check.within('x', 1, 2, 1)).to.throw(UsageError, "expectation 'x': the bounds are 2 and 1");
    expect(() => check.atMost('x', 1, NaN)).to.throw(UsageError);
    expect(context.expectations).to.deep.equal([]);
  });

  it('still takes values', () => {
    const { context, check } = made();
    check('equal', [1, 2], [1, 2]);
    check('true', true);
    check('false', false);
    expect(context.expectations.map(({ ok }) => ok)).to.deep.equal([true, true, false]);
  });
});
