import { basename } from 'node:path';
import type { RecordedStep, Recording } from './recording';

/** Steps before the first decision that are shown. */
const BEFORE = 8;
const GAP = '  ';

/** The part of a run that explains it: from shortly before its first decision on. */
export function tellingPart({ steps }: Recording): readonly RecordedStep[] {
  const first = steps.findIndex(({ isDecision }) => isDecision);
  return steps.slice(Math.max(0, first - BEFORE));
}

/** Actors that have a lane: those that do something in a part of a run, in their order. */
export function lanesOf({ actors }: Recording, part: readonly RecordedStep[]): readonly number[] {
  return [...actors.keys()].filter((actor) => part.some(({ choice }) => choice.actor === actor));
}

/** A line of the picture: a step, or how many steps of one actor are left out because nobody else sees them. */
export type LaneLine = { readonly step: RecordedStep } | { readonly leftOut: number; readonly actor: number };

/** Leaves out accesses to words that no other actor touches. */
export function linesOf(part: readonly RecordedStep[]): LaneLine[] {
  const lines: LaneLine[] = [];
  for (const step of part) {
    const { actor, kind } = step.choice;
    const last = lines.at(-1);
    if (step.isDecision || step.isShared || kind !== 'step') lines.push({ step });
    else if (last !== undefined && 'leftOut' in last && last.actor === actor)
      lines[lines.length - 1] = { actor, leftOut: last.leftOut + 1 };
    else lines.push({ actor, leftOut: 1 });
  }
  return lines;
}

/** Breaks a text into lines of at most a width, at spaces where possible. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (let rest = text; rest !== '';) {
    const at = rest.length <= width ? rest.length : rest.lastIndexOf(' ', width);
    const end = at > 0 ? at : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return lines;
}

function cellOf(line: LaneLine, width: number): string[] {
  if ('leftOut' in line) return [`· ${line.leftOut} that no other actor sees`];
  const { what, where, isDecision } = line.step;
  const text = wrapped(`${isDecision ? '> ' : '  '}${what}`, width);
  return where === '' ? text : [...text, `    ${basename(where)}`];
}

/**
 * Draws a run as text: a column for each actor, access by access, with file and line. A `>` marks a decision that
 * differs from run-to-block.
 * @param columns width of the whole, in characters.
 */
export function lanesText(recording: Recording, columns: number): string {
  const part = tellingPart(recording);
  const lanes = lanesOf(recording, part);
  const width = Math.max(24, Math.floor((columns - 8) / Math.max(1, lanes.length)) - GAP.length);
  const row = (number: string, cells: readonly string[]): string =>
    `${number.padStart(5)}${GAP}${cells.map((cell) => cell.padEnd(width)).join(GAP)}`.trimEnd();
  const rows = [
    row(
      'step',
      lanes.map((actor) => recording.actors[actor]!),
    ),
    row(
      '',
      lanes.map(() => '-'.repeat(width)),
    ),
  ];
  for (const line of linesOf(part)) {
    const actor = 'leftOut' in line ? line.actor : line.step.choice.actor;
    const number = 'leftOut' in line ? '' : `${line.step.step}`;
    if (actor < 0) rows.push(`${number.padStart(5)}${GAP}--- ${'leftOut' in line ? '' : line.step.what} ---`);
    else
      cellOf(line, width).forEach((text, index) =>
        rows.push(
          row(
            index === 0 ? number : '',
            lanes.map((lane) => (lane === actor ? text : '')),
          ),
        ),
      );
  }
  return rows.join('\n');
}
