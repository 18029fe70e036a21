import { NO_COMMENTS } from './capture';
import type { FileBytes } from './fileBytes';
import type { FrameFields } from './frameInFile';
import { BLOCK_HEAD_BYTES, BLOCK_TAIL_BYTES, OptionCode, padded } from './pcapngFormat';
import { toTimeNs, type PcapngInterface } from './pcapngInterface';
import { optionTexts, readOptions } from './pcapngOptions';

/** Bytes of a packet block's body before the frame. The obsolete packet block has as many. */
export const PACKET_FIXED_BYTES = 20;
/** Bytes of a simple packet block's body before the frame. */
export const SIMPLE_PACKET_FIXED_BYTES = 4;

const TIME_OFFSET = BLOCK_HEAD_BYTES + 4;
const CAPTURED_LENGTH_OFFSET = BLOCK_HEAD_BYTES + 12;
const ORIGINAL_LENGTH_OFFSET = BLOCK_HEAD_BYTES + 16;

/** Enhanced and obsolete packet blocks of one interface that have been checked. */
export class PacketBlocks implements FrameFields {
  /** @param file its byte order is that of the section. */
  constructor(
    private readonly file: FileBytes,
    private readonly from: PcapngInterface,
    readonly interfaceIndex: number,
  ) {}

  timeNs(at: number): bigint {
    const units = (BigInt(this.file.u32(at + TIME_OFFSET)) << 32n) | BigInt(this.file.u32(at + TIME_OFFSET + 4));
    return toTimeNs(this.from, units);
  }

  bytes(at: number): Uint8Array {
    return this.file.slice(at + BLOCK_HEAD_BYTES + PACKET_FIXED_BYTES, this.file.u32(at + CAPTURED_LENGTH_OFFSET));
  }

  originalLength(at: number): number {
    return this.file.u32(at + ORIGINAL_LENGTH_OFFSET);
  }

  comments(at: number): readonly string[] {
    const { file } = this;
    const start = at + BLOCK_HEAD_BYTES + PACKET_FIXED_BYTES + padded(file.u32(at + CAPTURED_LENGTH_OFFSET));
    const options = readOptions(file, start, at + file.u32(at + 4) - BLOCK_TAIL_BYTES);
    return options.length === 0 ? NO_COMMENTS : optionTexts(file, options, OptionCode.Comment);
  }
}

/** Simple packet blocks that have been checked. They have no time, and belong to the section's first interface. */
export class SimplePacketBlocks implements FrameFields {
  /** @param file its byte order is that of the section. */
  constructor(
    private readonly file: FileBytes,
    private readonly from: PcapngInterface,
    readonly interfaceIndex: number,
  ) {}

  timeNs(): bigint {
    return 0n;
  }

  bytes(at: number): Uint8Array {
    const length = simpleCapturedLength(this.from, this.originalLength(at));
    return this.file.slice(at + BLOCK_HEAD_BYTES + SIMPLE_PACKET_FIXED_BYTES, length);
  }

  originalLength(at: number): number {
    return this.file.u32(at + BLOCK_HEAD_BYTES);
  }

  comments(): readonly string[] {
    return NO_COMMENTS;
  }
}

/** A simple packet block does not say how much was captured: that follows from the interface. */
export function simpleCapturedLength({ snapLength }: PcapngInterface, originalLength: number): number {
  return snapLength === 0 ? originalLength : Math.min(snapLength, originalLength);
}
