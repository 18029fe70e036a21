import { type DeviceSizes, sizesOf } from './cases';

/** Result of repeated measurements of one side. */
export interface Figure {
  /** The median; null where it does not stand out from the noise. */
  readonly nsPerPacket: number | null;
  /** The least and the largest of the measurements; null where a run moved no packets. */
  readonly leastNs: number | null;
  readonly mostNs: number | null;
  /**
   * Packets in a burst: fewer than asked for if the host was the slower side. Null if nobody counted.
   */
  readonly packetsPerBurst: number | null;
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

export interface PerfResult extends Figure, DeviceSizes {
  /** `driver` for a driver's step alone, `round` for host and driver. */
  readonly mode: 'driver' | 'round';
  /** The side that is ours and that the peers stand for; the other side is the same for all. */
  readonly side: 'guest' | 'host';
  /** Engine of our loops: TypeScript or WebAssembly. */
  readonly engine: 'ts' | 'wasm';
  readonly shape: 'simple' | 'scattered';
  /** Receive, transmit, or both. The guest's application in mode `round`: `rx` for rxonly, `tx` for txonly. */
  readonly path: 'rx' | 'tx' | 'io' | 'rxonly' | 'txonly';
  /** Frame size without the frame check sequence. */
  readonly bytes: number;
  /** Packets of a burst. */
  readonly burst: number;
  /** Queue pairs of each port. */
  readonly queues: number;
  readonly ports: number;
  readonly mpps: number | null;
  /** Collections of the young generation per million packets in our thread; null where they were not counted. */
  readonly scavengesPerMpackets: number | null;
  readonly peers: Readonly<Partial<Record<PeerName, PeerFigure>>>;
}

/** Fields of a result that name its subject. */
export type PerfSubject = Pick<
  PerfResult,
  'mode' | 'side' | 'engine' | 'shape' | 'path' | 'bytes' | 'burst' | 'queues' | 'ports'
>;

/** Repeated measurements of one side. */
export interface Measured {
  /** One value for each repetition. */
  readonly nsPerPacket: number[];
  /** Packets of all repetitions. */
  packets: number;
  /** Collections of the young generation meanwhile; null where they were not counted. */
  scavenges: number | null;
  /** Bursts of all repetitions that had packets; null where they were not counted. */
  bursts: number | null;
}

export function noMeasurement(): Measured {
  return { nsPerPacket: [], packets: 0, scavenges: null, bursts: null };
}

const NS_PER_US = 1_000;
const PACKETS_PER_MPACKET = 1e6;
const DECIMALS = 2;

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

export function rounded(value: number): number {
  return Number(value.toFixed(DECIMALS));
}

/**
 * The median of repeated measurements, if it stands out from their noise. From the least to the largest of n values
 * is a confidence interval of the median whatever their distribution, with a level of 1 - 2^(1 - n): 94 % for 5. A
 * cost is above 0, so an interval that reaches 0 says nothing about it. Only a cost that is the difference of two
 * measurements can come out like that.
 */
function figureOf({ nsPerPacket: values, packets, bursts }: Measured): Figure {
  if (!values.every(Number.isFinite))
    return { nsPerPacket: null, leastNs: null, mostNs: null, packetsPerBurst: null, reason: 'a run moved no packets' };
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const packetsPerBurst = bursts === null || bursts === 0 ? null : rounded(packets / bursts);
  const spread = { leastNs: rounded(least), mostNs: rounded(most), packetsPerBurst };
  if (least > 0) return { nsPerPacket: rounded(median(values)), ...spread };
  const range = `${least.toFixed(1)} to ${most.toFixed(1)} ns`;
  return {
    nsPerPacket: null,
    ...spread,
    reason: `the difference does not stand out from its noise: ${range} in ${values.length} runs`,
  };
}

function peerFigure(ours: Measured, theirs: Measured): PeerFigure {
  const other = figureOf(theirs);
  const isKnown = figureOf(ours).nsPerPacket !== null && other.nsPerPacket !== null;
  return { ...other, ratio: isKnown ? rounded(median(ours.nsPerPacket) / median(theirs.nsPerPacket)) : null };
}

/** Repeated measurements of each peer. */
export type PeerValues = Readonly<Partial<Record<PeerName, Measured>>>;

/** Makes a result from repeated measurements, ours and those of the peers. */
export function resultOf(subject: PerfSubject, ours: Measured, peers: PeerValues): PerfResult {
  const { nsPerPacket, packets, scavenges } = ours;
  const own = figureOf(ours);
  return {
    ...subject,
    ...sizesOf(subject),
    ...own,
    mpps: own.nsPerPacket === null ? null : rounded(NS_PER_US / median(nsPerPacket)),
    scavengesPerMpackets:
      scavenges === null || packets === 0 ? null : rounded((scavenges / packets) * PACKETS_PER_MPACKET),
    peers: Object.fromEntries(Object.entries(peers).map(([name, theirs]) => [name, peerFigure(ours, theirs)])),
  };
}
