import { CaptureError } from './capture';

/** Parts of the message of {@link FileBytes.refuse}. */
export interface Refusal {
  readonly found: string;
  readonly expected: string;
  readonly advice: string;
}

/**
 * The bytes of a capture file, read by offset in one byte order. No access goes past the end:
 * it ends in a {@link CaptureError} that names the file.
 */
export class FileBytes {
  readonly length: number;
  /** Byte order of the fields; pcapng may change it with each section. */
  littleEndian = true;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(
    bytes: Uint8Array,
    private readonly name: string,
  ) {
    this.length = bytes.byteLength;
    // A plain Uint8Array even where the caller has a Buffer, so that all views are of one class.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Returns a reader of the same bytes that keeps the present byte order when this reader's changes. */
  inPresentOrder(): FileBytes {
    const other = new FileBytes(this.bytes, this.name);
    other.littleEndian = this.littleEndian;
    return other;
  }

  /** Reads an unsigned byte. */
  u8(offset: number): number {
    this.need(offset, 1, 'a field');
    return this.view.getUint8(offset);
  }

  /** Reads an unsigned word of 16 bits. */
  u16(offset: number): number {
    this.need(offset, 2, 'a field');
    return this.view.getUint16(offset, this.littleEndian);
  }

  /** Reads an unsigned word of 32 bits. */
  u32(offset: number): number {
    this.need(offset, 4, 'a field');
    return this.view.getUint32(offset, this.littleEndian);
  }

  /** Reads a signed word of 64 bits. */
  i64(offset: number): bigint {
    this.need(offset, 8, 'a field');
    return this.view.getBigInt64(offset, this.littleEndian);
  }

  /** A view, not a copy, of `length` bytes. */
  slice(offset: number, length: number): Uint8Array {
    this.need(offset, length, 'a run of bytes');
    return this.bytes.subarray(offset, offset + length);
  }

  /** Text of `length` bytes; what is not UTF-8 becomes U+FFFD. */
  text(offset: number, length: number): string {
    return Buffer.from(this.slice(offset, length)).toString('utf8');
  }

  /**
   * Checks that the file holds `length` bytes from `offset` on, which are those of `what`.
   * @throws CaptureError ("... is cut off ...") if the file ends before.
   */
  need(offset: number, length: number, what: string): void {
    const left = Math.max(0, this.length - offset);
    if (left >= length) {
      return;
    }
    const message =
      `${this.name} is cut off: ${what} at byte ${offset} needs ${length} bytes and ${left} are left; ` +
      'copy or capture the file again, whole';
    throw new CaptureError(message, offset);
  }

  /** Refuses the file because of the bytes at `offset`. */
  refuse(offset: number, { found, expected, advice }: Refusal): never {
    throw new CaptureError(`${this.name}: byte ${offset}: found ${found}, expected ${expected}; ${advice}`, offset);
  }
}
