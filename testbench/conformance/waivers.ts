import { z } from 'zod';
import { UsageError } from '../../shared/errors';
import { didYouMean } from '../../shared/nearest';
import { readJsonFile } from '../runtime/jsonFile';
import type { ClauseVerdict } from './verdict';

/**
 * A waiver accepts a known failure until a given day and names a reason. A waiver that has expired, names an
 * unknown clause or target, or is no longer needed is a finding itself.
 */

const waiverSchema = z.strictObject({
  /** Id of a clause, such as `rx/3`. */
  id: z.string().min(1),
  target: z.string().min(1),
  reason: z.string().trim().min(1),
  /** Last day on which the waiver holds, in UTC. */
  expires: z.iso.date(),
});
const fileSchema = z.array(waiverSchema);
const FORM = 'list of {"id","target","reason","expires":"YYYY-MM-DD"}';

export type Waiver = z.infer<typeof waiverSchema>;

/**
 * `used`: a failure was waived. `unjudged`: the clause did not run here, or it ended without a verdict on the
 * driver. The other states are findings.
 */
export const WAIVER_STATES = ['used', 'unjudged', 'unused', 'expired', 'unknown'] as const;
export type WaiverState = (typeof WAIVER_STATES)[number];

/** A waiver and its state after a run. */
export interface JudgedWaiver extends Waiver {
  readonly state: WaiverState;
  /** One-line explanation of the state. */
  readonly detail: string;
}

/** The parts of a result that a waiver can change. */
interface Waivable {
  readonly clause: { readonly id: string };
  readonly verdict: ClauseVerdict;
  readonly detail: string;
}

function keyOf({ id, target }: Pick<Waiver, 'id' | 'target'>): string {
  return `${id} for ${target}`;
}

/**
 * Reads a waiver file.
 * @throws UsageError if the file cannot be read, is not a list of waivers, or waives a clause twice for one
 * target.
 */
export function readWaivers(path: string): Waiver[] {
  const waivers = readJsonFile(path, fileSchema, FORM);
  const seen = new Set<string>();
  for (const waiver of waivers) {
    const key = keyOf(waiver);
    if (seen.has(key)) throw new UsageError(`${path} waives ${key} twice: keep one of them`);
    seen.add(key);
  }
  return waivers;
}

export interface WaiverSettings {
  /** Driver under test. */
  readonly target: string;
  /** Wider names of the driver, whose waivers hold for it as well: `dpdk` for `dpdk@25.11`. Default: none. */
  readonly widerTargets?: readonly string[];
  readonly knownTargets: readonly string[];
  /** Ids of all clauses, selected or not. */
  readonly knownIds: ReadonlySet<string>;
  /** Date of the run, `YYYY-MM-DD` in UTC. */
  readonly today: string;
}

/** Formats the UTC date as waiver files write it. */
export function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** Tells whether somebody must repair or remove the waiver. */
export function isWaiverFinding({ state }: JudgedWaiver): boolean {
  return state !== 'used' && state !== 'unjudged';
}

/** Applies waivers to the results of one run and determines the state of each waiver afterwards. */
export class WaiverBook {
  private readonly valid = new Map<string, Waiver>();
  private readonly outcomes = new Map<string, ClauseVerdict>();

  constructor(
    private readonly waivers: readonly Waiver[],
    private readonly settings: WaiverSettings,
  ) {
    for (const waiver of waivers)
      if (this.isForRun(waiver) && !this.isExpired(waiver)) this.valid.set(waiver.id, waiver);
  }

  private isForRun({ target }: Waiver): boolean {
    return target === this.settings.target || (this.settings.widerTargets ?? []).includes(target);
  }

  private isExpired({ expires }: Waiver): boolean {
    return expires < this.settings.today;
  }

  /** Changes the verdict of a waived failure to `waived` and names the waiver. Returns any other result unchanged. */
  judge<T extends Waivable>(result: T): T {
    const { id } = result.clause;
    const waiver = this.valid.get(id);
    const waived = waiver !== undefined && result.verdict === 'fail';
    this.outcomes.set(id, waived ? 'waived' : result.verdict);
    return waived ? { ...result, verdict: 'waived', detail: `${waivedText(waiver)}\n${result.detail}` } : result;
  }

  /** Returns every waiver with its state. Call it after the run. */
  report(): JudgedWaiver[] {
    return this.waivers.map((waiver) => ({ ...waiver, ...this.stateOf(waiver) }));
  }

  private stateOf(waiver: Waiver): Pick<JudgedWaiver, 'state' | 'detail'> {
    const { target, knownTargets, knownIds, today } = this.settings;
    if (!knownTargets.includes(waiver.target))
      return {
        state: 'unknown',
        detail: `there is no target '${waiver.target}': ${didYouMean(waiver.target, knownTargets, `expected ${knownTargets.join(', ')}`)}`,
      };
    if (!this.isForRun(waiver)) return { state: 'unjudged', detail: `this run is about ${target}` };
    if (!knownIds.has(waiver.id))
      return {
        state: 'unknown',
        detail: `there is no clause '${waiver.id}': ${didYouMean(waiver.id, [...knownIds], 'run avp conform --list for all')}`,
      };
    const outcome = this.outcomes.get(waiver.id);
    if (outcome !== undefined && this.isExpired(waiver))
      return { state: 'expired', detail: `it held until ${waiver.expires}, and today is ${today}` };
    return stateByOutcome(outcome);
  }
}

function stateByOutcome(outcome: ClauseVerdict | undefined): Pick<JudgedWaiver, 'state' | 'detail'> {
  if (outcome === undefined) return { state: 'unjudged', detail: 'the clause did not run' };
  if (outcome === 'waived') return { state: 'used', detail: 'the clause fails' };
  if (outcome === 'pass') return { state: 'unused', detail: 'the clause passes: take the waiver out' };
  if (outcome === 'skip') return { state: 'unused', detail: 'the clause is skipped: take the waiver out' };
  return { state: 'unjudged', detail: `the clause ended with ${outcome}, which no waiver covers` };
}

const WAIVED = 'waived until';

function waivedText({ reason, expires }: Waiver): string {
  return `${WAIVED} ${expires}: ${reason.replace(/\s+/g, ' ')}`;
}

/** Returns the first line of the detail of a waived failure. Null for any other result. */
export function waiverNote({ verdict, detail }: Pick<Waivable, 'verdict' | 'detail'>): string | null {
  return verdict === 'waived' ? detail.split('\n', 1)[0]! : null;
}

/** Tells whether a result of a version that reported waived failures as passes is such a failure. */
export function isWaivedPass({ verdict, detail }: Pick<Waivable, 'verdict' | 'detail'>): boolean {
  return verdict === 'pass' && detail.startsWith(WAIVED);
}

/** Describes a waiver on one line, for the list of findings. */
export function waiverText(waiver: JudgedWaiver): string {
  return `waiver ${keyOf(waiver)} is ${waiver.state}: ${waiver.detail}`;
}

/** Merges what several parts of a run report about the same waivers. The part that ran the waived clause decides. */
export function mergeWaivers(parts: readonly (readonly JudgedWaiver[])[]): JudgedWaiver[] {
  const merged = new Map<string, JudgedWaiver>();
  for (const waiver of parts.flat()) {
    const former = merged.get(keyOf(waiver));
    if (former === undefined || former.state === 'unjudged') merged.set(keyOf(waiver), waiver);
  }
  return [...merged.values()];
}
