import { spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { shellQuote } from '../../../testbench/runtime/shellQuote';
import { AvpProcess, avpWords } from '../../support/avpProcess';
import { TemporaryFolder } from '../../support/temporaryFolder';

const TAB = '\t';
const UP = '\x1b[A';
const CTRL_C = '\x03';
const CTRL_D = '\x04';

/** True if there is the `script` of util-linux, which makes a terminal. */
function hasTerminal(): boolean {
  const { stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  return String(stdout).includes('util-linux');
}

describe('avp shell on a terminal', function () {
  this.timeout(180_000);
  const folder = new TemporaryFolder().perTest();
  let shell: AvpProcess;

  before(function () {
    if (hasTerminal()) return;
    process.stdout.write('      avp shell on a terminal: skipped, install script of util-linux\n');
    this.skip();
  });

  beforeEach(() => {
    const command = avpWords('shell', '--seed', '3').map(shellQuote).join(' ');
    const env = { TERM: 'xterm', NO_COLOR: '1', AVP_CACHE: folder.path, SHELL: '/bin/sh' };
    shell = new AvpProcess(['script', '-qec', command, '/dev/null'], env);
  });

  afterEach(async () => {
    if (!shell.hasEnded) await shell.end('SIGKILL');
  });

  /** Waits for a text on the terminal that came after the keys before. */
  function shows(text: string): Promise<void> {
    return shell.until(text, () => stripVTControlCharacters(shell.out).includes(text));
  }

  it('completes what is typed, recalls it, and ends at Ctrl-D', async () => {
    await shows('avp 10.000 ms> ');
    shell.type(`ste${TAB}`);
    await shows('avp 10.000 ms> step ');
    shell.type('2\n');
    await shows('avp 12.000 ms> ');
    shell.type(`${UP}\n`);
    await shows('avp 14.000 ms> ');
    shell.type(CTRL_D);
    const { status, out } = await shell.ended;
    expect(status, out).to.equal(0);
  });

  it('lists what may follow, and drops a line at Ctrl-C', async () => {
    await shows('avp 10.000 ms> ');
    shell.type('st');
    await shows('> st');
    // The second tab in a row lists what there is; tabs of one chunk count as pasted text.
    const tabs = setInterval(() => shell.type(TAB), 50);
    await shows('stats').finally(() => clearInterval(tabs));
    shell.type(`nonsense${CTRL_C}`);
    await shows('nonsense');
    shell.type('step\n');
    await shows('avp 11.000 ms> ');
    shell.type('quit\n');
    const { status, out } = await shell.ended;
    expect(out).to.not.include('unknown command');
    expect(status, out).to.equal(0);
  });
});
