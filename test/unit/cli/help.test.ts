import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { type CommandName, COMMANDS } from '../../../cli/commandList';
import { packageRoot, sourceArguments } from '../../../testbench/runtime/package';
import { avp } from '../../support/cli';

/** Prints the files of the package that the command line has loaded. */
const LOADED = `
const { main } = require(${JSON.stringify(join(packageRoot(), 'cli/main.ts'))});
process.stdout.write = () => true;
void main(['--help']).then(() => process.stderr.write(JSON.stringify(Object.keys(require.cache))));
`;

describe('avp --help', () => {
  for (const name of Object.keys(COMMANDS) as CommandName[])
    it(`lists ${name} as the command itself shows its arguments`, async () => {
      const { status, out } = await avp(name, '--help');
      expect(status).to.equal(0);
      expect(out.split('\n')[0]).to.equal(['Usage: avp', name, '[options]', ...COMMANDS[name].args].join(' '));
      expect((await avp('--help')).out).to.include(`\n  ${[name, '[options]', ...COMMANDS[name].args].join(' ')} `);
    });

  it('loads neither driver nor emulator nor arena, so that it answers at once', () => {
    const { stderr } = spawnSync(process.execPath, [...sourceArguments(), '-e', LOADED], {
      cwd: packageRoot(),
      encoding: 'utf8',
    });
    const own = (JSON.parse(stderr) as string[]).map((file) => file.slice(packageRoot().length + 1));
    expect(own).to.include('cli/commandList.ts');
    expect(
      own.filter((file) => /^(driver|emulator|shared\/mem|cli\/commands|node_modules\/zod)\//.test(file)),
    ).to.deep.equal([]);
  });
});
