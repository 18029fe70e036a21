import type { Command } from 'commander';
import { UsageError } from '../../shared/errors';
import { type Change, CHANGE_KINDS, type ChangeKind, diffResults } from '../../test/conformance/diff';
import { readVerdicts, type VerdictFile } from '../../test/conformance/result';
import { makeCommand, STATUS_FINDINGS, STATUS_GOOD } from '../command';
import type { CommonOptions, Output } from '../output';
import { requireSeed } from './merge';

const HEADS: Readonly<Record<ChangeKind, string>> = {
  worse: 'Worse',
  better: 'Better',
  changed: 'Changed, neither worse nor better',
  new: 'New',
  gone: 'Gone',
};

function verdictText({ old, new: now }: Change): string {
  if (old === null) return now!;
  return now === null ? `was ${old}` : `${old} -> ${now}`;
}

/** A clause in one line; what got worse with its reason and how to run it again. */
function changeText(change: Change, kind: ChangeKind): string {
  const line = `  ${change.id}: ${change.title} (${verdictText(change)})`;
  if (kind !== 'worse') return line;
  const reason = change.detail.split('\n').map((one) => `      ${one}`);
  return [line, ...reason, `      replay: ${change.replay}`].join('\n');
}

function print(output: Output, kind: ChangeKind, changes: readonly Change[]): void {
  if (changes.length === 0) return;
  const text = [`\n${HEADS[kind]}:`, ...changes.map((change) => changeText(change, kind))].join('\n');
  if (kind === 'worse') output.finding(text);
  else output.text(text);
}

function read(path: string, seed: number | undefined): VerdictFile {
  const result = readVerdicts(path);
  requireSeed(path, result.seed, seed);
  return result;
}

function diff(options: CommonOptions, output: Output, files: readonly string[]): number {
  const [before, after] = [read(files[0]!, options.seed), read(files[1]!, options.seed)];
  if (before.target !== after.target)
    throw new UsageError(`${files[0]} is about target ${before.target} and ${files[1]} about ${after.target}: give two results of one target`);
  output.seed(before.seed, after.seed);
  const { same, ...changes } = diffResults(before, after);
  for (const kind of CHANGE_KINDS) print(output, kind, changes[kind]);
  const counts = Object.fromEntries([...CHANGE_KINDS.map((kind) => [kind, changes[kind].length]), ['same', same]]) as Record<string, number>;
  const sums = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  if (changes.worse.length > 0) output.finding(`\n${sums.join(', ')}`);
  else output.text(`\n${sums.join(', ')}`);
  output.json({ target: after.target, seeds: { old: before.seed, new: after.seed }, counts, ...changes });
  return changes.worse.length > 0 ? STATUS_FINDINGS : STATUS_GOOD;
}

/** `avp diff`: compares two results of one target. */
export function diffCommand(onStatus: (status: number) => void): Command {
  return makeCommand(
    {
      name: 'diff',
      about: 'Compares two JSON results of avp conform or avp merge; exit status 1 where a clause got worse',
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
