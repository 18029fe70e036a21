import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { avp } from '../../support/cli';
import { TemporaryFolder } from '../../support/temporaryFolder';

const WRONG = `import { scenario } from 'avp-testbench';
console.log('it runs');
export const wrong = scenario({ name: 'wrong', about: 'x' }, async (bench) => {
  const node: string = 5;
  bench.expect('one', 1, 1);
});`;

describe('avp run, given a script with a type error', function () {
  this.timeout(240_000);
  const folder = new TemporaryFolder().perTest();

  it('refuses it before it runs, and runs it with --no-check', async () => {
    const file = folder.file('wrong.ts');
    writeFileSync(file, WRONG);
    const { status, out, err } = await avp('run', file);
    expect([status, out]).to.deep.equal([2, '']);
    expect(err).to.match(/wrong\.ts:4:9 - error TS2322: [^\n]+\n\n4 {3}const node: string = 5;\n +~~~~\n/);
    expect(err).to.include(`avp: ${file} has a type error: mend it, or run it with --no-check\n`);
    const unchecked = await avp('run', file, '--no-check');
    expect(unchecked.status).to.equal(0);
    expect(unchecked.out).to.include('it runs').and.include('wrong: pass');
    const every = await avp('run', file, '--every-fault', 'ctrl');
    expect(every.status).to.equal(2);
    expect(every.err).to.include('has a type error');
  });
});
