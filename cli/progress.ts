import { visibleLine } from '../shared/visible';
import { isDumb } from './color';

const MS_PER_S = 1_000;
const S_PER_MIN = 60;
const QUIET_MS = 2_000;
const CLEAR_LINE = '\r\x1b[K';

/** Progress of a run of many parts. */
export interface Stage {
  /** Number of parts that have ended. */
  readonly done: number;
  readonly all: number;
  readonly failed: number;
}

/** Formats a stage with the time since the start and the rate: `12/281, 1 failed, 0:34, 8.1/s`. */
export function stageText({ done, all, failed }: Stage, elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / MS_PER_S);
  const time = `${Math.floor(seconds / S_PER_MIN)}:${String(seconds % S_PER_MIN).padStart(2, '0')}`;
  const rate = done === 0 || elapsedMs <= 0 ? [] : [`${((done * MS_PER_S) / elapsedMs).toFixed(1)}/s`];
  return [`${done}/${all}`, `${failed} failed`, time, ...rate].join(', ');
}

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

  /** Shows what runs now, and how far the run has come. */
  showStage(name: string, stage: Stage): void {
    this.show(`${name} (${stageText(stage, performance.now() - this.startedAt)})`);
  }

  /** Clears the line. Call it before other text is printed. */
  clear(): void {
    if (this.shown) process.stderr.write(CLEAR_LINE);
    this.shown = false;
  }
}
