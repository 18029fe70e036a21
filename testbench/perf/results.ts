/** Result of repeated measurements of one side. */
export interface Figure {
  /** The median; null where it does not stand out from the noise. */
  readonly nsPerPacket: number | null;
  /** Why there is no figure; left out where there is one. */
  readonly reason?: string;
}

/** A peer's figure in the JSON of `avp perf`. */
export interface PeerFigure extends Figure {
  /** Our time divided by the peer's; above 1 ours is slower. Null where either is null. */
  readonly ratio: number | null;
}

export const PEER_NAMES = ['c', 'dpdk'] as const;
export type PeerName = (typeof PEER_NAMES)[number];

export interface PerfResult extends Figure {
  /** `driver` for a driver's step alone, `round` for host and driver. */
  readonly mode: 'driver' | 'round';
  /** How our loops ran: as TypeScript, or compiled to WebAssembly. */
  readonly engine: 'ts' | 'wasm';
  readonly shape: 'simple' | 'scattered';
  /** Receive, transmit, or both. */
  readonly path: 'rx' | 'tx' | 'io';
  /** Frame size without the frame check sequence. */
  readonly bytes: number;
  /** Packets of a burst. */
  readonly burst: number;
  readonly queues: number;
  readonly ports: number;
  readonly mpps: number | null;
  readonly peers: Readonly<Partial<Record<PeerName, PeerFigure>>>;
}

/** Fields of a result that name its subject. */
export type PerfSubject = Pick<PerfResult, 'mode' | 'engine' | 'shape' | 'path' | 'bytes' | 'burst'>;

const NS_PER_US = 1_000;
const DECIMALS = 2;

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

function rounded(value: number): number {
  return Number(value.toFixed(DECIMALS));
}

/**
 * The median of repeated measurements, if it stands out from their noise. From the least to the largest of n values
 * is a confidence interval of the median whatever their distribution, with a level of 1 - 2^(1 - n): 94 % for 5. A
 * cost is above 0, so an interval that reaches 0 says nothing about it. Only a cost that is the difference of two
 * measurements can come out like that.
 */
function figureOf(values: readonly number[]): Figure {
  if (!values.every(Number.isFinite)) return { nsPerPacket: null, reason: 'a run moved no packets' };
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (least > 0) return { nsPerPacket: rounded(median(values)) };
  const range = `${least.toFixed(1)} to ${most.toFixed(1)} ns`;
  return {
    nsPerPacket: null,
    reason: `the difference does not stand out from its noise: ${range} in ${values.length} runs`,
  };
}

function peerFigure(ours: readonly number[], theirs: readonly number[]): PeerFigure {
  const other = figureOf(theirs);
  const isKnown = figureOf(ours).nsPerPacket !== null && other.nsPerPacket !== null;
  return { ...other, ratio: isKnown ? rounded(median(ours) / median(theirs)) : null };
}

/** Repeated measurements of each peer, in nanoseconds a packet. */
export type PeerValues = Readonly<Partial<Record<PeerName, readonly number[]>>>;

/** Makes a result from repeated measurements, ours and those of the peers, in nanoseconds a packet. */
export function resultOf(subject: PerfSubject, ours: readonly number[], peers: PeerValues): PerfResult {
  const own = figureOf(ours);
  return {
    ...subject,
    ...{ queues: 1, ports: 1 },
    ...own,
    mpps: own.nsPerPacket === null ? null : rounded(NS_PER_US / median(ours)),
    peers: Object.fromEntries(Object.entries(peers).map(([name, theirs]) => [name, peerFigure(ours, theirs)])),
  };
}

/** What stands for a peer in the table: `c` is the counterpart in C of what is ours. */
function peerTitle(mode: PerfResult['mode'], peer: PeerName): string {
  if (peer === 'dpdk') return 'net_avp';
  return mode === 'driver' ? 'C loop' : 'C host';
}

const WORDS = ['mode', 'shape', 'path', 'engine', 'peer'] as const;
const TITLES = ['mode', 'shape', 'path', 'bytes', 'engine', 'ours ns', 'Mpps', 'peer', 'its ns', 'ratio'] as const;

function cell(value: number | null, decimals: number): string {
  return value === null ? 'n/a' : value.toFixed(decimals);
}

/** Says why figures of a result are missing. */
function reasonsOf({ mode, shape, path, bytes, reason, peers }: PerfResult): string[] {
  const subject = `${mode}, ${shape}, ${path}, ${bytes} bytes`;
  const sides = [
    ['ours', reason] as const,
    ...Object.entries(peers).map(([name, peer]) => [peerTitle(mode, name as PeerName), peer.reason] as const),
  ];
  return sides.flatMap(([side, why]) => (why === undefined ? [] : [`n/a: ${subject}, ${side}: ${why}`]));
}

function cellsOf({ mode, shape, path, bytes, engine, nsPerPacket, mpps, peers }: PerfResult): string[][] {
  const own = [mode, shape, path, String(bytes), engine, cell(nsPerPacket, 1), cell(mpps, 2)];
  return Object.entries(peers).map(([name, peer]) => [
    ...own,
    peerTitle(mode, name as PeerName),
    cell(peer.nsPerPacket, 1),
    cell(peer.ratio, 2),
  ]);
}

/**
 * Lays results out as lines of a table: words to the left of their column, figures to the right. Below it are the
 * reasons for figures that are missing.
 */
export function resultTable(results: readonly PerfResult[]): string[] {
  const lines = [TITLES, ...results.flatMap(cellsOf)];
  const columns = TITLES.map((title, column) => ({
    width: Math.max(...lines.map((line) => line[column]!.length)),
    left: (WORDS as readonly string[]).includes(title),
  }));
  const table = lines.map((line) =>
    columns
      .map(({ width, left }, column) => (left ? line[column]!.padEnd(width) : line[column]!.padStart(width)))
      .join('  '),
  );
  return [...table, ...results.flatMap(reasonsOf)];
}
