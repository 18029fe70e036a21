import { z } from 'zod';
import { UsageError } from '../../shared/errors';
import { readJsonFile } from './jsonFile';
import type { Verdict } from './verdict';

/**
 * Waivers: failures that somebody knows of and takes responsibility for, until a day that is
 * named. A waiver that is past its day, names nothing, or is no longer needed is a finding.
 */

const waiverSchema = z.strictObject({
  /** A clause, `rx/3`. */
  id: z.string().min(1),
  target: z.string().min(1),
  reason: z.string().trim().min(1),
  /** The last day on which it holds, UTC. */
  expires: z.iso.date(),
});
const fileSchema = z.array(waiverSchema);
const FORM = 'list of {"id","target","reason","expires":"YYYY-MM-DD"}';

export type Waiver = z.infer<typeof waiverSchema>;

/**
 * `used`: a failure became a pass. `unjudged`: its clause did not run here, or ended without a
 * verdict on the driver. The others are findings.
 */
export const WAIVER_STATES = ['used', 'unjudged', 'unused', 'expired', 'unknown'] as const;
export type WaiverState = (typeof WAIVER_STATES)[number];

/** A waiver and what became of it in one run. */
export interface JudgedWaiver extends Waiver {
  readonly state: WaiverState;
  /** Why, in one line. */
  readonly detail: string;
}

/** Everything a waiver may turn: the run's outcome of one clause. */
interface Waivable {
  readonly clause: { readonly id: string };
  readonly verdict: Verdict;
  readonly detail: string;
}

function keyOf({ id, target }: Pick<Waiver, 'id' | 'target'>): string {
  return `${id} for ${target}`;
}

/**
 * Reads a waiver file.
 * @throws UsageError where it can't be read, is no list of waivers, or waives one thing twice.
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
  /** The driver under test. */
  readonly target: string;
  readonly knownTargets: readonly string[];
  /** Every clause there is, whether selected or not. */
  readonly knownIds: ReadonlySet<string>;
  /** Today, `YYYY-MM-DD`. */
  readonly today: string;
}

/** The day, UTC, as waivers write it. */
export function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** True where a waiver has to be mended. */
export function isWaiverFinding({ state }: JudgedWaiver): boolean {
  return state !== 'used' && state !== 'unjudged';
}

/** Applies waivers to the results of one run, and says in the end what became of each. */
export class WaiverBook {
  private readonly valid = new Map<string, Waiver>();
  private readonly outcomes = new Map<string, Verdict | 'waived'>();

  constructor(
    private readonly waivers: readonly Waiver[],
    private readonly settings: WaiverSettings,
  ) {
    for (const waiver of waivers)
      if (waiver.target === settings.target && !this.isExpired(waiver)) this.valid.set(waiver.id, waiver);
  }

  private isExpired({ expires }: Waiver): boolean {
    return expires < this.settings.today;
  }

  /** A failure that is waived becomes a pass that says so; all else stays as it is. */
  judge<T extends Waivable>(result: T): T {
    const { id } = result.clause;
    const waiver = this.valid.get(id);
    const waived = waiver !== undefined && result.verdict === 'fail';
    this.outcomes.set(id, waived ? 'waived' : result.verdict);
    return waived ? { ...result, verdict: 'pass', detail: `${waivedText(waiver)}\n${result.detail}` } : result;
  }

  /** To be asked after the run. */
  report(): JudgedWaiver[] {
    return this.waivers.map((waiver) => ({ ...waiver, ...this.stateOf(waiver) }));
  }

  private stateOf(waiver: Waiver): Pick<JudgedWaiver, 'state' | 'detail'> {
    const { target, knownTargets, knownIds, today } = this.settings;
    if (!knownIds.has(waiver.id)) return { state: 'unknown', detail: `there is no clause '${waiver.id}'` };
    if (!knownTargets.includes(waiver.target))
      return { state: 'unknown', detail: `there is no target '${waiver.target}': expected ${knownTargets.join(', ')}` };
    if (this.isExpired(waiver))
      return { state: 'expired', detail: `it held until ${waiver.expires}, and today is ${today}` };
    if (waiver.target !== target) return { state: 'unjudged', detail: `this run is about ${target}` };
    return stateByOutcome(this.outcomes.get(waiver.id));
  }
}

function stateByOutcome(outcome: Verdict | 'waived' | undefined): Pick<JudgedWaiver, 'state' | 'detail'> {
  if (outcome === undefined) return { state: 'unjudged', detail: 'the clause did not run' };
  if (outcome === 'waived') return { state: 'used', detail: 'the clause fails' };
  if (outcome === 'pass') return { state: 'unused', detail: 'the clause passes: take the waiver out' };
  if (outcome === 'skip') return { state: 'unused', detail: 'the clause is skipped: take the waiver out' };
  return { state: 'unjudged', detail: `the clause ended with ${outcome}, which no waiver covers` };
}

function waivedText({ reason, expires }: Waiver): string {
  return `waived until ${expires}: ${reason.replace(/\s+/g, ' ')}`;
}

/** The note of a pass that is none by itself: its first line. Null where it passed of itself. */
export function waiverNote({ verdict, detail }: Pick<Waivable, 'verdict' | 'detail'>): string | null {
  return verdict === 'pass' && detail !== '' ? detail.split('\n', 1)[0]! : null;
}

/** One waiver in words, as findings print it. */
export function waiverText(waiver: JudgedWaiver): string {
  return `waiver ${keyOf(waiver)} is ${waiver.state}: ${waiver.detail}`;
}

/** What the parts of one run say of the same waivers, as one: the parts that ran the clause decide. */
export function mergeWaivers(parts: readonly (readonly JudgedWaiver[])[]): JudgedWaiver[] {
  const merged = new Map<string, JudgedWaiver>();
  for (const waiver of parts.flat()) {
    const former = merged.get(keyOf(waiver));
    if (former === undefined || former.state === 'unjudged') merged.set(keyOf(waiver), waiver);
  }
  return [...merged.values()];
}
