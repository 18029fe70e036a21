import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { UsageError } from '../../../../shared/errors';
import type { ClauseVerdict } from '../../../../testbench/conformance/verdict';
import {
  dayOf,
  isWaiverFinding,
  mergeWaivers,
  readWaivers,
  type Waiver,
  WaiverBook,
  waiverNote,
} from '../../../../testbench/conformance/waivers';
import { someResult } from './results';
import { TemporaryFolder } from '../../../support/temporaryFolder';

const TODAY = '2026-05-10';

function waiver(id: string, over: Partial<Waiver> = {}): Waiver {
  return { id, target: 'avp', reason: 'known', expires: TODAY, ...over };
}

function book(...waivers: readonly Waiver[]): WaiverBook {
  const knownIds = new Set(['rx/1', 'rx/2', 'rx/3']);
  return new WaiverBook(waivers, { target: 'avp', knownTargets: ['avp', 'dpdk'], knownIds, today: TODAY });
}

/** The state of a waiver after its clause ended with `verdict`, or null if it did not run. */
function stateAfter(verdict: ClauseVerdict | null, over: Partial<Waiver> = {}): string {
  const one = book(waiver('rx/1', over));
  if (verdict !== null) one.judge(someResult('rx/1', verdict, verdict === 'pass' ? '' : 'text'));
  const [judged] = one.report();
  return `${judged!.state}${isWaiverFinding(judged!) ? ' (finding)' : ''}`;
}

describe('waivers', () => {
  it('give a failure a verdict of its own that names the reason, the last day and the failure', () => {
    const judged = book(waiver('rx/1')).judge(someResult('rx/1', 'fail', 'requirement: r\nexpected: e\nactual: a'));
    expect(judged.verdict).to.equal('waived');
    expect(judged.detail).to.equal('waived until 2026-05-10: known\nrequirement: r\nexpected: e\nactual: a');
    expect(waiverNote(judged)).to.equal('waived until 2026-05-10: known');
  });

  it('of a driver hold for each of its releases, and those of a release for that one', () => {
    const settings = { knownTargets: ['dpdk', 'dpdk@1', 'dpdk@2'], knownIds: new Set(['rx/1', 'rx/2', 'rx/3']) };
    const waivers = [
      waiver('rx/1', { target: 'dpdk' }),
      waiver('rx/2', { target: 'dpdk@1' }),
      waiver('rx/3', { target: 'dpdk@2' }),
    ];
    const run = new WaiverBook(waivers, { ...settings, target: 'dpdk@1', widerTargets: ['dpdk'], today: TODAY });
    const verdicts = waivers.map(({ id }) => run.judge(someResult(id, 'fail', 'text')).verdict);
    expect(verdicts).to.deep.equal(['waived', 'waived', 'fail']);
    expect(run.report().map(({ state }) => state)).to.deep.equal(['used', 'used', 'unjudged']);
    // A run on a build of the user's own is about no release.
    const own = new WaiverBook(waivers, { ...settings, target: 'dpdk', today: TODAY });
    expect(waivers.map(({ id }) => own.judge(someResult(id, 'fail', 'text')).verdict)).to.deep.equal([
      'waived',
      'fail',
      'fail',
    ]);
  });

  it('keep a reason of several lines in the first line', () => {
    const judged = book(waiver('rx/1', { reason: 'known\n  since 2.0' })).judge(
      someResult('rx/1', 'fail', 'requirement: r'),
    );
    expect(judged.detail).to.equal('waived until 2026-05-10: known since 2.0\nrequirement: r');
  });

  it('leave all other results unchanged', () => {
    const one = book(waiver('rx/1'));
    for (const result of [
      someResult('rx/1', 'error', 'x'),
      someResult('rx/1', 'blocked', 'x'),
      someResult('rx/2', 'fail', 'x'),
      someResult('rx/1', 'pass'),
    ])
      expect(one.judge(result)).to.equal(result);
    expect(book(waiver('rx/1', { target: 'dpdk' })).judge(someResult('rx/1', 'fail', 'x')).verdict).to.equal('fail');
    expect(book(waiver('rx/1', { expires: '2026-05-09' })).judge(someResult('rx/1', 'fail', 'x')).verdict).to.equal(
      'fail',
    );
  });

  it('are findings if they turn out to be unused', () => {
    expect(stateAfter('fail')).to.equal('used');
    expect(stateAfter('pass')).to.equal('unused (finding)');
    expect(stateAfter('skip')).to.equal('unused (finding)');
    expect(stateAfter(null)).to.equal('unjudged');
    expect(stateAfter('error')).to.equal('unjudged');
    expect(stateAfter('blocked')).to.equal('unjudged');
    expect(stateAfter('fail', { target: 'dpdk' })).to.equal('unjudged');
  });

  it('are findings if they have expired and their clause ran', () => {
    for (const verdict of ['fail', 'pass'] as const)
      expect(stateAfter(verdict, { expires: '2026-05-09' })).to.equal('expired (finding)');
    expect(stateAfter(null, { expires: '2026-05-09' })).to.equal('unjudged');
    expect(stateAfter('fail', { expires: '2026-05-09', target: 'dpdk' })).to.equal('unjudged');
  });

  it('are findings if they name no clause of this target, or no target, whatever ran', () => {
    expect(stateAfter('fail', { id: 'rx/99', target: 'dpdk' })).to.equal('unjudged');
    for (const verdict of ['fail', 'pass', null] as const) {
      expect(stateAfter(verdict, { id: 'rx/99' })).to.equal('unknown (finding)');
      expect(stateAfter(verdict, { target: 'nobody' })).to.equal('unknown (finding)');
    }
  });

  it('of several shards are judged by the shard that ran the clause', () => {
    const [ran, other] = [book(waiver('rx/1')), book(waiver('rx/1'))];
    ran.judge(someResult('rx/1', 'fail', 'x'));
    for (const parts of [
      [ran, other],
      [other, ran],
    ])
      expect(mergeWaivers(parts.map((part) => part.report())).map(({ state }) => state)).to.deep.equal(['used']);
  });

  it('expire by the day in UTC', () => {
    expect(dayOf(new Date('2026-05-10T23:59:59.999Z'))).to.equal(TODAY);
  });
});

describe('a waiver file', () => {
  const folder = new TemporaryFolder().perTest();

  function written(content: unknown): string {
    const file = folder.file('waivers.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  }

  it('is read', () => {
    expect(readWaivers(written([waiver('rx/1')]))).to.deep.equal([waiver('rx/1')]);
    expect(readWaivers(written([]))).to.deep.equal([]);
  });

  it('may begin with a byte-order mark', () => {
    expect(readWaivers(written('\uFEFF[]'))).to.deep.equal([]);
  });

  const wrong: readonly (readonly [string, unknown, RegExp])[] = [
    ['text that is not JSON', '[{', /is no JSON/],
    ['an object instead of a list', {}, /expected array/],
    ['no reason', [{ ...waiver('rx/1'), reason: ' ' }], /\[0\]\.reason/],
    ['a missing field', [{ id: 'rx/1', target: 'avp', reason: 'x' }], /\[0\]\.expires/],
    ['an unknown field', [{ ...waiver('rx/1'), untill: 'x' }], /untill/],
    ['a day that does not exist', [waiver('rx/1', { expires: '2026-02-30' })], /\[0\]\.expires: .*date/],
    ['another form of day', [waiver('rx/1', { expires: '10.5.2026' })], /\[0\]\.expires/],
    ['the same twice', [waiver('rx/1'), waiver('rx/1', { reason: 'other' })], /waives rx\/1 for avp twice/],
  ];
  for (const [what, content, says] of wrong)
    it(`is refused in one line with ${what}`, () => {
      expect(() => readWaivers(written(content)))
        .to.throw(UsageError, says)
        .with.property('message')
        .that.does.not.include('\n');
    });

  it('is refused if it does not exist', () => {
    expect(() => readWaivers(folder.file('none.json'))).to.throw(UsageError, /cannot read .*none\.json/);
  });
});
