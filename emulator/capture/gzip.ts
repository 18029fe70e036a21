import { gunzipSync } from 'node:zlib';
import { CaptureError } from './capture';

/** Bytes that a compressed capture may expand to: a small file may hold far more than memory does. */
const MAX_EXPANDED_BYTES = 1 << 30;

/** Whether a file starts as gzip does (RFC 1952): two bytes of magic, then deflate as the method. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/**
 * Decompresses a gzip file.
 * @param name what messages call the file.
 * @throws CaptureError for data that end early, are damaged, or expand to more than `maxBytes`.
 */
export function gunzip(bytes: Uint8Array, name: string, maxBytes = MAX_EXPANDED_BYTES): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    throw refusal(cause as NodeJS.ErrnoException, name, bytes.length, maxBytes);
  }
}

function refusal(cause: NodeJS.ErrnoException, name: string, length: number, maxBytes: number): CaptureError {
  switch (cause.code) {
    case 'Z_BUF_ERROR': {
      const what = `${name} is cut off: its gzip data end at byte ${length} in the middle`;
      return new CaptureError(`${what}; copy or compress the file again, whole`, length, { cause });
    }
    case 'ERR_BUFFER_TOO_LARGE': {
      const what = `${name}: byte 0: found gzip data of more than ${maxBytes} bytes, expected at most that`;
      return new CaptureError(`${what}; decompress the file, and split it with editcap -c`, 0, { cause });
    }
    default: {
      const what = `${name}: byte 0: found damaged gzip data (${cause.message}), expected a compressed pcap or pcapng file`;
      return new CaptureError(`${what}; copy or compress the file again`, 0, { cause });
    }
  }
}
