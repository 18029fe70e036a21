/**
 * Frames of captures in the arena: a flow's own ones, over and over again, each with a mark behind
 * it (`testbench/traffic/frameMark.ts`).
 */
import { copy, load32, load8, store32, writeBytes } from '#mem';
import { allocate, release } from '../../../shared/arena';
import { MARK_BYTES, markFrame } from '../../traffic/frameMark';
import { DRIVER_ONLY } from '../../../shared/loops/rights';
import { putWire32, wire32 } from './bigEndian';

/** Offsets in a block: how many frames there are, and where the table of them lies. */
const COUNT = 0;
const TABLE = 4;

/** A frame in the table: bytes without its mark, and where in the arena they lie. */
const ENTRY_BYTES = 8;

/** Offsets in a mark. */
const MARK_FLOW = 4;
const MARK_SEQUENCE = 8;

const MAGIC_VALUE = new DataView(markFrame(new Uint8Array(0), { flow: 0, sequence: 0 }).buffer).getUint32(0);

/** The flow that the mark behind a frame names, -1 where there is no mark. */
export function markFlowOf(frame: number, bytes: number): number {
  if (bytes < MARK_BYTES) return -1;
  const mark = frame + bytes - MARK_BYTES;
  return wire32(mark) === MAGIC_VALUE ? wire32(mark + MARK_FLOW) : -1;
}

/** Of a frame that has a mark. */
export function markSequenceOf(frame: number, bytes: number): number {
  return wire32(frame + bytes - MARK_BYTES + MARK_SEQUENCE);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

/** Fills in a new block; the frames go into memory of their own. */
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

/** Bytes of frame `sequence`, its mark included. */
export function capturedBytes(block: number, sequence: number): number {
  return load32(entryOf(block, sequence)) + MARK_BYTES;
}

/** Writes the frame with its mark. */
export function stampCaptured(block: number, at: number, flow: number, sequence: number): void {
  const entry = entryOf(block, sequence);
  const bytes = load32(entry);
  copy(at, load32(entry + 4), bytes);
  putWire32(at + bytes, MAGIC_VALUE);
  putWire32(at + bytes + MARK_FLOW, flow);
  putWire32(at + bytes + MARK_SEQUENCE, sequence);
}

/** Whether the frame at an address that is a multiple of 4, whose mark has been read, is byte for byte what was sent. */
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
