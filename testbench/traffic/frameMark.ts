/**
 * A mark is appended to a frame and holds the frame's flow and sequence number, so that an oracle
 * recognizes the frame on arrival. To IP the mark is padding after the packet, and no checksum changes.
 *
 * 12 bytes, big-endian: magic u32, flow u32, sequence u32.
 */
const MAGIC = 0x4176506d;
const FLOW = 4;
const SEQUENCE = 8;
/** Bytes that a mark adds to a frame. */
export const MARK_BYTES = 12;

/** Contents of a mark. */
export interface FrameMark {
  /** Id of the flow, 32 bits. */
  readonly flow: number;
  /** Number of the frame in its flow, 32 bits, from 0. */
  readonly sequence: number;
}

/** Returns a copy of a frame with a mark appended. */
export function markFrame(frame: Uint8Array, { flow, sequence }: FrameMark): Uint8Array {
  const marked = new Uint8Array(frame.length + MARK_BYTES);
  marked.set(frame, 0);
  const mark = new DataView(marked.buffer, frame.length);
  mark.setUint32(0, MAGIC);
  mark.setUint32(FLOW, flow);
  mark.setUint32(SEQUENCE, sequence);
  return marked;
}

/** Reads the mark at the end of a frame; null if there is none. */
export function readMark(frame: Uint8Array): FrameMark | null {
  if (frame.length < MARK_BYTES) return null;
  const mark = new DataView(frame.buffer, frame.byteOffset + frame.length - MARK_BYTES);
  return mark.getUint32(0) === MAGIC ? { flow: mark.getUint32(FLOW), sequence: mark.getUint32(SEQUENCE) } : null;
}
