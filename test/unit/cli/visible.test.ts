import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { createColors } from 'picocolors';
import { useColor, visibleWithColors } from '../../../cli/color';
import { ConsoleReport } from '../../../testbench/conformance/reports/console';
import { visible, visibleJson, visibleLine } from '../../../shared/visible';
import { avp } from '../../support/cli';
import { TemporaryFolder } from '../../support/temporaryFolder';

/** Clears the screen, sets the window's title, goes back to the line's start, C1's own escape, and turns the writing. */
const EVIL = '\x1b[2J\x1b]0;owned\x07\rok\x9b31m\u202egnp\x7f\x1b[31mred';
const INVISIBLE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]/;

describe('text from elsewhere', () => {
  it('has its control characters made visible, and keeps its lines', () => {
    expect(visible('a\x1b[31m\r\n\tb\x9b\u202e\ud800')).to.equal('a\\x1b[31m\\r\n\tb\\x9b\\u202e\\ud800');
    expect(visible('Grüße, 你好 👋')).to.equal('Grüße, 你好 👋');
    expect(visibleLine('a\nb\t')).to.equal('a\\nb\\t');
    expect(visible(visible(EVIL)))
      .to.equal(visible(EVIL))
      .and.not.match(INVISIBLE);
  });

  it('is the same value in JSON', () => {
    const value = { [EVIL]: [EVIL, '\ud800'] };
    expect(visibleJson(value, 2)).not.to.match(INVISIBLE);
    expect(JSON.parse(visibleJson(value))).to.deep.equal(value);
  });

  it('brings no colours of its own into a coloured report', () => {
    const { red } = createColors(true);
    const painted = visibleWithColors(`${red('ours')} \x1b[2J`, true);
    expect(painted).to.equal(`${red('ours')} \\x1b[2J`);
    expect(visibleWithColors(red('ours'), false)).to.equal('\\x1b[31mours\\x1b[39m');
    const clause = { id: 'rx/1', title: EVIL, level: 'MUST', section: EVIL, faults: [], requirement: '', note: EVIL };
    const report = new ConsoleReport(true);
    const result = { clause, verdict: 'skip', detail: EVIL, replay: EVIL, durationMs: 0 } as never;
    // The reports themselves use no red for a clause that is skipped.
    for (const text of [report.line(result), report.finding(result)])
      expect(text).to.include('owned').and.not.include('\x1b[31m');
  });
});

describe('colours', () => {
  const TERMINAL = { isTTY: true };
  const cases: readonly (readonly [env: NodeJS.ProcessEnv, onTerminal: boolean, onPipe: boolean])[] = [
    [{}, true, false],
    [{ TERM: 'dumb' }, false, false],
    [{ NO_COLOR: '1' }, false, false],
    [{ NO_COLOR: '0' }, false, false],
    [{ NO_COLOR: '' }, true, false],
    [{ FORCE_COLOR: '1' }, true, true],
    [{ FORCE_COLOR: '3', TERM: 'dumb' }, true, true],
    [{ FORCE_COLOR: '0' }, false, false],
    [{ FORCE_COLOR: 'false' }, false, false],
    [{ FORCE_COLOR: '' }, true, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, false],
  ];
  for (const [env, onTerminal, onPipe] of cases)
    it(`follow ${JSON.stringify(env)}`, () => {
      expect([useColor(TERMINAL, env), useColor({}, env)]).to.deep.equal([onTerminal, onPipe]);
    });
});

describe('commands that print text of a file', function () {
  this.timeout(120_000);
  const folder = new TemporaryFolder().perTest();

  /** The result of a run with hostile text in place of each title, detail and reason. */
  async function hostileResult(): Promise<string> {
    const path = folder.file('result.json');
    expect((await avp('conform', 'pci/1', 'pci/2', '--quiet', '--shard', '1/1', '--json', path)).status).to.equal(0);
    const evil = JSON.stringify(EVIL).slice(1, -1);
    const result = readFileSync(path, 'utf8');
    const [first, ...rest] = result.split('"verdict": "pass"');
    writeFileSync(
      path,
      [first, rest.join('"verdict": "pass"')]
        .join('"verdict": "fail"')
        .replaceAll(/"(title|detail|replay|section|requirement)": "[^"]*"/g, `"$1": "${evil}"`)
        .replace(/"pass": 2,(\s*)"fail": 0/, '"pass": 1,$1"fail": 1'),
    );
    return path;
  }

  it('print no escape sequence of it', async () => {
    const path = await hostileResult();
    for (const args of [
      ['merge', path],
      ['merge', path, '--json', '-'],
    ]) {
      const { status, out, err } = await avp(...args);
      expect(status, err).to.equal(1);
      expect(out + err)
        .to.include('owned')
        .and.not.match(INVISIBLE);
    }
    const good = folder.file('good.json');
    await avp('conform', 'pci/1', 'pci/2', '--quiet', '--json', good);
    const { status, out, err } = await avp('diff', good, path);
    expect(status, err).to.equal(1);
    expect(out + err)
      .to.include('owned')
      .and.not.match(INVISIBLE);
  });

  it('print no escape sequence of a waiver, nor of an argument', async () => {
    const waivers = folder.file('waivers.json');
    writeFileSync(waivers, JSON.stringify([{ id: 'pci/1', target: 'avp', reason: EVIL, expires: '2020-01-01' }]));
    const { status, out, err } = await avp('conform', 'pci/1', '--waivers', waivers);
    expect(status).to.equal(1);
    expect(out + err)
      .to.include('waiver')
      .and.not.match(INVISIBLE);
    for (const args of [['run', EVIL], ['conform', EVIL], [EVIL], ['boot', '--nic', EVIL], ['merge', EVIL]]) {
      const refused = await avp(...args);
      expect(refused.status).to.equal(2);
      expect(refused.out + refused.err).not.to.match(INVISIBLE);
    }
  });
});
