import { UsageError } from '../../shared/errors';
import { ETHERNET_LINK_TYPE, MAX_FRAME_LENGTH } from './capture';
import {
  BLOCK_HEAD_BYTES,
  BLOCK_TAIL_BYTES,
  BlockType,
  BYTE_ORDER_MAGIC,
  OPTION_HEAD_BYTES,
  OptionCode,
  padded,
} from './pcapngFormat';

const APPLICATION = 'avp-testbench';
const UNKNOWN_SECTION_LENGTH = -1n;
const NANOSECONDS = 9;
const MAX_OPTION_BYTES = 0xffff;
const MAX_TIME_NS = 0xffff_ffff_ffff_ffffn;

/**
 * Builds a pcapng file of one section in little-endian order. The bytes follow from the calls
 * alone: no time, host, or path gets in.
 */
export class PcapngWriter {
  private readonly blocks: Uint8Array[] = [sectionHeader()];
  private interfaceCount = 0;

  /**
   * Adds an Ethernet interface without a snapshot length, with nanosecond times.
   * @returns the index by which {@link writeFrame} names it.
   * @throws UsageError for a name of more than 65,535 bytes.
   */
  addInterface(name: string): number {
    const fixed = Buffer.alloc(8);
    fixed.writeUInt16LE(ETHERNET_LINK_TYPE, 0);
    const options = [
      option(OptionCode.InterfaceName, textBytes(name)),
      option(OptionCode.InterfaceTimeResolution, Uint8Array.of(NANOSECONDS)),
      endOfOptions(),
    ];
    this.blocks.push(block(BlockType.InterfaceDescription, [fixed, ...options]));
    return this.interfaceCount++;
  }

  /**
   * Appends a frame; its bytes are copied.
   * @param interfaceIndex number of the interface, from `addInterface`.
   * @param timeNs nanoseconds since 1970-01-01 UTC, 0 to 2^64 - 1.
   * @param bytes the frame, without CRC.
   * @param comments comments on the frame; none by default.
   * @throws UsageError for an interface not added before, a time out of range, a frame of more
   * than 262,144 bytes, or a comment of more than 65,535 bytes. Nothing is written then.
   */
  writeFrame(interfaceIndex: number, timeNs: bigint, bytes: Uint8Array, comments: readonly string[] = []): void {
    this.checkFrame(interfaceIndex, timeNs, bytes.length);
    const fixed = Buffer.alloc(20);
    fixed.writeUInt32LE(interfaceIndex, 0);
    fixed.writeUInt32LE(Number(timeNs >> 32n), 4);
    fixed.writeUInt32LE(Number(timeNs & 0xffff_ffffn), 8);
    fixed.writeUInt32LE(bytes.length, 12);
    fixed.writeUInt32LE(bytes.length, 16);
    const options = comments.map((comment) => option(OptionCode.Comment, textBytes(comment)));
    if (options.length > 0) {
      options.push(endOfOptions());
    }
    this.blocks.push(block(BlockType.EnhancedPacket, [fixed, bytes, ...options]));
  }

  /** The file as it stands; more may be written after. */
  toBytes(): Uint8Array {
    const { buffer, byteOffset, length } = Buffer.concat(this.blocks);
    return new Uint8Array(buffer, byteOffset, length);
  }

  private checkFrame(interfaceIndex: number, timeNs: bigint, length: number): void {
    if (!Number.isInteger(interfaceIndex) || interfaceIndex < 0 || interfaceIndex >= this.interfaceCount) {
      const known = this.interfaceCount;
      throw new UsageError(`no interface ${interfaceIndex} in the capture, which has ${known}; add it first`);
    }
    if (timeNs < 0n || timeNs > MAX_TIME_NS) {
      throw new UsageError(`frame time ${timeNs} ns does not fit the capture; give 0 to ${MAX_TIME_NS}`);
    }
    if (length > MAX_FRAME_LENGTH) {
      throw new UsageError(`frame of ${length} bytes does not fit the capture; give at most ${MAX_FRAME_LENGTH}`);
    }
  }
}

function sectionHeader(): Uint8Array {
  const fixed = Buffer.alloc(16);
  fixed.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  fixed.writeUInt16LE(1, 4);
  fixed.writeBigInt64LE(UNKNOWN_SECTION_LENGTH, 8);
  const application = option(OptionCode.SectionUserApplication, textBytes(APPLICATION));
  return block(BlockType.SectionHeader, [fixed, application, endOfOptions()]);
}

/** A block of `parts`, each filled up to a multiple of four bytes. */
function block(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const bodyBytes = parts.reduce((sum, part) => sum + padded(part.length), 0);
  const out = Buffer.alloc(BLOCK_HEAD_BYTES + bodyBytes + BLOCK_TAIL_BYTES);
  out.writeUInt32LE(type, 0);
  out.writeUInt32LE(out.length, 4);
  let offset = BLOCK_HEAD_BYTES;
  for (const part of parts) {
    out.set(part, offset);
    offset += padded(part.length);
  }
  out.writeUInt32LE(out.length, offset);
  return out;
}

/** Code, length, and value; {@link block} adds the padding, which the length leaves out. */
function option(code: number, value: Uint8Array): Uint8Array {
  const out = Buffer.alloc(OPTION_HEAD_BYTES + value.length);
  out.writeUInt16LE(code, 0);
  out.writeUInt16LE(value.length, 2);
  out.set(value, OPTION_HEAD_BYTES);
  return out;
}

function endOfOptions(): Uint8Array {
  return option(OptionCode.End, new Uint8Array(0));
}

function textBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > MAX_OPTION_BYTES) {
    throw new UsageError(`text of ${bytes.length} bytes does not fit the capture; give at most ${MAX_OPTION_BYTES}`);
  }
  return bytes;
}
