import type { TraceArgs, TraceEntry, TraceRecord, TraceSpan, Track } from './traceRecord';
import { type PlacedSpan, placeSpans } from './lanes';

/** One event of the trace-event format, with the fields that are used here. */
export interface ChromeEvent {
  /** Begin, end, instant, counter, metadata. */
  readonly ph: 'B' | 'E' | 'i' | 'C' | 'M';
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly ts: number;
  readonly name: string;
  readonly args?: TraceArgs;
  /** Scope of an instant: its thread. */
  readonly s?: 't';
}

/** A trace file in the object form of the format. */
export interface ChromeTrace {
  readonly displayTimeUnit: 'ms';
  readonly metadata: TraceArgs;
  readonly traceEvents: readonly ChromeEvent[];
}

function groupBy<T, K>(list: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of list) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

function keyOf({ process, thread }: Track): string {
  return JSON.stringify([process, thread]);
}

const NS_PER_US = 1_000;

/** Rounds to whole nanoseconds, because fractions of a real clock mean nothing. */
function rounded(us: number): number {
  return Math.round(us * NS_PER_US) / NS_PER_US;
}

/** Sorts names in natural order: `rx 2` before `rx 10`. */
const byName = new Intl.Collator('en', { numeric: true }).compare;

/** Numbers tracks in the order of their first use. */
class Directory {
  private readonly pids = new Map<string, number>();
  private readonly threads = new Map<string, { readonly track: Track; readonly pid: number; readonly tid: number }>();

  place(track: Track): { readonly pid: number; readonly tid: number } {
    const pid = this.pids.get(track.process) ?? this.pids.size + 1;
    this.pids.set(track.process, pid);
    const found = this.threads.get(keyOf(track)) ?? { track, pid, tid: this.threads.size + 1 };
    this.threads.set(keyOf(track), found);
    return { pid, tid: found.tid };
  }

  /** Metadata events with the names and the order of tracks: processes by first use, threads by name. */
  names(): ChromeEvent[] {
    const named = (
      what: 'process' | 'thread',
      pid: number,
      tid: number,
      name: string,
      place: number,
    ): ChromeEvent[] => [
      { ph: 'M', pid, tid, ts: 0, name: `${what}_name`, args: { name } },
      { ph: 'M', pid, tid, ts: 0, name: `${what}_sort_index`, args: { sort_index: place } },
    ];
    const threads = [...this.threads.values()].sort((one, other) => byName(one.track.thread, other.track.thread));
    return [...this.pids].flatMap(([process, pid]) => [
      ...named('process', pid, 0, process, pid),
      ...threads
        .filter((one) => one.pid === pid)
        .flatMap(({ track, tid }, place) => named('thread', pid, tid, track.thread, place)),
    ]);
  }
}

/** An event with its order among events of the same time: the position of its entry in the record. */
interface Ordered {
  readonly event: ChromeEvent;
  readonly order: number;
}

/** Begin and end events of one lane, ordered so that each end closes the newest open begin. */
function laneEvents(
  placed: readonly PlacedSpan[],
  at: { pid: number; tid: number },
  orderOf: (span: TraceSpan) => number,
): Ordered[] {
  const events: Ordered[] = [];
  const open: PlacedSpan[] = [];
  // Never decreases within a lane, so that sorting keeps the nesting.
  let order = 0;
  const closeUntil = (timeUs: number): void => {
    while (open.length > 0 && open.at(-1)!.endUs <= timeUs) {
      const { span, endUs } = open.pop()!;
      events.push({ order, event: { ph: 'E', ...at, ts: rounded(endUs), name: span.name } });
    }
  };
  for (const one of placed) {
    const { span } = one;
    closeUntil(span.atUs);
    order = Math.max(order, orderOf(span));
    const args = span.endUs === null ? { ...span.args, unfinished: true } : span.args;
    events.push({ order, event: { ph: 'B', ...at, ts: rounded(span.atUs), name: span.name, args } });
    open.push(one);
  }
  closeUntil(Infinity);
  return events;
}

function spanEvents(entries: readonly TraceEntry[], latestUs: number, directory: Directory): Ordered[] {
  const orders = new Map(entries.map((entry, order) => [entry, order]));
  const spans = entries.filter((entry) => entry.kind === 'span');
  return [...groupBy(spans, ({ track }) => keyOf(track)).values()].flatMap((ofTrack) => {
    const { process, thread } = ofTrack[0]!.track;
    return [...groupBy(placeSpans(ofTrack, latestUs), ({ lane }) => lane)].flatMap(([lane, placed]) => {
      const at = directory.place({ process, thread: lane === 0 ? thread : `${thread} (${lane + 1})` });
      return laneEvents(placed, at, (span) => orders.get(span)!);
    });
  });
}

function pointEvents(entries: readonly TraceEntry[], directory: Directory): Ordered[] {
  return entries.flatMap((entry, order): Ordered[] => {
    if (entry.kind === 'span') return [];
    const head = { ...directory.place(entry.track), ts: rounded(entry.atUs), name: entry.name };
    const event: ChromeEvent =
      entry.kind === 'sample'
        ? { ph: 'C', ...head, args: entry.values }
        : { ph: 'i', ...head, s: 't', args: entry.args };
    return [{ order, event }];
  });
}

/**
 * Converts a record to Chrome's trace-event format, for Perfetto and others: a process for each party, a
 * thread for each NIC and queue. The same record gives the same trace.
 * @param metadata of the whole trace: tool, scenario, seed.
 */
export function chromeTrace(record: TraceRecord, metadata: TraceArgs): ChromeTrace {
  const directory = new Directory();
  for (const { track } of record.entries) directory.place(track);
  const latestUs = record.entries.reduce((latest, entry) => Math.max(latest, entry.atUs), record.endUs);
  const events = [...spanEvents(record.entries, latestUs, directory), ...pointEvents(record.entries, directory)];
  events.sort((one, other) => one.event.ts - other.event.ts || one.order - other.order);
  const all = record.leftOut === 0 ? metadata : { ...metadata, leftOut: record.leftOut };
  return {
    displayTimeUnit: 'ms',
    metadata: all,
    traceEvents: [...directory.names(), ...events.map(({ event }) => event)],
  };
}

/** Text of the file, with one event per line so that it can be read and compared. */
export function traceText({ displayTimeUnit, metadata, traceEvents }: ChromeTrace): string {
  const head = `"displayTimeUnit":${JSON.stringify(displayTimeUnit)},\n"metadata":${JSON.stringify(metadata)},\n`;
  return `{${head}"traceEvents":[\n${traceEvents.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;
}
