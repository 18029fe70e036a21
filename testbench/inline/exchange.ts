import type { FrameBytes } from '../traffic/probeFrame';
import type { AppPort } from './appPort';
import type { Load, LoadOptions } from './load';

/** Frames handed to the application in each millisecond. */
const FRAMES_PER_MS = 16;

export interface ExchangeOptions {
  /** Frames, or requests, in all. */
  readonly frames: number;
  /** Bytes of each, a size or a range. Default 64 to 1,514. */
  readonly frameBytes?: FrameBytes;
  /** How many flows they are dealt out to, default 4. */
  readonly flows?: number;
  /** Sent with this 802.1Q tag. */
  readonly vlanTci?: number;
}

/** What an exchange needs of the bench. */
export interface ExchangePlace {
  startLoad(from: AppPort, to: AppPort, options: LoadOptions): Load;
  runFor(durationMs: number): Promise<void>;
  settle(): Promise<void>;
}

/** What became of an exchange. */
export interface ExchangeReport {
  readonly sent: number;
  /** Arrived whole, once, in the order of their flow. */
  readonly delivered: number;
  /** The same of the replies. */
  readonly answered: number;
  /** Frames missing, corrupted, duplicated, reordered or foreign, both ways. */
  readonly wrong: number;
}

/** Sends frames from one port to another, with or without replies, until all is quiet. */
export async function exchange(
  bench: ExchangePlace,
  from: AppPort,
  to: AppPort,
  options: ExchangeOptions & { readonly reply: boolean },
): Promise<ExchangeReport> {
  const foreignBefore = from.foreign + to.foreign;
  const load = bench.startLoad(from, to, { ...options, framesPerMs: FRAMES_PER_MS });
  while (!load.done) await bench.runFor(1);
  await bench.settle();
  load.stop();
  const { sent, delivered, missing, wrong, replied, answered } = load.report();
  const foreign = from.foreign + to.foreign - foreignBefore;
  return { sent, delivered, answered, wrong: wrong + missing + (replied - answered) + foreign };
}
