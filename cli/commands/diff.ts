import type { Command } from 'commander';
import { UsageError } from '../../shared/errors';
import { visibleLine } from '../../shared/visible';
import {
  type VerdictChange,
  CHANGE_KINDS,
  type ChangeKind,
  type ResultDiff,
  diffResults,
} from '../../testbench/conformance/diff';
import { readVerdicts, type VerdictFile } from '../../testbench/conformance/result';
import { makeCommand, requireSeed, STATUS_FINDINGS, STATUS_GOOD } from '../command';
import type { CommonOptions, Output } from '../output';

const HEADS: Readonly<Record<ChangeKind, string>> = {
  worse: 'Worse',
  better: 'Better',
  changed: 'Changed, neither worse nor better',
  new: 'New',
  gone: 'Gone',
};

function verdictText({ old, new: now }: VerdictChange): string {
  if (old === null) return now!;
  return now === null ? `was ${old}` : `${old} -> ${now}`;
}

/** Formats a change on one line. If the clause got worse, adds the reason and the replay command. */
function changeText(change: VerdictChange, kind: ChangeKind): string {
  const line = `  ${visibleLine(`${change.id}: ${change.title} (${verdictText(change)})`)}`;
  if (kind !== 'worse') return line;
  const reason = change.detail.split('\n').map((one) => `      ${one}`);
  return [line, ...reason, `      replay: ${change.replay}`].join('\n');
}

function print(output: Output, kind: ChangeKind, changes: readonly VerdictChange[]): void {
  if (changes.length === 0) return;
  const text = [`\n${HEADS[kind]}:`, ...changes.map((change) => changeText(change, kind))].join('\n');
  if (kind === 'worse') output.finding(text);
  else output.text(text);
}

function read(path: string, seed: number | undefined): VerdictFile[] {
  const results = readVerdicts(path);
  for (const result of results) requireSeed(path, result.seed, seed);
  return results;
}

/** The older and the newer result of one target. */
interface Pair {
  readonly before: VerdictFile;
  readonly after: VerdictFile;
}

/** Differences on one target, as JSON has them. */
interface Comparison extends Omit<ResultDiff, 'same'> {
  readonly target: string;
  readonly seeds: { readonly old: number; readonly new: number };
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Pairs the results of both files by target.
 * @throws UsageError if the files cover different targets.
 */
function pairsOf([oldPath, newPath]: readonly string[], seed: number | undefined): Pair[] {
  const [before, after] = [read(oldPath!, seed), read(newPath!, seed)];
  const [old, now] = [before, after].map((results) => results.map(({ target }) => target).join(','));
  if (old !== now)
    throw new UsageError(
      `${oldPath} is about target ${old} and ${newPath} about ${now}: give two results of the same targets`,
    );
  return before.map((one, index) => ({ before: one, after: after[index]! }));
}

/**
 * Prints the differences on one target, under its name if there are several.
 * @returns the differences as JSON has them.
 */
function compare({ before, after }: Pair, several: boolean, output: Output): Comparison {
  const { same, ...changes } = diffResults(before, after);
  const head = `\ntarget ${after.target}`;
  if (several && changes.worse.length > 0) output.finding(head);
  else if (several) output.text(head);
  for (const kind of CHANGE_KINDS) print(output, kind, changes[kind]);
  const counts = Object.fromEntries([
    ...CHANGE_KINDS.map((kind) => [kind, changes[kind].length]),
    ['same', same],
  ]) as Record<string, number>;
  const sums = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  if (changes.worse.length > 0) output.finding(`\n${sums.join(', ')}`);
  else output.text(`\n${sums.join(', ')}`);
  return { target: after.target, seeds: { old: before.seed, new: after.seed }, counts, ...changes };
}

function diff(options: CommonOptions, output: Output, files: readonly string[]): number {
  output.requireKept(...files);
  const pairs = pairsOf(files, options.seed);
  output.seed(...pairs.flatMap(({ before, after }) => [before.seed, after.seed]));
  const several = pairs.length > 1;
  const differences = pairs.map((pair) => compare(pair, several, output));
  output.json(several ? { targets: differences } : { ...differences[0] });
  return differences.some(({ worse }) => worse.length > 0) ? STATUS_FINDINGS : STATUS_GOOD;
}

/** `avp diff`: compares two results of the same targets. */
export function diffCommand(onStatus: (status: number) => void): Command {
  return makeCommand(
    {
      name: 'diff',
      seedAbout: 'the seed that both results must have',
      examples: [
        ['avp diff old.json new.json', 'what got worse, better, is new or gone'],
        ['avp diff old.json new.json --json -', 'the same for programs'],
      ],
    },
    diff,
    onStatus,
  )
    .argument('<OLD>', 'result of the earlier run')
    .argument('<NEW>', 'result of the later run');
}
