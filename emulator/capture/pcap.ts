import { NO_COMMENTS, type Capture, type CapturedFrame } from './capture';
import type { FileBytes } from './fileBytes';
import { requireEthernet, requireNoCheckSequence, requireSaneLengths } from './frameChecks';

/** First field of a file with microsecond times. */
export const PCAP_MICROSECOND_MAGIC = 0xa1b2c3d4;
/** First field of a file with nanosecond times. */
export const PCAP_NANOSECOND_MAGIC = 0xa1b23c4d;

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
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
  const frames: CapturedFrame[] = [];
  for (let offset = FILE_HEADER_BYTES; offset < file.length;) {
    const frame = readRecord(file, offset, nsPerUnit);
    frames.push(frame);
    offset += RECORD_HEADER_BYTES + frame.bytes.length;
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

function readRecord(file: FileBytes, offset: number, nsPerUnit: bigint): CapturedFrame {
  file.need(offset, RECORD_HEADER_BYTES, 'the header of the packet');
  const capturedLength = file.u32(offset + 8);
  const originalLength = file.u32(offset + 12);
  requireSaneLengths(file, offset + 8, capturedLength, originalLength);
  file.need(offset, RECORD_HEADER_BYTES + capturedLength, 'the packet');
  return {
    interfaceIndex: 0,
    timeNs: BigInt(file.u32(offset)) * NS_PER_SECOND + BigInt(file.u32(offset + 4)) * nsPerUnit,
    bytes: file.slice(offset + RECORD_HEADER_BYTES, capturedLength),
    originalLength,
    comments: NO_COMMENTS,
  };
}
