/** Checks that the bare C loop does our driver's work, byte for byte, before it serves as a yardstick. */
import { readBytes } from '#mem';
import { MBUF_TX_VLAN, MbufView } from '../../driver';
import { asHost } from '../../shared/actors';
import { VLAN_TAG_BYTES, withVlanTag } from '../../shared/ethernet';
import { BenchError } from '../../shared/errors';
import {
  FIFO_BYTES,
  loadDescDataHi,
  loadDescDataLen,
  loadDescDataLo,
  loadDescNbSegs,
  loadDescNextHi,
  loadDescNextLo,
  loadDescOlFlags,
  loadDescPktLen,
  loadDescVlanTci,
  loadFifoLen,
  loadFifoRead,
  loadFifoWrite,
} from '../../shared/loops/layout';
import { words32 } from '../../shared/mem/memory';
import { FrameSource } from '../traffic/frameSource';
import { BURST, type Shape, SIMPLE_MAX_BYTES } from './cases';
import { CGuest } from './cGuest';
import { MAX_FRAME_BYTES, MIN_FRAME_BYTES, perfFrame } from './perfFrame';
import { endGuest, startGuest, type StartedGuest } from './startedGuest';

/** The bursts of a guest's one queue. */
interface Bursts {
  rxBurst(out: Uint32Array, max: number): number;
  txBurst(mbufs: Uint32Array, n: number): number;
}

/** One packet on its way through a guest, as text: as mbufs, as host buffers on tx, and as the frame that leaves. */
interface Passage {
  readonly received: readonly string[];
  readonly onTx: readonly string[];
  readonly left: readonly string[];
}

const TCI = 0x6123;
/** Characters of a line that a message shows. */
const SHOWN = 100;

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

function mbufText(head: number): string {
  const view = new MbufView().at(head);
  const parts = [`${view.nbSegs} mbufs, ${view.pktLen} bytes, flags ${view.olFlags}, tci ${view.vlanTci}`];
  for (; view.address !== 0; view.at(view.next))
    parts.push(`${view.dataLen} at ${view.headroom}: ${hexOf(readBytes(view.dataAddress, view.dataLen))}`);
  return parts.join('\n');
}

/** Describes the packets on tx, oldest first. Every pointer is followed; each must lead into the only pool. */
function txText({ devices }: StartedGuest): string[] {
  const { host } = devices[0]!.inspect;
  const tx = host.fifoAddress('tx', 0);
  const arenaAddress = (lo: number, hi: number): number =>
    host.address('pool0') + Number((BigInt(hi) << 32n) + BigInt(lo) - host.run('pool0').va);
  const texts: string[] = [];
  for (let at = loadFifoRead(tx); at !== loadFifoWrite(tx); at = (at + 1) % loadFifoLen(tx)) {
    const slot = (tx + FIFO_BYTES + at * 8) >>> 2;
    const parts: string[] = [];
    for (let [lo, hi] = [words32[slot]!, words32[slot + 1]!]; (lo | hi) !== 0;) {
      const desc = arenaAddress(lo, hi);
      const bytes = loadDescDataLen(desc);
      if (parts.length === 0)
        parts.push(
          `${loadDescNbSegs(desc)} buffers, ${loadDescPktLen(desc)} bytes, flags ${loadDescOlFlags(desc)}, tci ${loadDescVlanTci(desc)}`,
        );
      parts.push(`${bytes}: ${hexOf(readBytes(arenaAddress(loadDescDataLo(desc), loadDescDataHi(desc)), bytes))}`);
      [lo, hi] = [loadDescNextLo(desc), loadDescNextHi(desc)];
    }
    texts.push(parts.join('\n'));
  }
  return texts;
}

/** Asks for the tag that the host has stripped. */
function tagAgain(packet: MbufView): void {
  if (packet.olFlags !== 0) packet.olFlags = MBUF_TX_VLAN;
}

/** Sends frames through a guest that returns them all, a burst at a time; the emulator is the host. */
function passagesOf(guest: StartedGuest, bursts: Bursts, frames: readonly Uint8Array[]): Passage[] {
  const device = guest.devices[0]!;
  const source = new FrameSource('check', MAX_FRAME_BYTES + VLAN_TAG_BYTES);
  const out = new Uint32Array(BURST);
  const view = new MbufView();
  const passages: Passage[] = [];
  try {
    for (let from = 0; from < frames.length; from += BURST) {
      const left: string[] = [];
      device.uplink = { deliver: (address, bytes) => void left.push(hexOf(readBytes(address, bytes))) };
      for (const frame of frames.slice(from, from + BURST)) source.send(device, frame);
      device.step();
      const count = bursts.rxBurst(out, BURST);
      const received = Array.from(out.subarray(0, count), mbufText);
      for (const mbuf of out.subarray(0, count)) tagAgain(view.at(mbuf));
      bursts.txBurst(out, count);
      const onTx = asHost(() => txText(guest));
      device.step();
      passages.push({ received, onTx, left });
    }
  } finally {
    source.destroy();
  }
  return passages;
}

/** Frames of the sizes to be measured, and of those around the places where a packet needs one more buffer. */
function framesFor(shape: Shape, sizes: readonly number[], seed: number): Uint8Array[] {
  const around = [1, 2, 3, 4].flatMap((buffers) => [-1, 0, 1].map((by) => buffers * SIMPLE_MAX_BYTES + by));
  const most = shape === 'simple' ? SIMPLE_MAX_BYTES : MAX_FRAME_BYTES;
  const all = [MIN_FRAME_BYTES, ...sizes, ...around].filter((bytes) => bytes <= most);
  const frames = [...all, ...all, ...all].map((bytes, index) => perfFrame(bytes, seed, index));
  return frames.map((frame, index) =>
    index % 3 === 1 && frame.length + VLAN_TAG_BYTES <= most ? withVlanTag(frame, TCI) : frame,
  );
}

function differingLine(ours: string, theirs: string): string {
  const [a, b] = [ours.split('\n'), theirs.split('\n')];
  const at = a.findIndex((line, index) => line !== b[index]);
  const shown = (lines: readonly string[]): string => (lines[at] ?? 'nothing').slice(0, SHOWN);
  return `'${shown(a)}' in ours, '${shown(b)}' in C`;
}

function firstDifference(ours: readonly Passage[], theirs: readonly Passage[]): string | null {
  for (const [index, mine] of ours.entries())
    for (const place of ['received', 'onTx', 'left'] as const) {
      const [a, b] = [mine[place], theirs[index]![place]];
      if (a.length !== b.length) return `${place}: ${a.length} packets in ours, ${b.length} in C`;
      const at = a.findIndex((text, packet) => text !== b[packet]);
      if (at >= 0) return `${place}, packet ${at}: ${differingLine(a[at]!, b[at]!)}`;
    }
  return null;
}

/**
 * Sends the same frames, tagged ones among them, through our driver and through the C loop, each on a device of its
 * own. Compares the mbufs that they receive, the descriptors and data that they put on tx, and what the host takes off.
 * @param library path of the library built from `driverLoop.c`.
 * @throws PathsDiffer
 */
export function checkPaths(library: string, shape: Shape, sizes: readonly number[], seed: number): void {
  const frames = framesFor(shape, sizes, seed);
  const options = { shape, lanes: { ports: 1, queues: 1 }, seed, vlan: true };
  const ours = startGuest(options);
  const theirs = startGuest(options);
  const c = CGuest.open(library, theirs);
  try {
    const port = ours.ports[0]!;
    const passages = passagesOf(
      ours,
      { rxBurst: (out, max) => port.rxBurst(0, out, max), txBurst: (mbufs, n) => port.txBurst(0, mbufs, n) },
      frames,
    );
    const difference = firstDifference(passages, passagesOf(theirs, c, frames));
    if (difference !== null) throw new PathsDiffer(shape, difference);
  } finally {
    c.close();
    endGuest(theirs);
    endGuest(ours);
  }
}

/** The bare C loop and our driver do not do the same with the same frames, so their times cannot be compared. */
export class PathsDiffer extends BenchError {
  constructor(shape: Shape, difference: string) {
    super('PATHS_DIFFER', `the C loop and our driver treat packets differently, ${shape}: ${difference}`);
  }
}
