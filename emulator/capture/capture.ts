import { UsageError } from '../../shared/errors';

/** An interface that frames were captured on. */
export interface CapturedInterface {
  /** The name as the file gives it, or null: a pcap file and many pcapng files give none. */
  readonly name: string | null;
}

/**
 * One frame of a capture, from the destination address on, without a frame check sequence. The fields of a frame that
 * was read from a file are getters, which read the file's bytes: a spread (`{ ...frame }`) copies none of them.
 */
export interface CapturedFrame {
  /** Index into {@link Capture.interfaces}. */
  readonly interfaceIndex: number;
  /** Nanoseconds since 1970-01-01 UTC; 0 where the file gives none (simple packet blocks). */
  readonly timeNs: bigint;
  /** The captured bytes: a view of the file's bytes, so not to be written to. */
  readonly bytes: Uint8Array;
  /** Bytes that the frame had on the wire: more than `bytes.length` if the capture cut it. */
  readonly originalLength: number;
  /** Comments on the frame, in file order. Only pcapng has them. */
  readonly comments: readonly string[];
}

/** Contents of a capture file: all its Ethernet frames, in file order. */
export interface Capture {
  /** Interfaces, in file order. */
  readonly interfaces: readonly CapturedInterface[];
  /** Frames, in file order. */
  readonly frames: readonly CapturedFrame[];
}

/** The comments of a frame without any. */
export const NO_COMMENTS: readonly string[] = Object.freeze([]);

/** The only link type that is read and written (LINKTYPE_ETHERNET). */
export const ETHERNET_LINK_TYPE = 1;

/**
 * Captured bytes that one frame can have at most, in files read and written. A greater length is damage
 * and not a frame: no capture tool's snapshot length goes beyond it.
 */
export const MAX_FRAME_LENGTH = 262_144;

/**
 * A capture file that cannot be used. The message is one line: file, byte offset, what was
 * found, what was expected, and what to do.
 */
export class CaptureError extends UsageError {
  constructor(
    message: string,
    /** Offset in the file, in bytes, of the damage that the message describes. */
    readonly offset: number,
    options?: ErrorOptions,
  ) {
    // A file's name may hold a line break; the message stays one line.
    super(message.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?'), options);
  }
}
