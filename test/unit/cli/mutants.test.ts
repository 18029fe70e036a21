import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { avp } from '../../support/cli';
import { TemporaryFolder } from '../../support/temporaryFolder';

interface ScoreJson {
  readonly mutants: readonly { readonly id: string; readonly caught: boolean; readonly by: readonly string[] }[];
  readonly cleanReports: number;
  readonly notCaught: readonly string[];
}

describe('avp mutants', function () {
  this.timeout(300_000);
  const folder = new TemporaryFolder().perTest();

  it('passes where each variant is caught, and writes its result and its page', async () => {
    const [json, page] = [folder.file('score.json'), folder.file('score.md')];
    const { status, out } = await avp('mutants', 'rx-crc-taken-off', '--engine', 'conform', '--json', json);
    expect(out).to.include('1 of 1 variants caught, 0 reports on the product');
    expect(status).to.equal(0);
    const { mutants, cleanReports } = JSON.parse(readFileSync(json, 'utf8')) as ScoreJson;
    expect(mutants).to.have.length(1);
    expect(mutants[0]).to.deep.include({ id: 'rx-crc-taken-off', caught: true, by: ['conform'] });
    expect(cleanReports).to.equal(0);
    expect((await avp('mutants', '--from', json, '--page', page)).status).to.equal(0);
    expect(readFileSync(page, 'utf8')).to.include('`rx-crc-taken-off`');
    expect(readFileSync(folder.file('score.svg'), 'utf8')).to.match(/^<svg /);
  });

  it('fails where no engine that takes part catches a variant, and says how to see it', async () => {
    const { status, out } = await avp('mutants', 'race-entry-no-fence', '--engine', 'conform');
    expect(status).to.equal(1);
    expect(out)
      .to.include('not caught:\n  race-entry-no-fence: ')
      .and.include('npx avp mutants race-entry-no-fence --all');
    expect(out).to.include('0 of 1 variants caught');
  });

  it('merges shards, and refuses options that are about clauses', async () => {
    const files = [1, 2].map((index) => folder.file(`${index}.json`));
    for (const [i, file] of files.entries())
      await avp(
        'mutants',
        'rx-crc-taken-off',
        'info-magic-unchecked',
        '--engine',
        'conform',
        '--shard',
        `${i + 1}/2`,
        '--json',
        file,
      );
    const { status, out } = await avp('merge', ...files, '--json', '-');
    expect(status).to.equal(0);
    expect((JSON.parse(out) as ScoreJson).mutants.map(({ id }) => id)).to.deep.equal([
      'info-magic-unchecked',
      'rx-crc-taken-off',
    ]);
    const refused = await avp('merge', ...files, '--junit', folder.file('junit.xml'));
    expect(refused.status).to.equal(2);
    expect(refused.err).to.include('--junit is for results of avp conform');
  });

  it('lists variants and engines', async () => {
    const { status, out } = await avp('mutants', '--list', 'rx-no-mbuf-limit', 'race-entry-no-fence');
    expect(status).to.equal(0);
    expect(out)
      .to.match(/^rx-no-mbuf-limit +R1 /m)
      .and.match(/^race-entry-no-fence /m)
      .and.match(/^hostile /m);
  });

  it('refuses what it does not know', async () => {
    const near = await avp('mutants', 'rx-no-mbuf-limits');
    expect(near.status).to.equal(2);
    expect(near.err).to.include("there is no broken variant 'rx-no-mbuf-limits': did you mean 'rx-no-mbuf-limit'?");
    const engine = await avp('mutants', '--engine', 'conforms');
    expect(engine.status).to.equal(2);
    expect(engine.err).to.include("there is no engine 'conforms': did you mean 'conform'?");
    expect((await avp('mutants', '--page', 'score.html')).status).to.equal(2);
  });
});
