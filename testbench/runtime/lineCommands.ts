/** Commands that are typed one per line, at the prompt of `avp shell` or on the standard input of `avp serve`. */
import { UsageError } from '../../shared/errors';
import { didYouMean } from '../../shared/nearest';

/** A command as `help` shows it, and the words that it takes. */
export interface LineCommand {
  /** For example `attach [NIC] [SEED]`. */
  readonly usage: string;
  /** One line. */
  readonly about: string;
  /** The least number of words after the name. */
  readonly least: number;
  readonly most: number;
  /** Splits the text after the name. Default: at blanks. */
  readonly split?: (text: string) => string[];
}

export type LineCommands = Readonly<Record<string, LineCommand>>;

/** A line in its parts. */
export interface ParsedLine {
  readonly name: string;
  readonly words: readonly string[];
}

/** A line of `help`. */
export interface HelpEntry {
  readonly command: string;
  readonly usage: string;
  readonly about: string;
}

function atBlanks(text: string): string[] {
  return text.split(/\s+/);
}

/** @throws UsageError that names the nearest command. */
function requireKnown(name: string, commands: LineCommands): void {
  if (Object.hasOwn(commands, name)) return;
  const names = Object.keys(commands);
  throw new UsageError(`unknown command '${name}': ${didYouMean(name, names, `expected one of ${names.join(', ')}`)}`);
}

/** Splits a line into its command and words, and checks the number of words. @throws UsageError */
export function parseCommandLine(line: string, commands: LineCommands): ParsedLine {
  const [, name = '', text = ''] = /^(\S*)\s*(.*)$/s.exec(line.trim())!;
  requireKnown(name, commands);
  const { usage, least, most, split = atBlanks } = commands[name]!;
  const words = split(text).filter((word) => word !== '');
  if (words.length < least || words.length > most) throw new UsageError(`expected ${usage}`);
  return { name, words };
}

/** The help of one command, or of all. @throws UsageError for an unknown name. */
export function helpOf(commands: LineCommands, name: string | undefined): HelpEntry[] {
  if (name !== undefined) requireKnown(name, commands);
  const names = name === undefined ? Object.keys(commands) : [name];
  return names.map((command) => ({ command, usage: commands[command]!.usage, about: commands[command]!.about }));
}

/** The longest usage that still has its explanation on the same line. */
const MAX_USAGE_WIDTH = 40;

/** Text of help for people: a line for each command, two where its usage is long. */
export function helpText(entries: readonly HelpEntry[]): string {
  const usages = entries.map(({ usage }) => usage.length).filter((width) => width <= MAX_USAGE_WIDTH);
  const width = Math.max(0, ...usages);
  return entries
    .map(({ usage, about }) =>
      usage.length > width ? `${usage}\n${' '.repeat(width)}  ${about}` : `${usage.padEnd(width)}  ${about}`,
    )
    .join('\n');
}

/** Reads a whole number. @throws UsageError that names what it is. */
export function wholeNumber(what: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  if (value < least || value > most)
    throw new UsageError(`${what} '${text}': expected a whole number from ${least} to ${most}`);
  return value;
}

/**
 * Reads the name of a file, which is text up to the end of its line. Text that begins with a double quote is a JSON
 * string, for names that begin or end with a space or hold a line break.
 */
export function fileName(text: string): string {
  const name = text.startsWith('"') ? jsonString(text) : text;
  if (name.includes('\0')) throw new UsageError('no file has a name with a NUL character: give another one');
  return name;
}

function jsonString(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    throw new UsageError(
      `file ${text}: a name that begins with a double quote is a JSON string, expected its end; or write ./ before the name`,
    );
  }
}
