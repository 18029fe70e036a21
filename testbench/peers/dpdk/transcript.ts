/** Number of characters that are kept, so that packet dumps do not fill the memory. */
const MAX_CHARACTERS = 16 * 1_048_576;

// Colours, cursor movements and carriage returns.
const SEQUENCES = /\x1b\[[0-9;?]*[A-Za-z]|\r/g;
const BEGUN_SEQUENCE = /\x1b(\[[0-9;?]*)?$/;

/** The output of a program on its terminal, without control sequences. */
export class Transcript {
  private text = '';
  /** The first part of a control sequence that a read has cut in two. */
  private begun = '';
  /** Number of characters dropped at the front. */
  private dropped = 0;

  append(chunk: string): void {
    const all = this.begun + chunk;
    this.begun = BEGUN_SEQUENCE.exec(all)?.[0] ?? '';
    this.text += all.slice(0, all.length - this.begun.length).replace(SEQUENCES, '');
    if (this.text.length <= MAX_CHARACTERS) return;
    const cut = this.text.length - MAX_CHARACTERS / 2;
    this.text = this.text.slice(cut);
    this.dropped += cut;
  }

  /** Position after the last character. Positions count from the first character ever written. */
  get end(): number {
    return this.dropped + this.text.length;
  }

  /** The text from a position on, as far as it is kept. */
  from(position: number): string {
    return this.text.slice(Math.max(0, position - this.dropped));
  }

  /** Position of the next `wanted` from a position on, -1 where there is none yet. */
  find(wanted: RegExp, position: number): number {
    const from = Math.max(0, position - this.dropped);
    const at = this.text.slice(from).search(wanted);
    return at < 0 ? -1 : at + from + this.dropped;
  }

  between(from: number, to: number): string {
    return this.text.slice(Math.max(0, from - this.dropped), Math.max(0, to - this.dropped));
  }
}
