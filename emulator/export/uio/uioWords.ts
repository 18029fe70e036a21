/** Words on the uio socket: from the host one for each interrupt, from the guest 1 to enable and 0 to disable. */
const UIO_WORD_BYTES = 4;

/** Assembles 32-bit words from a stream that may be cut anywhere. */
export class UioWords {
  private rest = Buffer.alloc(0);

  take(chunk: Buffer, hear: (word: number) => void): void {
    const all = Buffer.concat([this.rest, chunk]);
    const whole = all.length - (all.length % UIO_WORD_BYTES);
    for (let at = 0; at < whole; at += UIO_WORD_BYTES) hear(all.readUInt32LE(at));
    this.rest = all.subarray(whole);
  }
}
