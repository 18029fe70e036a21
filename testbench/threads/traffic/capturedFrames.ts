/** Captured frames of a flow in the arena, repeated over and over, each followed by a mark (`traffic/frameMark.ts`). */
import { copy, load32, load8, store32, writeBytes } from '#mem';
import { allocate, release } from '../../../shared/arena';
import { MARK_BYTES, markFrame } from '../../traffic/frameMark';
import { DRIVER_ONLY } from '../../../shared/loops/rights';
import { storeBe32, loadBe32 } from './bigEndian';

/** Offsets in a block: number of frames, and arena address of their table. */
const COUNT = 0;
const TABLE = 4;

/** An entry of the table: bytes of the frame without its mark, and its arena address. */
const ENTRY_BYTES = 8;

/** Offsets in a mark. */
const MARK_FLOW = 4;
const MARK_SEQUENCE = 8;

const MAGIC_VALUE = new DataView(markFrame(new Uint8Array(0), { flow: 0, sequence: 0 }).buffer).getUint32(0);

/** Returns the flow that a frame's mark names, -1 if the frame has no mark. */
export function markFlowOf(frame: number, bytes: number): number {
  if (bytes < MARK_BYTES) return -1;
  const mark = frame + bytes - MARK_BYTES;
  return loadBe32(mark) === MAGIC_VALUE ? loadBe32(mark + MARK_FLOW) : -1;
}

/** Returns the sequence number in the mark of a frame that has one. */
export function markSequenceOf(frame: number, bytes: number): number {
  return loadBe32(frame + bytes - MARK_BYTES + MARK_SEQUENCE);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

/** Fills in a new block. The frames get memory of their own, which `releaseCaptured` releases. */
export function writeCapturedBlock(block: number, frames: readonly Uint8Array[]): void {
  const tableBytes = frames.length * ENTRY_BYTES;
  const bytes = frames.reduce((sum, frame) => sum + roundUp(frame.length), tableBytes);
  const table = allocate(bytes, { rights: DRIVER_ONLY, label: 'captured frames' });
  store32(block + COUNT, frames.length);
  store32(block + TABLE, table);
  let at = table + tableBytes;
  frames.forEach((frame, index) => {
    store32(table + index * ENTRY_BYTES, frame.length);
    store32(table + index * ENTRY_BYTES + 4, at);
    writeBytes(at, frame);
    at += roundUp(frame.length);
  });
}

export function releaseCaptured(block: number): void {
  release(load32(block + TABLE));
}

function entryOf(block: number, sequence: number): number {
  return load32(block + TABLE) + (sequence % load32(block + COUNT)) * ENTRY_BYTES;
}

/** Returns the bytes of frame `sequence`, including its mark. */
export function capturedBytes(block: number, sequence: number): number {
  return load32(entryOf(block, sequence)) + MARK_BYTES;
}

/** Writes frame `sequence` and its mark. */
export function writeCaptured(block: number, at: number, flow: number, sequence: number): void {
  const entry = entryOf(block, sequence);
  const bytes = load32(entry);
  copy(at, load32(entry + 4), bytes);
  storeBe32(at + bytes, MAGIC_VALUE);
  storeBe32(at + bytes + MARK_FLOW, flow);
  storeBe32(at + bytes + MARK_SEQUENCE, sequence);
}

/**
 * Whether a frame equals the one that was sent, byte for byte.
 * @param at address of the frame, a multiple of 4.
 * @param sequence as its mark says.
 */
export function isCapturedIntact(block: number, at: number, bytes: number, sequence: number): boolean {
  const entry = entryOf(block, sequence);
  const own = load32(entry);
  const template = load32(entry + 4);
  if (own + MARK_BYTES !== bytes) return false;
  let done = 0;
  for (; done + 4 <= own; done += 4) if (load32(at + done) !== load32(template + done)) return false;
  for (; done < own; done++) if (load8(at + done) !== load8(template + done)) return false;
  return true;
}
