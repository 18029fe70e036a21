/** Bursts with addresses that are no mbufs, as plain data, so that threads on either build of the memory can run them. */
import { mbufFree, mbufFromBytes, Mempool, MbufView } from '../../../driver';
import { loadMempoolFirst, loadMempoolStride, PORT_BYTES } from '../../../driver/loops/records';
import { frame, started, type Bench } from '../../unit/driver/build';

/** An address that is no mbuf: an offset from something, or from 0. */
export interface WildAddress {
  readonly from: 'zero' | 'pool' | 'port' | 'released' | 'buffers';
  readonly offset: number;
}

/** A packet of a burst. `next` hangs an address on the last segment of a sound chain; `loop` closes the chain. */
export type WildPacket =
  | { readonly kind: 'good' | 'loop' | 'freed'; readonly segments: number }
  | { readonly kind: 'wild'; readonly at: WildAddress }
  | { readonly kind: 'next'; readonly segments: number; readonly at: WildAddress };

export interface WildOutcome {
  readonly taken: number;
  /** Mbufs of the pool that are missing from it afterwards. */
  readonly missing: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly sent: readonly string[];
  readonly refusedFrees: number;
}

const view = new MbufView();
const MBUFS = 64;

interface WildWorld extends Bench {
  /** Address of an mbuf of a pool that has been released. */
  readonly released: number;
}

function makeWorld(): WildWorld {
  const bench = started({ mbufs: MBUFS });
  const other = Mempool.create({ mbufs: 3 });
  const released = loadMempoolFirst(other.address);
  other.release();
  return { ...bench, released };
}

function addressOf(world: WildWorld, { from, offset }: WildAddress): number {
  const first = loadMempoolFirst(world.pool.address);
  const starts = {
    zero: 0,
    pool: first,
    port: world.port.address,
    released: world.released,
    buffers: world.host.descs[0]!.address,
  };
  const address = (starts[from] + (from === 'port' ? offset % PORT_BYTES : offset)) >>> 0;
  const stride = loadMempoolStride(world.pool.address);
  const isMbuf = address >= first && address < first + MBUFS * stride && (address - first) % stride === 0;
  return isMbuf ? address + 64 : address;
}

function lastOf(mbuf: number): number {
  let last = mbuf;
  for (let next = view.at(last).next; next !== 0; next = view.at(last).next) last = next;
  return last;
}

function makePacket(world: WildWorld, packet: WildPacket): number {
  if (packet.kind === 'wild') return addressOf(world, packet.at);
  const mbuf = mbufFromBytes(world.pool, frame(20 * packet.segments), { segmentBytes: 20 });
  if (packet.kind === 'freed') mbufFree(mbuf);
  if (packet.kind === 'next') view.at(lastOf(mbuf)).next = addressOf(world, packet.at);
  if (packet.kind === 'next') view.at(mbuf).nbSegs = packet.segments + 1;
  if (packet.kind === 'loop') view.at(lastOf(mbuf)).next = mbuf;
  return mbuf;
}

function countersOf({ port }: Bench): Record<string, number> {
  const wanted = Object.entries(port.xstatsGet()).filter(([name, value]) => name.startsWith('tx_q0_') && value !== 0);
  return Object.fromEntries(wanted);
}

/** Sends a burst of these packets. */
export function sendWild(packets: readonly WildPacket[]): WildOutcome {
  const world = makeWorld();
  world.host.refill();
  const mbufs = Uint32Array.from(packets, (packet) => makePacket(world, packet));
  const taken = world.port.txBurst(0, mbufs, mbufs.length);
  return outcomeOf(world, taken);
}

/** Frees these packets. */
export function freeWild(packets: readonly WildPacket[]): WildOutcome {
  const world = makeWorld();
  packets.map((packet) => makePacket(world, packet)).forEach(mbufFree);
  return outcomeOf(world, packets.length);
}

function outcomeOf(world: WildWorld, taken: number): WildOutcome {
  const sent = world.host.sent(0).map(({ bytes }) => Buffer.from(bytes).toString('hex'));
  const missing = world.pool.size - world.pool.available;
  return { taken, missing, counters: countersOf(world), sent, refusedFrees: Mempool.refusedFrees };
}
