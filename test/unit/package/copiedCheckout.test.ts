import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { newestFetched } from '../../../testbench/peers/dpdk/fetchPeer';
import { packageRoot } from '../../../testbench/runtime/package';
import { copyCheckout, copyCommand } from '../../support/checkoutCopy';
import { requirePeer } from '../../support/dpdkPackages';
import { TemporaryFolder } from '../../support/temporaryFolder';

/** The user that owns nothing. Root may write whatever the modes say. */
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

interface Ended {
  readonly status: number | null;
  readonly out: string;
}

describe('a checkout at a path with a space and a colon', function () {
  this.timeout(600_000);
  const folder = new TemporaryFolder().perSuite();
  let copy: string;
  /** Home of the user of the checkout. */
  let home: string;
  let asUser: readonly string[] = [];

  before(() => {
    copy = copyCheckout(folder.file('a b:c'));
    home = folder.file('home');
    mkdirSync(home);
  });

  function run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Ended {
    const { NODE_OPTIONS: _options, XDG_CACHE_HOME: _cache, ...own } = process.env;
    const [program, ...args] = [...asUser, ...words];
    const settings = { env: { ...own, HOME: home, ...env }, encoding: 'utf8', cwd: home, timeout: 300_000 } as const;
    const { status, stdout, stderr } = spawnSync(program!, args, settings);
    return { status, out: `${stdout}${stderr}` };
  }

  function passes(...args: readonly string[]): void {
    const result = join(home, 'result.json');
    rmSync(result, { force: true });
    const { status, out } = run([...copyCommand(copy), ...args, '--json', result]);
    expect(status, out).to.equal(0);
    expect(JSON.parse(readFileSync(result, 'utf8'))).to.have.nested.property('counts.pass', 1);
  }

  it("passes a clause with DPDK's driver", function () {
    requirePeer(this, 'no checkout at such a path was tried with DPDK');
    passes('conform', 'pci/1', '--target', 'dpdk');
    expect(existsSync(join(home, '.cache'))).to.be.false;
  });

  describe('that cannot be written', () => {
    let found: readonly string[];

    const listed = (): string[] =>
      (readdirSync(copy, { recursive: true }) as string[])
        .map((name) => `${name} ${lstatSync(join(copy, name)).mtimeMs}`)
        .sort();

    before(function () {
      if (process.getuid?.() === 0) {
        if (spawnSync('setpriv', ['--version']).error !== undefined) {
          process.stdout.write('      no setpriv, with which root becomes another user: not tested\n');
          return this.skip();
        }
        asUser = NOBODY;
        for (const path of [folder.path, home]) chmodSync(path, 0o755);
        spawnSync('chown', ['65534', home]);
      } else spawnSync('chmod', ['-R', 'a-w', copy]);
      if (run(['test', '-r', join(packageRoot(), 'package.json'), '-a', '!', '-w', copy]).status !== 0) {
        process.stdout.write('      the user nobody cannot read this checkout: not tested\n');
        return this.skip();
      }
      found = listed();
    });
    after(() => spawnSync('chmod', ['-R', 'u+w', copy]));
    afterEach(() => expect(listed()).to.deep.equal(found));

    it('runs clauses', () => passes('conform', 'pci/1'));

    it('runs a script of its user', () => {
      const script = join(home, 'mine.ts');
      copyFileSync(join(packageRoot(), 'scenarios/template.ts'), script);
      const { status, out } = run([...copyCommand(copy), 'run', script]);
      expect(status, out).to.equal(0);
    });

    it("runs DPDK's driver, with a cache of the user", function () {
      requirePeer(this, 'no checkout that cannot be written was tried with DPDK');
      passes('conform', 'pci/1', '--target', 'dpdk');
      const cache = join(home, '.cache/avp-testbench/dpdk');
      expect(readdirSync(cache).filter((name) => name.startsWith('shim-'))).to.have.length(1);
      expect(newestFetched(cache), 'packages of the checkout are used').to.equal(null);
    });
  });
});
