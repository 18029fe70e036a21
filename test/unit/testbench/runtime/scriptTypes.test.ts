import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { restore, spy } from 'sinon';
import { UsageError } from '../../../../shared/errors';
import { requireTypes } from '../../../../testbench/runtime/scriptTypes';
import * as typeProgram from '../../../../testbench/runtime/typeProgram';
import { TemporaryFolder } from '../../../support/temporaryFolder';

const HEAD = "import { scenario } from 'avp-testbench';\n";

describe('the type check of a script', function () {
  // The compiler reads the source of the package.
  this.timeout(240_000);
  const folder = new TemporaryFolder().perTest();
  const { AVP_CACHE: former } = process.env;
  beforeEach(() => {
    process.env['AVP_CACHE'] = folder.file('cache');
  });
  afterEach(() => {
    restore();
    if (former === undefined) delete process.env['AVP_CACHE'];
    else process.env['AVP_CACHE'] = former;
  });

  function written(name: string, text: string): string {
    const file = folder.file(name);
    writeFileSync(file, text);
    return file;
  }

  /** Returns the output of the check without colours, empty if it finds no mistake. */
  function problems(file: string): string {
    let shown = '';
    try {
      requireTypes(file, (text) => (shown += stripVTControlCharacters(text)));
    } catch (error) {
      expect(error).to.be.instanceOf(UsageError);
      expect(shown, 'errors are shown before they are refused').to.not.equal('');
    }
    return shown;
  }

  it('shows file, line, column and source of an error, also in what the script imports', () => {
    const script = written(
      'mine.ts',
      `${HEAD}import { frames } from './helper';
export const mine = scenario({ name: 'mine', about: 'x' }, async (bench) => {
  bench.expct('x', frames + process.argv.length);
});`,
    );
    written('helper.ts', "export const frames: number = 'ten';");
    const text = problems(script);
    expect(text).to.match(/mine\.ts:4:9 - error TS2551: Property 'expct'[^]*4 {3}bench\.expct\('x'[^]*~~~~~/);
    expect(text).to.match(/helper\.ts:1:14 - error TS2322/);
    expect(text.match(/ - error /g)).to.have.length(2);
  });

  it('is not repeated until a file that it has read changes', () => {
    const script = written('mine.ts', "import { x } from './helper';\nexport const y: number = x;");
    written('helper.ts', 'export const x = 1;');
    const checks = spy(typeProgram, 'checkTypes');
    for (let times = 0; times < 3; times++) expect(problems(script)).to.equal('');
    expect(checks.callCount).to.equal(1);
    written('helper.ts', "export const x = 'one';");
    expect(problems(script)).to.include('mine.ts:2:14 - error TS2322');
    written('helper.ts', 'export const x = 1;');
    expect(problems(script)).to.equal('');
  });

  it('is as strict as the tsconfig.json of the script, with what it extends', () => {
    const script = written('mine.ts', 'const unused = 1;\nexport function same(value) { return value; }');
    expect(problems(script)).to.include("Parameter 'value' implicitly has an 'any' type");
    written('base.json', '{ "compilerOptions": { "strict": false, "noUnusedLocals": true } }');
    written('tsconfig.json', '{ "extends": "./base.json", "include": ["nothing"] }');
    expect(problems(script)).to.equal('');
    written('tsconfig.json', '{ "compilerOptions": { "strct": true } }');
    expect(problems(script)).to.match(/tsconfig\.json:1:\d+ - error TS5025: Unknown compiler option 'strct'/);
  });

  it('knows the counters and the causes of drops by name', () => {
    const script = written(
      'mine.ts',
      `${HEAD}export const mine = scenario({ name: 'mine', about: 'x' }, async (bench) => {
  const port = bench.computeNode('n').boot('vm', ['net-id=a,vif-model=avp']).port('a');
  const { toGuest, fromGuest, control } = port.nic.device!.inspect.stats();
  bench.expect('these are', toGuest.dropped.noBuffers + fromGuest.dropped.notLent + control.requests, 0);
  bench.expect('these are not', toGuest.dropped.noBufer + fromGuest.dropped.noBuffers + control.request, 0);
  bench.expect('these are', bench.traffic().lostByCause['host lostAtDetach'], bench.accounts()[0]!.dropped['guest no_mbuf']);
  bench.expect('these are not', bench.traffic().lostByCause['host lostAtDetatch'], bench.accounts()[0]!.dropped['guest nombuf']);
});`,
    );
    const text = problems(script);
    expect(text.match(/mine\.ts:\d+:\d+ - error TS\d+/g)).to.have.length(5);
    for (const name of ['noBufer', 'noBuffers', 'request', 'lostAtDetatch', 'nombuf']) expect(text).to.include(name);
    expect(text).to.not.match(/mine\.ts:(5|7):/);
  });

  it('leaves JavaScript alone, unless the file or its project asks for it', () => {
    const wrong = '/** @type {number} */\nexports.x = "one";';
    const checks = spy(typeProgram, 'checkTypes');
    expect(problems(written('mine.js', wrong))).to.equal('');
    expect(checks.called).to.equal(false);
    expect(problems(written('asks.js', `// @ts-check\n${wrong}`))).to.include('asks.js:3:1 - error TS2322');
    written('tsconfig.json', '{ "compilerOptions": { "checkJs": true } }');
    expect(problems(folder.file('mine.js'))).to.include('mine.js:2:1 - error TS2322');
  });
});
