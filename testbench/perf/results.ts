/** A peer's figure in the JSON of `avp perf`. */
export interface PeerFigure {
  readonly nsPerPacket: number;
  /** Our time divided by the peer's; above 1 ours is slower. */
  readonly ratio: number;
}

export type PeerName = 'c' | 'dpdk';

export interface PerfResult {
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
  readonly nsPerPacket: number;
  readonly mpps: number;
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

/** Makes a result from repeated measurements, ours and the peer's, in nanoseconds a packet. */
export function resultOf(
  subject: PerfSubject,
  peer: PeerName,
  ours: readonly number[],
  theirs: readonly number[],
): PerfResult {
  const own = median(ours);
  const other = median(theirs);
  return {
    ...subject,
    ...{ queues: 1, ports: 1 },
    nsPerPacket: rounded(own),
    mpps: rounded(NS_PER_US / own),
    peers: { [peer]: { nsPerPacket: rounded(other), ratio: rounded(own / other) } },
  };
}

const NAMES: Readonly<Record<PeerName, string>> = { c: 'C host', dpdk: 'net_avp' };

const WORDS = ['mode', 'shape', 'path', 'engine', 'peer'] as const;
const TITLES = ['mode', 'shape', 'path', 'bytes', 'engine', 'ours ns', 'Mpps', 'peer', 'its ns', 'ratio'] as const;

function cellsOf({ mode, shape, path, bytes, engine, nsPerPacket, mpps, peers }: PerfResult): string[][] {
  const own = [mode, shape, path, String(bytes), engine, nsPerPacket.toFixed(1), mpps.toFixed(2)];
  return Object.entries(peers).map(([name, peer]) => [
    ...own,
    NAMES[name as PeerName],
    peer.nsPerPacket.toFixed(1),
    peer.ratio.toFixed(2),
  ]);
}

/** Lays results out as lines of a table: words to the left of their column, figures to the right. */
export function resultTable(results: readonly PerfResult[]): string[] {
  const lines = [TITLES, ...results.flatMap(cellsOf)];
  const columns = TITLES.map((title, column) => ({
    width: Math.max(...lines.map((line) => line[column]!.length)),
    left: (WORDS as readonly string[]).includes(title),
  }));
  return lines.map((line) =>
    columns
      .map(({ width, left }, column) => (left ? line[column]!.padEnd(width) : line[column]!.padStart(width)))
      .join('  '),
  );
}
