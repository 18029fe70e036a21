import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../../testbench/runtime/package';
import { installPackage, type Project, run, runOrThrow } from './project';

/** Packing compiles everything, installing queries the registry, and the compiler checks all declaration files. */
const LIMIT_MS = 300_000;

describe('the packed package, the only dependency of another project', function () {
  this.timeout(LIMIT_MS);
  let project: Project;
  let folder: string;

  before(function () {
    const made = installPackage();
    if (typeof made === 'string') {
      process.stderr.write(`test of the packed package left out: ${made}\n`);
      return this.skip();
    }
    project = made;
    folder = made.folder;
    copyFileSync(join(folder, 'node_modules/avp-testbench/scenarios/template.ts'), join(folder, 'my.ts'));
    copyFileSync(join(packageRoot(), 'test/unit/package/fixture/consumer.ts'), join(folder, 'consumer.ts'));
  });
  after(() => project !== undefined && rmSync(dirname(folder), { recursive: true }));

  it('holds the product, its sources and documents, and no tests', () => {
    for (const file of [
      'dist/cli/avp.js',
      'dist/loops/driver.wasm',
      'dist/loops/emulator.wasm',
      'testbench/perf/hostLoop.c',
      'scenarios/captures/tagged.pcapng',
      'shared/PROTOCOL.md',
      'docs/writing-a-scenario.md',
      'LICENSE',
    ])
      expect(project.packed).to.include(file);
    expect(project.packed.filter((file) => /(^|\/)test\//.test(file))).to.deep.equal([]);
  });

  it('has an executable command, and everything that its README links to', () => {
    const [mode] = runOrThrow(folder, 'tar', 'tvzf', project.tarball, 'package/dist/cli/avp.js').split(' ');
    expect(mode).to.equal('-rwxr-xr-x');
    const text = readFileSync(join(folder, 'node_modules/avp-testbench/README.md'), 'utf8');
    const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link]) => link!);
    const own = links.filter((link) => !/^https?:/.test(link));
    expect(own.length).to.be.above(5);
    for (const link of own)
      expect(
        project.packed.some((file) => file === link || file.startsWith(`${link.replace(/\/$/, '')}/`)),
        link,
      ).to.equal(true);
  });

  it('has declaration maps that lead to its sources', () => {
    const maps = project.packed.filter((file) => file.endsWith('.d.ts.map'));
    expect(maps).to.include('dist/testbench/index.d.ts.map').and.include('dist/driver/index.d.ts.map');
    for (const map of maps) {
      const text = readFileSync(join(folder, 'node_modules/avp-testbench', map), 'utf8');
      for (const source of (JSON.parse(text) as { sources: string[] }).sources)
        expect(project.packed, map).to.include(join(dirname(map), source));
    }
  });

  it('exports the same to require and to import', () => {
    const { exports } = JSON.parse(readFileSync(join(folder, 'node_modules/avp-testbench/package.json'), 'utf8')) as {
      exports: Readonly<Record<string, unknown>>;
    };
    const names = Object.keys(exports)
      .filter((key) => !key.endsWith('.json'))
      .map((key) => `avp-testbench${key.slice(1)}`);
    expect(names).to.include.members(['avp-testbench', 'avp-testbench/target']);
    const program = `
      import { createRequire } from 'node:module';
      const require = createRequire(import.meta.url);
      for (const name of ${JSON.stringify(names)}) {
        const [imported, required] = [await import(name), require(name)];
        const lost = Object.keys(required).filter((key) => imported[key] !== required[key]);
        console.log(name, Object.keys(required).length > 0, lost.join());
      }`;
    writeFileSync(join(folder, 'exports.mjs'), program);
    const { status, out } = run(folder, process.execPath, 'exports.mjs');
    expect(out.split('\n').slice(0, -1)).to.deep.equal(names.map((name) => `${name} true `));
    expect(status).to.equal(0);
  });

  it("checks the types of a script with its own compiler, and keeps what it knows in the user's cache", () => {
    const good = readFileSync(join(folder, 'my.ts'), 'utf8');
    writeFileSync(join(folder, 'wrong.ts'), good.replace('talk.delivered', 'talk.deliverd'));
    const cache = join(dirname(folder), 'users');
    const { XDG_CACHE_HOME: former } = process.env;
    process.env['XDG_CACHE_HOME'] = cache;
    try {
      const wrong = run(folder, 'npx', 'avp', 'run', './wrong.ts');
      expect(wrong.out).to.match(/wrong\.ts:\d+:\d+ - error TS2551: Property 'deliverd'/);
      expect(wrong.status).to.equal(2);
      expect(run(folder, 'npx', 'avp', 'run', './my.ts')).to.include({ status: 0 });
      expect(readdirSync(join(cache, 'avp-testbench/checked-types'))).to.have.length(1);
    } finally {
      if (former === undefined) delete process.env['XDG_CACHE_HOME'];
      else process.env['XDG_CACHE_HOME'] = former;
    }
    expect(existsSync(join(folder, 'node_modules/avp-testbench/.cache'))).to.equal(false);
  });

  it('runs a copy of the template', () => {
    const { status, out } = run(folder, 'npx', 'avp', 'run', './my.ts', '--set', 'frames=20', '--seed', '5');
    expect(out).to.include('template: pass').and.include('seed 5');
    expect(status).to.equal(0);
  });

  it('runs the suite on a driver of the project, from the template and from a target of its own', () => {
    copyFileSync(join(folder, 'node_modules/avp-testbench/testbench/targetTemplate.ts'), join(folder, 'mine.ts'));
    const template = run(folder, 'npx', 'avp', 'conform', 'pci/1', '--target', './mine.ts');
    expect(template.out).to.include('this template has no driver behind it');
    copyFileSync(join(packageRoot(), 'test/support/targets/wrapped.ts'), join(folder, 'wrapped.ts'));
    const { status, out } = run(folder, 'npx', 'avp', 'conform', 'link', 'mac', '--target', './wrapped.ts');
    expect(out).to.include('✔ mac/1').and.include('✘ link/2');
    expect(out).to.include('replay: npx avp conform link/2 --seed 1 --target ./wrapped.ts');
    expect(status).to.equal(1);
  });

  it('runs a script in a project of ES modules', () => {
    const file = join(folder, 'package.json');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(before) as object), type: 'module' }));
    try {
      expect(run(folder, 'npx', 'avp', 'run', './my.ts').out).to.include('template: pass');
    } finally {
      writeFileSync(file, before);
    }
  });

  it('runs scripts that lie outside of any project where it is installed globally', () => {
    const top = dirname(folder);
    const prefix = join(top, 'global');
    runOrThrow(
      top,
      'npm',
      'install',
      '-g',
      '--prefix',
      prefix,
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      project.tarball,
    );
    for (const [name, type] of [
      ['cjs', 'commonjs'],
      ['esm', 'module'],
    ] as const) {
      const place = join(top, name);
      mkdirSync(place);
      writeFileSync(join(place, 'package.json'), JSON.stringify({ type }));
      copyFileSync(join(folder, 'my.ts'), join(place, 'mine.ts'));
      const { status, out } = run(top, join(prefix, 'bin/avp'), 'run', join(place, 'mine.ts'), '--set', 'frames=20');
      expect(out).to.include('template: pass');
      expect(status).to.equal(0);
    }
    const script = `import { scenario } from 'avp-testbench';
      import { ComputeNode } from 'avp-testbench/emulator';
      await Promise.resolve();
      export default scenario({ name: 'module', about: 'x' }, async (bench) => {
        bench.expect('the same package', bench.computeNode('n').node instanceof ComputeNode);
      });`;
    for (const name of ['esm/mine.js', 'mine.mjs', 'mine.js']) {
      writeFileSync(join(top, name), script);
      const { status, out } = run(top, join(prefix, 'bin/avp'), 'run', join(top, name));
      expect(out, name).to.include('module: pass');
      expect(status).to.equal(0);
    }
  });

  it('runs compiled loops of both sides, on its own accord and on request, and never silently without them', () => {
    const threads = run(folder, 'npx', 'avp', 'run', 'migrate-under-load', '--mode', 'threads');
    expect(threads.out).to.include('migrate-under-load: pass (mode threads, engine wasm)');
    const compiled = (): ReturnType<typeof run> =>
      run(folder, 'npx', 'avp', 'conform', 'rx/1', 'tx/1', '--engine', 'wasm');
    expect(compiled().out).to.include('engine wasm').and.include('2 clauses: 2 passed');
    const module = join(folder, 'node_modules/avp-testbench/dist/loops/driver.wasm');
    renameSync(module, `${module}.away`);
    try {
      expect(compiled().status).to.equal(2);
      expect(compiled().out).to.include('the compiled loops of driver/ are missing').and.not.include('passed');
    } finally {
      renameSync(`${module}.away`, module);
    }
  });

  it('names lines of its sources in stacks', () => {
    const driver = join(folder, 'node_modules/avp-testbench/dist/driver/port.js');
    const whole = readFileSync(driver, 'utf8');
    writeFileSync(driver, whole.replace('speedMbps: 10_000', "speedMbps: (() => { throw new Error('planted'); })()"));
    try {
      const { out } = run(folder, 'npx', 'avp', 'conform', 'link/2');
      expect(out)
        .to.match(/planted[^]*avp-testbench\/driver\/port\.ts:\d+:\d+/)
        .and.not.include('/dist/');
    } finally {
      writeFileSync(driver, whole);
    }
  });

  // Declaration files mean the same with each resolution: checking all of them once is enough.
  for (const [module, moduleResolution, skipLibCheck] of [
    ['nodenext', 'nodenext', 'false'],
    ['node16', 'node16', 'true'],
    ['esnext', 'bundler', 'true'],
  ] as const)
    it(`type-checks with moduleResolution ${moduleResolution}${skipLibCheck === 'true' ? '' : ', including its declaration files'}`, () => {
      const options = [
        '--noEmit',
        '--strict',
        '--target',
        'es2023',
        '--module',
        module,
        '--moduleResolution',
        moduleResolution,
      ];
      expect(
        run(
          folder,
          'npx',
          'tsc',
          ...options,
          '--skipLibCheck',
          skipLibCheck,
          'my.ts',
          'consumer.ts',
          'mine.ts',
          'wrapped.ts',
        ),
      ).to.include({
        status: 0,
      });
    });

  it('generates a test that fails while a clause fails and passes once the fault is mended', () => {
    const driver = join(folder, 'node_modules/avp-testbench/dist/driver/port.js');
    const whole = readFileSync(driver, 'utf8');
    const mocha = (): ReturnType<typeof run> =>
      run(
        folder,
        process.execPath,
        require.resolve('mocha/bin/mocha.js'),
        '--no-config',
        'bundle/link-2/reproduce.test.cjs',
      );
    writeFileSync(driver, whole.replace('speedMbps: 10_000', 'speedMbps: 1_000'));
    expect(run(folder, 'npx', 'avp', 'conform', 'link', '--bundle', 'bundle').status).to.equal(1);
    expect(readdirSync(join(folder, 'bundle'))).to.deep.equal(['link-2']);
    expect(mocha().out).to.include('1 failing').and.include('speed');
    writeFileSync(driver, whole);
    expect(mocha()).to.include({ status: 0 });
  });
});
