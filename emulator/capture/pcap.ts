import { NO_COMMENTS, type Capture, type CapturedFrame } from './capture';
import type { FileBytes } from './fileBytes';
import { FrameInFile, type FrameFields } from './frameInFile';
import { requireEthernet, requireNoCheckSequence, requireSaneLengths } from './frameChecks';

/** First field of a file with microsecond times. */
export const PCAP_MICROSECOND_MAGIC = 0xa1b2c3d4;
/** First field of a file with nanosecond times. */
export const PCAP_NANOSECOND_MAGIC = 0xa1b23c4d;

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const CAPTURED_LENGTH_OFFSET = 8;
const ORIGINAL_LENGTH_OFFSET = 12;
const VERSION_OFFSET = 4;
const LINK_TYPE_OFFSET = 20;
const NS_PER_SECOND = 1_000_000_000n;

/**
 * Reads a pcap file. The caller has set the byte order by the magic.
 * @throws CaptureError
 */
export function readPcap(file: FileBytes): Capture {
  file.need(0, FILE_HEADER_BYTES, 'the pcap file header');
  const nsPerUnit = file.u32(0) === PCAP_NANOSECOND_MAGIC ? 1n : 1000n;
  checkVersion(file);
  checkLinkType(file);
  const records = new PcapRecords(file, nsPerUnit);
  const frames: CapturedFrame[] = [];
  for (let offset = FILE_HEADER_BYTES; offset < file.length;) {
    frames.push(new FrameInFile(records, offset));
    offset += RECORD_HEADER_BYTES + checkRecord(file, offset);
  }
  return { interfaces: [{ name: null }], frames };
}

function checkVersion(file: FileBytes): void {
  const version = `${file.u16(VERSION_OFFSET)}.${file.u16(VERSION_OFFSET + 2)}`;
  if (version !== '2.4') {
    // Older minor versions have the two lengths of a record in another order.
    file.refuse(VERSION_OFFSET, {
      found: `pcap version ${version}`,
      expected: 'version 2.4',
      advice: 'convert the file with editcap -F pcapng',
    });
  }
}

/** The link type's upper bits may say that each frame ends in a check sequence. */
function checkLinkType(file: FileBytes): void {
  const field = file.u32(LINK_TYPE_OFFSET);
  requireEthernet(file, LINK_TYPE_OFFSET, field & 0xffff);
  const checkSequencePresent = (field & 0x0400_0000) !== 0;
  requireNoCheckSequence(file, LINK_TYPE_OFFSET, checkSequencePresent ? field >>> 28 : 0);
}

/** Checks the record at `offset`, and returns how many bytes of its frame were captured. */
function checkRecord(file: FileBytes, offset: number): number {
  file.need(offset, RECORD_HEADER_BYTES, 'the header of the packet');
  const capturedLength = file.u32(offset + CAPTURED_LENGTH_OFFSET);
  const originalLength = file.u32(offset + ORIGINAL_LENGTH_OFFSET);
  requireSaneLengths(file, offset + CAPTURED_LENGTH_OFFSET, capturedLength, originalLength);
  file.need(offset, RECORD_HEADER_BYTES + capturedLength, 'the packet');
  return capturedLength;
}

/** Records that have been checked. */
class PcapRecords implements FrameFields {
  readonly interfaceIndex = 0;

  constructor(
    private readonly file: FileBytes,
    private readonly nsPerUnit: bigint,
  ) {}

  timeNs(at: number): bigint {
    return BigInt(this.file.u32(at)) * NS_PER_SECOND + BigInt(this.file.u32(at + 4)) * this.nsPerUnit;
  }

  bytes(at: number): Uint8Array {
    return this.file.slice(at + RECORD_HEADER_BYTES, this.file.u32(at + CAPTURED_LENGTH_OFFSET));
  }

  originalLength(at: number): number {
    return this.file.u32(at + ORIGINAL_LENGTH_OFFSET);
  }

  comments(): readonly string[] {
    return NO_COMMENTS;
  }
}
