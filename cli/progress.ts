import { visibleLine } from '../shared/visible';
import { isDumb } from './color';

const QUIET_MS = 2_000;
const CLEAR_LINE = '\r\x1b[K';

/**
 * Shows on one terminal line what is running, once the command has taken more than two seconds. Does nothing if
 * standard error is not a terminal, or one that cannot clear a line.
 */
export class Progress {
  private readonly startedAt = performance.now();
  private shown = false;
  private readonly active: boolean;

  constructor(quiet: boolean) {
    this.active = process.stderr.isTTY && !isDumb() && !quiet;
  }

  show(text: string): void {
    if (!this.active || performance.now() - this.startedAt < QUIET_MS) return;
    process.stderr.write(`${CLEAR_LINE}${visibleLine(text)}`);
    this.shown = true;
  }

  /** Clears the line. Call it before other text is printed. */
  clear(): void {
    if (this.shown) process.stderr.write(CLEAR_LINE);
    this.shown = false;
  }
}
