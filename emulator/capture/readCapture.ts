import { readFileSync, statSync } from 'node:fs';
import { hex32 } from '../../shared/hex';
import { CaptureError, type Capture } from './capture';
import { FileBytes } from './fileBytes';
import { gunzip, isGzip } from './gzip';
import { PCAP_MICROSECOND_MAGIC, PCAP_NANOSECOND_MAGIC, readPcap } from './pcap';
import { readPcapng } from './pcapng';
import { BlockType } from './pcapngFormat';

const MAGIC_BYTES = 4;

/**
 * Reads a pcap or pcapng file of either byte order, or one of them compressed with gzip; the first bytes tell the
 * format.
 * @param bytes the whole file. The frames are views of it, or of what it expands to.
 * @param name what messages call the file.
 * @throws CaptureError for every file that cannot be used, and nothing else.
 */
export function readCapture(bytes: Uint8Array, name: string): Capture {
  if (isGzip(bytes)) return readPlainCapture(gunzip(bytes, name), `${name} (decompressed)`);
  return readPlainCapture(bytes, name);
}

function readPlainCapture(bytes: Uint8Array, name: string): Capture {
  const file = new FileBytes(bytes, name);
  file.need(0, MAGIC_BYTES, 'the magic number');
  // The type of a section header reads the same in both byte orders.
  if (file.u32(0) === BlockType.SectionHeader) {
    return readPcapng(file);
  }
  for (const littleEndian of [true, false]) {
    file.littleEndian = littleEndian;
    if (file.u32(0) === PCAP_MICROSECOND_MAGIC || file.u32(0) === PCAP_NANOSECOND_MAGIC) {
      return readPcap(file);
    }
  }
  return file.refuse(0, {
    found: `the first bytes ${hex32(file.u32(0))}`,
    expected: 'the magic number of pcap or pcapng',
    advice: 'decompress the file if it is compressed, or convert it with editcap -F pcapng',
  });
}

/**
 * Reads the capture file at `path`.
 * @throws CaptureError also where the file cannot be opened or read.
 */
export function readCaptureFile(path: string): Capture {
  return readCapture(readBytes(path), path);
}

function readBytes(path: string): Uint8Array {
  try {
    const found = statSync(path);
    // Some have no end, such as /dev/zero.
    if (found.isCharacterDevice() || found.isBlockDevice()) throw new Error('it is a device');
    return readFileSync(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const found = `found no readable file (${reason}), expected a pcap or pcapng file`;
    throw new CaptureError(`${path}: byte 0: ${found}; check the path`, 0, { cause });
  }
}
