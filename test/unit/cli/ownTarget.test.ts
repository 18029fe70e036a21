import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ResultFile } from '../../../testbench/conformance/result';
import { packageRoot } from '../../../testbench/runtime/package';
import { avp } from '../../support/cli';
import { TemporaryFolder } from '../../support/temporaryFolder';

const WRAPPED = join(packageRoot(), 'test/support/targets/wrapped.ts');
const TEMPLATE = join(packageRoot(), 'testbench/targetTemplate.ts');

describe('a target of another project', () => {
  const folder = new TemporaryFolder().perTest();

  function script(text: string): string {
    const file = folder.file('mine.ts');
    writeFileSync(file, text);
    return file;
  }

  it('runs through the suite under its own name, and fails where its driver is wrong', async () => {
    const { status, out, err } = await avp('conform', 'link', 'mac', '--target', WRAPPED, '--json', '-');
    expect(status, err).to.equal(1);
    const { target, versions, clauses } = JSON.parse(out) as ResultFile;
    expect(target).to.equal('wrapped');
    expect(versions.target).to.equal('2.3.4');
    const verdicts = new Map(clauses.map(({ id, verdict }) => [id, verdict]));
    expect(verdicts.get('mac/1')).to.equal('pass');
    const failed = clauses.find(({ id }) => id === 'link/2');
    expect(failed).to.include({ verdict: 'fail' });
    expect(failed!.detail).to.match(/duplex/i);
    expect(failed!.replay).to.equal(`npx avp conform link/2 --seed 1 --target ${WRAPPED}`);
    expect(clauses.filter(({ verdict }) => verdict === 'skip').map(({ detail }) => detail)).to.satisfy(
      (details: string[]) => details.every((detail) => detail.startsWith('target wrapped lacks the capability')),
    );
  });

  it('is compared with others, and waived by its name', async () => {
    const waivers = folder.file('waivers.json');
    writeFileSync(
      waivers,
      JSON.stringify([{ id: 'link/2', target: 'wrapped', reason: 'half duplex', expires: '2099-12-31' }]),
    );
    const { status, out } = await avp('conform', 'link/2', '--target', `avp,${WRAPPED}`, '--waivers', waivers);
    expect(out).to.match(/^link\/2 +pass +waived/m);
    expect(status).to.equal(0);
  });

  it('may start from the template, which refuses every probe', async () => {
    const { status, out } = await avp('conform', 'pci/1', '--target', TEMPLATE);
    expect(out).to.include('this template has no driver behind it');
    expect(status).to.equal(1);
  });

  const form = `{ name: 'mine', capabilities: new Set(), open: async () => { throw new Error('unused'); } }`;
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['no target', 'export const one = 5;', /expected 'export const NAME: Target/],
    ['a name of the package', `export const t = ${form.replace('mine', 'dpdk')};`, /called 'dpdk': expected a lower/],
    ['a name with spaces', `export const t = ${form.replace('mine', 'my own')};`, /called 'my own': expected a lower/],
    ['an unknown capability', `export const t = ${form.replace('Set()', "Set(['x'])")};`, /the capability 'x', which/],
    ['an error', `throw new Error('no such card');`, /cannot load .*mine\.ts: no such card/],
  ];
  for (const [what, text, says] of wrong)
    it(`is refused with ${what}, before the first clause`, async () => {
      const { status, err } = await avp('conform', 'pci/1', '--target', script(text));
      expect(err).to.match(says);
      expect(status).to.equal(2);
    });

  it('is refused where there is no such script', async () => {
    for (const [path, says] of [
      ['./nowhere.ts', /--target \.\/nowhere\.ts: there is no such file/],
      ['./README.md', /--target \.\/README\.md: this is no script/],
      ['mine.ts', /expected avp, .*a path such as \.\/mine\.ts/],
    ] as const) {
      const { status, err } = await avp('conform', 'pci/1', '--target', path);
      expect(err).to.match(says);
      expect(status).to.equal(2);
    }
  });

  it('is refused beside another one of its name', async () => {
    const other = script(`export const t = ${form.replace('mine', 'wrapped')};`);
    const { status, err } = await avp('conform', 'pci/1', '--target', `${WRAPPED},${other}`);
    expect(err).to.include("two targets are called 'wrapped'");
    expect(status).to.equal(2);
  });
});
