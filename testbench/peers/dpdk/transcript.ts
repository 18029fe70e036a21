/** Characters that are kept; a flood of packet dumps must not fill the memory. */
const MAX_CHARACTERS = 16 * 1_048_576;

// Colours, cursor movements and carriage returns.
const SEQUENCES = /\x1b\[[0-9;?]*[A-Za-z]|\r/g;
const BEGUN_SEQUENCE = /\x1b(\[[0-9;?]*)?$/;

/** What a program wrote to its terminal, with the terminal's own control characters taken out. */
export class Transcript {
  private text = '';
  /** A sequence that a read has cut in two. */
  private begun = '';
  /** How much has been cut off at the front. */
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

  /** A place behind all that has been written. */
  get end(): number {
    return this.dropped + this.text.length;
  }

  /** What was written from a place on, as far as it is kept. */
  from(place: number): string {
    return this.text.slice(Math.max(0, place - this.dropped));
  }

  /** Where `wanted` stands next, from a place on; -1 where it does not yet. */
  find(wanted: string, place: number): number {
    const at = this.text.indexOf(wanted, Math.max(0, place - this.dropped));
    return at < 0 ? -1 : at + this.dropped;
  }

  between(from: number, to: number): string {
    return this.text.slice(Math.max(0, from - this.dropped), Math.max(0, to - this.dropped));
  }
}
