import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import { UsageError } from '../../shared/errors';
import { visibleLine } from '../../shared/visible';
import { packageRoot, runsFromSource } from '../../testbench/runtime/package';
import { beforeSignal } from '../signals';
import { FileWatch } from './fileWatch';
import { withImports } from './importedFiles';

/** Folders of the package whose files a run from the source uses. */
const ROOMS = ['shared', 'emulator', 'driver', 'testbench', 'cli', 'scenarios'];
const CTRL_C = '\x03';

/** Reason to start the next run, or to stop watching. */
type Wish = { readonly kind: 'edit'; readonly file: string } | { readonly kind: 'again' } | { readonly kind: 'quit' };

/** Collects the user's keys and edits. */
class Wishes {
  private readonly files = new FileWatch((file) => this.make({ kind: 'edit', file }));
  private answer: ((wish: Wish) => void) | null = null;

  constructor() {
    const { stdin } = process;
    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.setEncoding('utf8').on('data', this.onKeys).resume();
  }

  choose(files: readonly string[], trees: readonly string[]): void {
    this.files.choose(files, trees);
  }

  next(): Promise<Wish> {
    return new Promise((resolve) => (this.answer = resolve));
  }

  close(): void {
    const { stdin } = process;
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.off('data', this.onKeys).pause();
    this.files.close();
  }

  private make(wish: Wish): void {
    this.answer?.(wish);
  }

  private readonly onKeys = (keys: string): void => {
    // A terminal in raw mode sends no signal.
    if (keys.includes(CTRL_C)) process.kill(process.pid, 'SIGINT');
    else if (/q/i.test(keys)) this.make({ kind: 'quit' });
    else if (/[\r\n]/.test(keys)) this.make({ kind: 'again' });
  };
}

function say(line: string): void {
  process.stderr.write(`\n${visibleLine(line)}\n`);
}

/** Starts the command once, in a process of its own, so that it loads what has changed. */
function start(): ChildProcess {
  const args = process.argv.slice(1).filter((word) => word !== '--watch');
  return spawn(process.execPath, [...process.execArgv, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
}

/**
 * Runs a command again whenever a file that it depends on changes, until the user presses q.
 * @param inputs absolute paths of the files that the command reads.
 * @returns the exit status of the last run that came to its end.
 * @throws UsageError where there is nothing to watch.
 */
export async function watchCommand(inputs: readonly string[]): Promise<number> {
  const trees = runsFromSource ? ROOMS.map((room) => join(packageRoot(), room)) : [];
  if (inputs.length + trees.length === 0)
    throw new UsageError('--watch: there is nothing to watch: name a script, or run the source of a checkout');
  const wishes = new Wishes();
  let child: ChildProcess | null = null;
  const handled = beforeSignal(() => {
    child?.kill('SIGTERM');
    wishes.close();
  });
  let status = 0;
  try {
    for (;;) {
      wishes.choose(withImports(inputs), trees);
      const wished = wishes.next();
      child = start();
      const ended = once(child, 'exit') as Promise<[number | null]>;
      const first = await Promise.race([ended.then(() => null), wished]);
      if (first === null) {
        status = (await ended)[0] ?? status;
        say(`exit status ${status}; waits for an edit: Enter runs again, q ends`);
      } else {
        child.kill('SIGTERM');
        await ended;
      }
      child = null;
      const wish = first ?? (await wished);
      if (wish.kind === 'quit') return status;
      say(wish.kind === 'edit' ? `${relative('.', wish.file)} has changed` : 'again');
    }
  } finally {
    handled();
    wishes.close();
  }
}
