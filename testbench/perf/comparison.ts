import type { ComparableResult } from './perfFile';

/** Difference between a figure of ours and that of an earlier run. */
export const CHANGE_KINDS = ['slower', 'drift', 'faster', 'new', 'gone', 'same'] as const;
/**
 * `slower` and `faster`: beyond the spread of both runs. `drift`: slower, but all peers became slower as well, so it was
 * the machine. `same`: within the spread, or without a figure in one of the runs.
 */
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** One result in both runs, or in one of them. */
export interface PerfChange {
  readonly kind: ChangeKind;
  /** Names the subject: mode, side, shape, path, bytes, burst, ports and queues. */
  readonly subject: string;
  readonly old: ComparableResult | null;
  readonly new: ComparableResult | null;
}

interface Spread {
  readonly leastNs: number | null;
  readonly mostNs: number | null;
  readonly nsPerPacket: number | null;
}

function subjectOf({ mode, side, shape, path, bytes, burst, ports, queues }: ComparableResult): string {
  return `${mode} ${side} ${shape} ${path} ${bytes} B, burst ${burst}, ${ports} x ${queues} queues`;
}

/** True if a figure is known and lies above another one with its whole spread. */
function isAbove(a: Spread, b: Spread): boolean {
  return a.nsPerPacket !== null && b.nsPerPacket !== null && a.leastNs! > b.mostNs!;
}

/** True if there are peers in both runs, and each is above its earlier figure. */
function peersAreAbove(old: ComparableResult, now: ComparableResult): boolean {
  const names = Object.keys(now.peers).filter((name) => old.peers[name] !== undefined);
  return names.length > 0 && names.every((name) => isAbove(now.peers[name]!, old.peers[name]!));
}

function kindOf(old: ComparableResult | null, now: ComparableResult | null): ChangeKind {
  if (old === null) return 'new';
  if (now === null) return 'gone';
  if (isAbove(now, old)) return peersAreAbove(old, now) ? 'drift' : 'slower';
  return isAbove(old, now) ? 'faster' : 'same';
}

/** Compares two runs, result by result. */
export function comparePerf(old: readonly ComparableResult[], now: readonly ComparableResult[]): PerfChange[] {
  const before = new Map(old.map((result) => [subjectOf(result), result]));
  const after = new Map(now.map((result) => [subjectOf(result), result]));
  return [...new Set([...after.keys(), ...before.keys()])].map((subject) => {
    const pair = { old: before.get(subject) ?? null, new: after.get(subject) ?? null };
    return { kind: kindOf(pair.old, pair.new), subject, ...pair };
  });
}

/** Heading of the changes of a kind; those that are the same are not listed. */
const HEADINGS: Readonly<Record<Exclude<ChangeKind, 'same'>, string>> = {
  slower: 'Slower, beyond the spread',
  drift: 'Slower, but so are all peers: the machine differs',
  faster: 'Faster, beyond the spread',
  new: 'New',
  gone: 'Not measured this time',
};

/** Changes of one kind, as lines of text. */
export interface ChangeList {
  readonly kind: ChangeKind;
  readonly heading: string;
  readonly lines: readonly string[];
}

/** Lists the changes by kind, the worst first. */
export function changeLists(changes: readonly PerfChange[]): ChangeList[] {
  return CHANGE_KINDS.filter((kind) => kind !== 'same').flatMap((kind) => {
    const lines = changes.filter((change) => change.kind === kind).map(changeText);
    return lines.length === 0 ? [] : [{ kind, heading: HEADINGS[kind], lines }];
  });
}

function figureText({ nsPerPacket, leastNs, mostNs, engine }: ComparableResult): string {
  if (nsPerPacket === null) return `n/a (${engine})`;
  return `${nsPerPacket.toFixed(1)} ns (${leastNs!.toFixed(0)}..${mostNs!.toFixed(0)}, ${engine})`;
}

/** Describes a change in one line. */
function changeText({ subject, old, new: now }: PerfChange): string {
  if (old === null) return `${subject}: ${figureText(now!)}`;
  if (now === null) return `${subject}: was ${figureText(old)}`;
  const percent = (now.nsPerPacket! / old.nsPerPacket! - 1) * 100;
  return `${subject}: ${figureText(old)} -> ${figureText(now)}, ${percent > 0 ? '+' : ''}${percent.toFixed(0)} %`;
}
