import { Writable } from 'node:stream';
import { UsageError } from '../shared/errors';
import type { ScenarioOrder } from '../testbench/common/order';
import { everyFault, type EveryFaultReport, type Tried, tryEveryFault } from '../testbench/run/everyFault';
import { launchScenario } from '../testbench/run/launch';
import { STATUS_FINDINGS, STATUS_GOOD } from './command';
import { lostText } from './lostText';
import type { Output } from './output';
import { Progress } from './progress';
import { Interruption } from './signals';

/** Prints the table of all runs, one a line: operation, outcome, packets lost by cause. */
export function printEveryFault(
  { fault, operations, tried, ok }: EveryFaultReport,
  again: (one: Tried) => string,
  output: Output,
): void {
  const width = Math.max(...tried.map(({ what }) => what.length));
  for (const one of tried) {
    const { operation, atMs, what, outcome, lostByCause } = one;
    const mark = one.ok ? '✔' : '✘';
    const line = `  ${mark} ${String(operation).padStart(5)} ${atMs.toFixed(0).padStart(6)} ms  ${what.padEnd(width)}  ${outcome}; lost: ${lostText(lostByCause)}`;
    if (one.ok) output.text(line);
    else {
      output.finding(line);
      output.finding(`    replay: ${again(one)}`);
    }
  }
  const failed = tried.filter((one) => !one.ok).length;
  const which =
    tried.length === operations
      ? `each of ${operations} operations`
      : `${tried.length} of ${operations} operations, evenly spread (--at-most ${operations} tries each)`;
  const summary = `${fault.name} at ${which}: ${ok ? 'pass' : `${failed} failed`}`;
  if (ok) output.text(summary);
  else output.finding(summary);
}

/** Options of `avp run` that every-fault uses or refuses. */
export interface EveryFaultFlags {
  readonly everyFault?: string;
  readonly operation?: number;
  readonly atMost?: number;
  readonly jobs?: number;
  readonly mode?: string;
  readonly pcap?: string;
  readonly trace?: string;
  readonly html?: string;
  readonly dump?: string;
  readonly bundle?: string;
  readonly quiet?: boolean;
}

/** Operations that are tried by default. Most scenarios have fewer in a class. */
const DEFAULT_AT_MOST = 100;

/** @throws UsageError for options that belong to a single run */
function requireFit(flags: EveryFaultFlags): void {
  for (const name of ['pcap', 'trace', 'html', 'dump', 'bundle'] as const)
    if (flags[name] !== undefined) throw new UsageError(`--${name} is for one run: leave it out with --every-fault`);
  if (flags.mode !== undefined && flags.mode !== 'inline')
    throw new UsageError(
      `mode '${flags.mode}' can't offer --every-fault: its runs do not repeat, so the operation of a number is another one each time; use --mode inline`,
    );
}

/** Carries out `avp run SCENARIO --every-fault`. Returns the exit status. */
export async function runEveryFault(
  order: ScenarioOrder,
  replay: string,
  flags: EveryFaultFlags,
  output: Output,
): Promise<number> {
  requireFit(flags);
  const fault = everyFault(flags.everyFault!);
  const progress = new Progress(flags.quiet === true);
  const interruption = new Interruption();
  interruption.watch();
  output.begin();
  let failed = 0;
  const onTried = (tried: Tried, done: number, all: number): void => {
    if (!tried.ok) failed++;
    progress.showStage(tried.what, { done, all, failed });
  };
  try {
    const report = await tryEveryFault(order, (one) => launchScenario(one, silent(), { stop: interruption.stop }), {
      fault,
      only: flags.operation ?? null,
      atMost: flags.atMost ?? DEFAULT_AT_MOST,
      jobs: flags.jobs ?? 1,
      stop: interruption.stop,
      onTried,
    }).finally(() => progress.clear());
    const { by } = interruption;
    printEveryFault(report, ({ operation }) => `${replay} --operation ${operation}`, output);
    output.json({ ...report, ...(by === null ? { complete: true } : { complete: false, endedBy: by }) });
    return report.ok ? STATUS_GOOD : STATUS_FINDINGS;
  } finally {
    interruption.unwatch();
  }
}

/** Discards the output of scripts, because that of all runs would bury the table. */
function silent(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
