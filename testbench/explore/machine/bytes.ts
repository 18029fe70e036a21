import { UndoLog } from './undoLog';

/** Bytes of a machine's arena: enough for small worlds, and little, so that a new process starts quickly. */
export const MACHINE_BYTES = 1 << 24;

/** The bytes that all actors share, the rights to them, and the log that undoes what a run does to either. */
export class MachineBytes {
  readonly buffer = new ArrayBuffer(MACHINE_BYTES);
  readonly bytes8 = new Uint8Array(this.buffer);
  readonly words16 = new Uint16Array(this.buffer);
  readonly words32 = new Uint32Array(this.buffer);
  /** Rights of both sides (`shared/loops/rights`), a byte for each word. */
  readonly rights = new Uint8Array(MACHINE_BYTES >>> 2);
  readonly undo = new UndoLog(this.words32, this.bytes8, this.rights);

  /** Loads 1, 2 or 4 bytes; 0 outside of the arena. */
  load(address: number, bytes: number): number {
    if (bytes === 4) return this.words32[address >>> 2] ?? 0;
    return (bytes === 2 ? this.words16[address >>> 1] : this.bytes8[address]) ?? 0;
  }

  /** Stores 1, 2 or 4 bytes. */
  store(address: number, bytes: number, value: number): void {
    this.undo.word(address >>> 2);
    if (bytes === 4) this.words32[address >>> 2] = value;
    else if (bytes === 2) this.words16[address >>> 1] = value;
    else this.bytes8[address] = value;
  }

  read(address: number, into: Uint8Array): void {
    into.set(this.bytes8.subarray(address, address + into.length));
  }

  write(address: number, from: Uint8Array): void {
    this.undo.range(address, from.length);
    this.bytes8.set(from, address);
  }

  copy(to: number, from: number, bytes: number): void {
    this.undo.range(to, bytes);
    this.bytes8.copyWithin(to, from, from + bytes);
  }

  fill(address: number, value: number, bytes: number): void {
    this.undo.range(address, bytes);
    this.bytes8.fill(value, address, address + bytes);
  }

  protect(address: number, bytes: number, rights: number): void {
    const first = address >>> 2;
    const last = (address + bytes + 3) >>> 2;
    this.undo.rightsRange(first, last - first);
    this.rights.fill(rights, first, last);
  }
}
