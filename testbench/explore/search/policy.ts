import type { Choice, Run } from './world';

/** Cost of a choice under the bound: 1 for a hold, and for a switch away from an actor that could go on. */
export function costOf(run: Run, { kind, actor }: Choice): 0 | 1 {
  if (kind === 'hold') return 1;
  return kind === 'step' && run.canGoOn && actor !== run.current ? 1 : 0;
}

/** Positions of the choices that a run can still pay for, in order. */
export function affordable(run: Run, choices: readonly Choice[], left: number): number[] {
  const found: number[] = [];
  for (let index = 0; index < choices.length; index++) if (costOf(run, choices[index]!) <= left) found.push(index);
  return found;
}

/**
 * Chooses by run-to-block, the default policy. No actor is interrupted, and one that waits hands over to the first
 * that can go on. A store drains when its actor waits for that, or when nothing else can happen. Nobody is held, and
 * time passes last.
 * @param among positions in the choices; all where it is left out.
 * @returns a position in the choices, -1 where there is none to choose among.
 */
export function runToBlock(run: Run, choices: readonly Choice[], among?: readonly number[]): number {
  let best = -1;
  let bestRank = Infinity;
  for (let at = 0; at < (among ?? choices).length; at++) {
    const index = among === undefined ? at : among[at]!;
    const rank = rankOf(run, choices[index]!);
    if (rank < bestRank) {
      best = index;
      bestRank = rank;
    }
  }
  return best;
}

function rankOf(run: Run, { kind, actor }: Choice): number {
  if (kind === 'step') return actor === run.current ? 0 : run.canGoOn ? 3 : 2;
  if (kind === 'drain') return run.draining(actor) ? (actor === run.current ? 1 : 3) : 4;
  return kind === 'time' ? 5 : 6;
}
