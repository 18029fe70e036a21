import { UsageError } from '../../../shared/errors';

/** Characters of a token, which need no quoting in a URL or on a command line. */
export const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const GROUP = 32;

/** Writes a number in groups of 5 bits, low group first; a sixth bit says that another group follows. */
export function encoded(value: number): string {
  let text = '';
  let rest = value;
  for (; rest >= GROUP; rest = Math.floor(rest / GROUP)) text += DIGITS[GROUP + (rest % GROUP)];
  return text + DIGITS[rest]!;
}

/** @throws UsageError always: the text is no token. */
export function refuse(token: string, why: string): never {
  throw new UsageError(`schedule token '${token}': ${why}: expected what an earlier run printed, whole`);
}

/** Reads the numbers of a token, one after another. */
export class TokenReader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly token: string,
  ) {}

  get done(): boolean {
    return this.at === this.text.length;
  }

  digit(): number {
    const digit = this.done ? -1 : DIGITS.indexOf(this.text[this.at++]!);
    return digit < 0 ? refuse(this.token, 'it is damaged') : digit;
  }

  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= GROUP) {
      const digit = this.digit();
      value += (digit % GROUP) * scale;
      if (digit < GROUP) return value;
      if (scale > 2 ** 40) refuse(this.token, 'it is damaged');
    }
  }

  textOf(length: number): string {
    const end = this.at + length;
    if (end > this.text.length) refuse(this.token, 'it is damaged');
    const part = this.text.slice(this.at, end);
    this.at = end;
    return Buffer.from(part, 'base64url').toString('utf8');
  }
}
