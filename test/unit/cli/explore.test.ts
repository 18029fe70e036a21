import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { avp } from '../../support/cli';
import { TemporaryFolder } from '../../support/temporaryFolder';

interface Result {
  readonly complete: boolean;
  readonly schedules: { readonly possible: number | null; readonly run: number };
  readonly bound: unknown;
  readonly savedByReduction: number;
  readonly failures: readonly { readonly token: string; readonly what: string; readonly replay: string }[];
}

describe('avp explore', function () {
  this.timeout(300_000);
  const folder = new TemporaryFolder().perTest();

  it('lists the checks', async () => {
    const { status, out } = await avp('explore', '--list');
    expect(status).to.equal(0);
    expect(out).to.match(/^fifo +\S/m);
  });

  it('enumerates a check, and says up to what', async () => {
    const { status, out, err } = await avp('explore', 'fifo', '--preemptions', '1', '--json', '-');
    const result = JSON.parse(out) as Result;
    expect(status).to.equal(0);
    expect(result).to.deep.include({
      complete: true,
      bound: { preemptions: 1, holds: 'bounded by progress' },
      failures: [],
    });
    expect(err).to.contain('every schedule with at most 1 preemptions').and.to.contain('found nothing');
    const all = await avp('explore', 'fifo', '--preemptions', '1', '--no-reduction', '--json', '-');
    const { schedules } = JSON.parse(all.out) as Result;
    expect(schedules.possible).to.equal(schedules.run).and.to.be.at.least(result.schedules.run);
  });

  it('finds a broken variant, and repeats the schedule that it printed', async () => {
    const check = ['explore', 'detach', '--memory', 'sc', '--mutant', 'migrate-burst-not-awaited'];
    const found = await avp(...check, '--scheduler', 'pct', '--depth', '4', '--jobs', '1', '--json', '-');
    expect(found.status).to.equal(1);
    const [failure] = (JSON.parse(found.out) as Result).failures;
    const [html, trace] = [folder.file('lanes.html'), folder.file('lanes.json')];
    const again = await avp(...check, '--replay', failure!.token, '--html', html, '--trace', trace);
    expect(again.status).to.equal(1);
    expect(again.out)
      .to.contain(failure!.what)
      .and.to.contain(`repeat it: avp ${check.join(' ')} --replay E1.`);
    expect(readFileSync(html, 'utf8')).to.contain(failure!.token);
    expect(JSON.parse(readFileSync(trace, 'utf8'))).to.have.property('traceEvents');
    const other = await avp('explore', 'detach', '--replay', failure!.token);
    expect(other).to.include({ status: 2 });
    expect(other.err).to.contain('it belongs to another check');
  });

  it('takes races for broken variants, and finds one', async () => {
    const check = ['explore', 'fifo', '--mutant', 'race-fifo-index-before-slot', '--scheduler', 'pct', '--jobs', '1'];
    const { status, out } = await avp(...check, '--json', '-');
    expect(status).to.equal(1);
    expect((JSON.parse(out) as Result).failures).to.have.length(1);
  });

  it('refuses what it does not know with status 2', async () => {
    for (const [args, message] of [
      [[], 'which check?'],
      [['nothing-like-that'], 'no check is called'],
      [['fifo', '--mutant', 'nothing'], 'no such broken variant'],
      [['fifo', '--scheduler', 'best'], 'expected dfs, random, pct, pos, surw'],
      [['fifo', '--until', 'detached'], '--until says when --hold ends'],
      [['fifo', '--hold', 'nobody'], 'has no actor'],
      [['fifo', '--replay', 'S1.A.B.C.D'], "it does not begin with 'E1.'"],
    ] as const) {
      const { status, err } = await avp('explore', ...args);
      expect(status, args.join(' ')).to.equal(2);
      expect(err, args.join(' ')).to.contain(message);
    }
  });
});
