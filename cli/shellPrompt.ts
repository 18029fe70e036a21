import { createInterface, type Interface } from 'node:readline';
import type { Shell } from '../testbench/shell/shell';
import type { ShellReply } from '../testbench/shell/protocol';
import { isDumb } from './color';
import { ShellHistory } from './shellHistory';

/** A prompt on a terminal. */
export interface TerminalPrompt {
  /** The next line that the user types; null at the end of the input. */
  next(reply: ShellReply): Promise<string | null>;
  close(): void;
}

/** Completes a line for readline, which takes the candidates and the part that they replace. */
function completer(shell: Shell) {
  return (line: string, done: (error: Error | null, found: [string[], string]) => void): void => {
    shell.complete(line).then(
      ({ candidates, part }) => {
        // A word that is complete is followed by the next one; a structure by its field.
        const [only] = candidates;
        const found = candidates.length === 1 && !only!.endsWith('.') ? [`${only!} `] : [...candidates];
        done(null, [found, part]);
      },
      (error: unknown) => done(error as Error, [[], line]),
    );
  };
}

/** Queue of the lines that the user types. Lines that arrive while a command runs wait for their turn. */
class Lines {
  private readonly waiting: string[] = [];
  private take: ((line: string | null) => void) | null = null;
  private ended = false;

  constructor(lines: Interface) {
    lines.on('line', (line) => this.put(line));
    lines.on('close', () => {
      this.ended = true;
      this.take?.(null);
    });
  }

  next(): Promise<string | null> {
    const line = this.waiting.shift();
    if (line !== undefined || this.ended) return Promise.resolve(line ?? null);
    return new Promise((resolve) => (this.take = resolve));
  }

  private put(line: string): void {
    const { take } = this;
    this.take = null;
    if (take === null) this.waiting.push(line);
    else take(line);
  }
}

/**
 * Opens the prompt, with completion and the history of earlier sessions. Ctrl-C stops time while a command runs, and
 * clears the line otherwise.
 * @param bold marks the prompt.
 */
export function openPrompt(shell: Shell, output: NodeJS.WriteStream, bold: (text: string) => string): TerminalPrompt {
  const history = new ShellHistory(ShellHistory.place());
  const lines = createInterface({
    ...{ input: process.stdin, output, terminal: !isDumb(), completer: completer(shell) },
    ...{ history: [...history.lines], historySize: 1_000, removeHistoryDuplicates: true },
  });
  const typed = new Lines(lines);
  let isAsked = false;
  lines.on('SIGINT', () => {
    if (!isAsked) {
      shell.interrupt();
      return;
    }
    output.write('\n');
    // Clears the line without a line of its own.
    lines.write(null, { ctrl: true, name: 'u' });
    lines.write(null, { ctrl: true, name: 'k' });
    lines.prompt();
  });
  return {
    next: async ({ atMs }) => {
      lines.setPrompt(bold(`avp ${atMs.toFixed(3)} ms> `));
      isAsked = true;
      lines.prompt();
      const line = await typed.next();
      isAsked = false;
      if (line === null) output.write('\n');
      else history.add(line);
      return line;
    },
    close: () => lines.close(),
  };
}
