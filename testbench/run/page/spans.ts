import type { TraceRecord, TraceSpan } from '../../evidence/trace/traceRecord';

/** A span that belongs to a migration, with its end. */
export interface MigrationSpan {
  /** Whom it is about: `vm`, `vm/lan`, `host compute-0`. */
  readonly who: string;
  readonly what: string;
  readonly fromUs: number;
  readonly toUs: number;
  /** True if the span had not ended when the run did. */
  readonly isOpen: boolean;
  readonly args: TraceSpan['args'];
}

/** A migration on the timeline: the whole of it first, then its parts in the order of time. */
export interface MigrationSpans {
  readonly instance: string;
  /** Number among those of the instance, from 1. */
  readonly number: number;
  readonly way: string;
  readonly whole: MigrationSpan;
  readonly parts: readonly MigrationSpan[];
}

const WHOLE = /^migration (\d+): (.*)$/;
const REQUEST = /^request /;

function spanOf(who: string, { name, atUs, endUs, args }: TraceSpan, runEndUs: number): MigrationSpan {
  return { who, what: name, fromUs: atUs, toUs: endUs ?? Math.max(atUs, runEndUs), isOpen: endUs === null, args };
}

/** Whom a span of a migration is about; null for a span that is none of a migration of the instance. */
function whoIn(instance: string, { track, name }: TraceSpan): string | null {
  const { process, thread } = track;
  if (process === `guest ${instance}`) {
    if (thread === 'migration') return instance;
    const network = / (?:migration|detached)$/.exec(thread) === null ? null : thread.replace(/ \w+$/, '');
    // In modes that know reports only, a track has the whole name of the NIC.
    return network === null ? null : network.startsWith(`${instance}.`) ? network : `${instance}/${network}`;
  }
  return process.startsWith('host ') && thread.startsWith(`${instance}/`) && REQUEST.test(name) ? process : null;
}

/** Finds the migrations of a timeline, in the order in which they began. */
export function migrationSpans({ entries, endUs }: TraceRecord): MigrationSpans[] {
  const spans = entries.filter((entry) => entry.kind === 'span');
  const found = spans.flatMap((span): MigrationSpans[] => {
    const [, number, way] = span.track.thread === 'migration' ? (WHOLE.exec(span.name) ?? []) : [];
    if (number === undefined) return [];
    const instance = span.track.process.replace(/^guest /, '');
    const whole = spanOf(instance, span, endUs);
    const parts = spans.flatMap((other) => {
      const who = other === span ? null : whoIn(instance, other);
      return who === null || other.atUs < whole.fromUs || other.atUs > whole.toUs ? [] : [spanOf(who, other, endUs)];
    });
    parts.sort((one, other) => one.fromUs - other.fromUs);
    return [{ instance, number: Number(number), way: way!, whole, parts }];
  });
  return found.sort((one, other) => one.whole.fromUs - other.whole.fromUs);
}
