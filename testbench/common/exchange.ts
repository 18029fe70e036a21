import { UsageError } from '../../shared/errors';
import type { AppPort, Bench } from '../api/bench';
import type { ExchangeOptions, ExchangeReport } from '../api/traffic';

/** Frames that the application makes in each millisecond. */
const FRAMES_PER_MS = 16;
/** Time limit of an exchange, by the bench's clock. */
const LIMIT_MS = 600_000;

/**
 * Sends frames from one port to another, with or without replies, until traffic has settled.
 * @throws UsageError if the number of frames is not a whole number.
 * @throws Error if they cannot be sent in 600 s.
 */
export async function exchange(
  bench: Pick<Bench, 'startLoad' | 'runFor' | 'settle' | 'nowMs'>,
  from: AppPort,
  to: AppPort,
  options: ExchangeOptions & { readonly reply: boolean },
): Promise<ExchangeReport> {
  if (!Number.isSafeInteger(options.frames) || options.frames < 0)
    throw new UsageError(`${options.frames} frames from ${from.name}: expected a whole number`);
  const foreignBefore = from.foreign + to.foreign;
  const untilMs = bench.nowMs + LIMIT_MS;
  const load = bench.startLoad(from, to, { ...options, framesPerMs: FRAMES_PER_MS });
  while (!load.done) {
    if (bench.nowMs >= untilMs)
      throw new Error(`${from.name} did not get ${options.frames} frames sent in ${LIMIT_MS / 1_000} s`);
    await bench.runFor(1);
  }
  await bench.settle();
  load.stop();
  const { sent, delivered, missing, wrong, replied, answered } = load.report();
  const foreign = from.foreign + to.foreign - foreignBefore;
  return { sent, delivered, answered, wrong: wrong + missing + (replied - answered) + foreign };
}
