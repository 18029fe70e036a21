import { z } from 'zod';

/**
 * Validates files in the object form of the trace-event format: the types of the fields, the phases, and
 * rules that no schema can express.
 */

const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const at = { pid: z.int().min(0), tid: z.int().min(0), ts: z.number().min(0), name: z.string().min(1) };

const event = z.discriminatedUnion('ph', [
  z.strictObject({ ph: z.literal('B'), ...at, args: values }),
  z.strictObject({ ph: z.literal('E'), ...at }),
  z.strictObject({ ph: z.literal('i'), ...at, s: z.enum(['g', 'p', 't']), args: values }),
  z.strictObject({ ph: z.literal('C'), ...at, args: z.record(z.string().min(1), z.number()) }),
  z.strictObject({
    ph: z.literal('M'),
    ...at,
    args: z.union([z.strictObject({ name: z.string().min(1) }), z.strictObject({ sort_index: z.int() })]),
  }),
]);

const file = z.strictObject({
  displayTimeUnit: z.enum(['ms', 'ns']),
  metadata: values,
  traceEvents: z.array(event),
});

export type TraceFile = z.infer<typeof file>;
export type TraceEvent = z.infer<typeof event>;

function fail(what: string, { ph, ts, name }: TraceEvent): never {
  throw new Error(`${what}: ${ph} '${name}' at ${ts}`);
}

/** Checks that every begin has its end, the newest open begin first. */
function checkNesting(events: readonly TraceEvent[]): void {
  const open = new Map<string, TraceEvent[]>();
  for (const one of events) {
    const key = `${one.pid}/${one.tid}`;
    const stack = open.get(key) ?? [];
    open.set(key, stack);
    if (one.ph === 'B') stack.push(one);
    if (one.ph === 'E' && stack.pop()?.name !== one.name) fail('an end that is not of the newest begin', one);
  }
  for (const stack of open.values()) for (const one of stack) fail('a begin without its end', one);
}

/** Checks that each process and thread is named once, before its first event. */
function checkNames(events: readonly TraceEvent[]): void {
  const named = new Set<string>();
  const name = (one: TraceEvent, key: string): void => {
    if (named.has(key)) fail('named twice', one);
    named.add(key);
  };
  for (const one of events) {
    if (one.name === 'process_name') name(one, `${one.pid}`);
    else if (one.name === 'thread_name') name(one, `${one.pid}/${one.tid}`);
    else if (one.ph !== 'M' && !(named.has(`${one.pid}`) && named.has(`${one.pid}/${one.tid}`)))
      fail('its process or thread has no name', one);
  }
}

function checkOrder(events: readonly TraceEvent[]): void {
  let before = 0;
  for (const one of events) {
    if (one.ts < before) fail('out of order', one);
    before = one.ts;
  }
}

/** Parses a trace file and checks it. @throws Error for the first event that is wrong */
export function readTrace(text: string): TraceFile {
  const trace = file.parse(JSON.parse(text));
  checkNames(trace.traceEvents);
  checkOrder(trace.traceEvents);
  checkNesting(trace.traceEvents);
  return trace;
}

/** The events of one thread, by the names of process and thread. */
export function eventsOf({ traceEvents }: TraceFile, process: string, thread: string): TraceEvent[] {
  const named = (what: string, name: string): TraceEvent[] =>
    traceEvents.filter((one) => one.name === what && one.ph === 'M' && 'name' in one.args && one.args.name === name);
  const pids = named('process_name', process).map(({ pid }) => pid);
  const found = named('thread_name', thread).find(({ pid }) => pids.includes(pid));
  return traceEvents.filter(({ ph, pid, tid }) => ph !== 'M' && pid === found?.pid && tid === found.tid);
}

/** The arguments of the first event with a name, or of the first begin if no name is given. */
export function argsOf(
  events: readonly TraceEvent[],
  name: string | null = null,
): Readonly<Record<string, unknown>> | undefined {
  const found = events.find((one) => (name === null ? one.ph === 'B' : one.name === name));
  return found === undefined || found.ph === 'E' ? undefined : found.args;
}

/** The names of all processes, or of the threads of one process. */
export function namesIn({ traceEvents }: TraceFile, process: string | null = null): string[] {
  const names = traceEvents.flatMap((one) =>
    one.ph === 'M' && 'name' in one.args ? [{ ...one, called: one.args.name }] : [],
  );
  const processes = names.filter(({ name }) => name === 'process_name');
  if (process === null) return processes.map(({ called }) => called);
  const pid = processes.find(({ called }) => called === process)?.pid;
  return names.filter((one) => one.name === 'thread_name' && one.pid === pid).map(({ called }) => called);
}

/** The spans of a thread as `name from-to` in milliseconds, in the order of their begins. */
export function spansOf(trace: TraceFile, process: string, thread: string): string[] {
  const open: { name: string; from: number; place: number }[] = [];
  const spans: string[] = [];
  for (const { ph, name, ts } of eventsOf(trace, process, thread)) {
    if (ph === 'B') open.push({ name, from: ts, place: spans.push('') - 1 });
    if (ph !== 'E') continue;
    const begun = open.pop()!;
    spans[begun.place] = `${name} ${begun.from / 1_000}-${ts / 1_000}`;
  }
  return spans;
}
