/** Commands that let time pass. */
import { UsageError } from '../../../shared/errors';
import { wholeNumber } from '../../runtime/lineCommands';
import type { ShellCommands } from '../command';

const MAX_STEPS = 100_000_000;
const MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, min: 60_000, h: 3_600_000 };

/** Reads a time in milliseconds: `10ms`, `2s`; a number alone is milliseconds. @throws UsageError */
function parseDuration(text: string): number {
  const [, digits, unit = 'ms'] = /^(\d+(?:\.\d+)?)(us|ms|s|min|h)?$/.exec(text) ?? [];
  const durationMs = digits === undefined ? 0 : Number(digits) * MS[unit]!;
  if (durationMs > 0 && Number.isSafeInteger(Math.round(durationMs))) return durationMs;
  throw new UsageError(`time '${text}': expected one such as 500us, 10ms, 2s or 1min`);
}

export const TIME_COMMANDS: ShellCommands = {
  step: {
    usage: 'step [N]',
    about: 'runs everybody N times (1 by default): hosts, interrupt handlers, applications; 1 ms at most each',
    least: 0,
    most: 1,
    takes: ['any'],
    run: (_shell, [count = '1']) => ({ steps: wholeNumber('steps', count, 1, MAX_STEPS) }),
  },
  run: {
    usage: 'run [TIME]',
    about: 'lets virtual time pass, for example 10ms or 2s; without TIME until the scenario pauses, fails or ends',
    least: 0,
    most: 1,
    takes: ['any'],
    run: ({ clock, hasEnded }, [time]) => {
      if (time !== undefined) return { untilMs: clock.nowMs() + parseDuration(time) };
      if (hasEnded) throw new UsageError('nothing is left that would end: say how long, as in run 10ms');
      return { free: true };
    },
  },
  next: {
    usage: 'next',
    about: "runs up to the scenario's next call that sends, migrates or lets time pass",
    least: 0,
    most: 0,
    takes: [],
    run: ({ hasEnded }) => {
      if (hasEnded) throw new UsageError('no scenario is running: step and run let time pass');
      return { operation: true };
    },
  },
};
