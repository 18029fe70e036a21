/**
 * Probe frames in the arena. A frame begins like a probe of `traffic/probeFrame.ts`: Ethernet, IPv4, UDP, magic, flow,
 * sequence, seed. Its filler consists of 32-bit words and has no UDP checksum, because the receiver knows every byte.
 */
import { copy, load32, load8, store32, store8, writeBytes } from '#mem';
import { ETHERNET_HEADER_BYTES } from '../../../shared/ethernet';
import { IPV4_HEADER_BYTES, UDP_HEADER_BYTES } from '../../traffic/udpFrame';
import { probeFrame, type ProbeFlow } from '../../traffic/probeFrame';
import { storeBe16, loadBe16 } from './bigEndian';

/** Bytes before the first word of filler. They are copied from the template. */
export const HEAD_BYTES = 56;
/** A head and one word of filler. */
export const MIN_FRAME_BYTES = HEAD_BYTES + 4;

/** Offset in a block of the head that all frames of the flow share. */
const TEMPLATE = 0;
/** Offset in a block of the number from which the filler of all frames is derived. */
const KEY = 56;
/** Offset in a block of the sum over the template's IPv4 header, with length, number and checksum of 0. */
const HEADER_SUM = 60;

/** Offsets in a frame. */
const IP = ETHERNET_HEADER_BYTES;
const UDP = IP + IPV4_HEADER_BYTES;
const PAYLOAD = UDP + UDP_HEADER_BYTES;
const IP_LENGTH = IP + 2;
const IP_NUMBER = IP + 4;
const IP_CHECKSUM = IP + 10;
const UDP_LENGTH = UDP + 4;
const UDP_CHECKSUM = UDP + 6;
const FLOW = PAYLOAD + 2;
const SEQUENCE = PAYLOAD + 4;

const MAGIC_VALUE = 0x4176;

/** The flow that a frame of at least `MIN_FRAME_BYTES` names, -1 where it is no probe. */
export function probeFlowOf(frame: number): number {
  return loadBe16(frame + PAYLOAD) === MAGIC_VALUE ? loadBe16(frame + FLOW) : -1;
}

export function probeSequenceOf(frame: number): number {
  return ((loadBe16(frame + SEQUENCE) << 16) | loadBe16(frame + SEQUENCE + 2)) >>> 0;
}

/** Fills in a new block. */
export function writeProbeBlock(block: number, flow: ProbeFlow): void {
  writeBytes(block + TEMPLATE, probeFrame(flow, 0).subarray(0, HEAD_BYTES));
  for (const field of [IP_LENGTH, IP_NUMBER, IP_CHECKSUM, UDP_LENGTH, UDP_CHECKSUM])
    storeBe16(block + TEMPLATE + field, 0);
  let sum = 0;
  for (let at = IP; at < UDP; at += 2) sum += loadBe16(block + TEMPLATE + at);
  store32(block + HEADER_SUM, sum);
  store32(block + KEY, (Math.imul(flow.seed ^ 0x5bd1e995, 0x9e3779b1) ^ Math.imul(flow.id + 1, 0x85ebca6b)) >>> 0);
}

/** Writes the head of frame `sequence` with `bytes` bytes. */
function writeHead(block: number, at: number, bytes: number, sequence: number): void {
  copy(at, block + TEMPLATE, HEAD_BYTES);
  const ipBytes = bytes - IP;
  const number = sequence & 0xffff;
  let sum = load32(block + HEADER_SUM) + ipBytes + number;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  storeBe16(at + IP_LENGTH, ipBytes);
  storeBe16(at + IP_NUMBER, number);
  storeBe16(at + IP_CHECKSUM, ~sum);
  storeBe16(at + UDP_LENGTH, ipBytes - IPV4_HEADER_BYTES);
  storeBe16(at + SEQUENCE, sequence >>> 16);
  storeBe16(at + SEQUENCE + 2, sequence);
}

function firstWord(block: number, sequence: number): number {
  const mixed = Math.imul(load32(block + KEY) ^ Math.imul(sequence, 0xc2b2ae35), 0x27d4eb2f);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

function nextWord(word: number): number {
  return (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
}

/** Writes a whole frame. @param at its address, a multiple of 4. */
export function writeProbe(block: number, at: number, bytes: number, sequence: number): void {
  writeHead(block, at, bytes, sequence);
  let word = firstWord(block, sequence);
  let done = HEAD_BYTES;
  for (; done + 4 <= bytes; done += 4) {
    store32(at + done, word);
    word = nextWord(word);
  }
  for (; done < bytes; done++, word >>>= 8) store8(at + done, word & 0xff);
}

/**
 * Whether a frame equals the one that was sent, byte for byte.
 * @param at address of the frame, a multiple of 4.
 * @param scratch arena address of `HEAD_BYTES` that belong to the calling thread.
 */
export function isProbeIntact(block: number, at: number, bytes: number, sequence: number, scratch: number): boolean {
  writeHead(block, scratch, bytes, sequence);
  let done = 0;
  for (; done < HEAD_BYTES; done += 4) if (load32(at + done) !== load32(scratch + done)) return false;
  let word = firstWord(block, sequence);
  for (; done + 4 <= bytes; done += 4) {
    if (load32(at + done) !== word) return false;
    word = nextWord(word);
  }
  for (; done < bytes; done++, word >>>= 8) if (load8(at + done) !== (word & 0xff)) return false;
  return true;
}
