import { UsageError } from '../../shared/errors';
import { didYouMean } from '../../shared/nearest';
import { parametersOf } from '../faults/orders';
import type { FrameBytes } from '../api/traffic';
import type { CommandReply, PendingReply, ServedHost } from './servedHost';

/** The reply to a command, or a function to poll for it if the command takes a while. */
export type CommandResult = CommandReply | PendingReply;

interface LineCommand {
  readonly usage: string;
  readonly least: number;
  readonly most: number;
  /** Splits the text after the command's name. Default: at blanks. */
  readonly split?: (text: string) => string[];
  readonly run: (host: ServedHost, words: readonly string[]) => CommandResult;
}

const MAX_U32 = 0xffff_ffff;
const MAX_RATE = 10_000_000;
const DEFAULT_PROBE: FrameBytes = { min: 64, max: 1_514 };

function whole(what: string, text: string, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  if (value < 0 || value > most) throw new UsageError(`${what} '${text}': expected a whole number from 0 to ${most}`);
  return value;
}

function frameBytes(text: string | undefined): FrameBytes {
  if (text === undefined) return DEFAULT_PROBE;
  const [min = '', max = min] = text.split('-');
  return { min: whole('size', min, MAX_U32), max: whole('size', max, MAX_U32) };
}

function onOff(text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new UsageError(`'${text}': expected on or off`);
  return text === 'on';
}

/** Reads the words of `attach`, where a number alone is the seed. */
function attach(host: ServedHost, words: readonly string[]): PendingReply {
  const [first, second] = words;
  const seedAlone = second === undefined && first !== undefined && /^\d+$/.test(first);
  const [nic, seed] = seedAlone ? [undefined, first] : [first, second];
  return host.attach(nic ?? null, seed === undefined ? null : whole('seed', seed, MAX_U32));
}

/**
 * Reads the name of a file, which is text up to the end of its line. Text that begins with a double quote is a JSON
 * string, for names that begin or end with a space or hold a line break.
 */
function fileName(text: string): string {
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

/** Splits `NIC [FILE]`. */
function dumpWords(text: string): string[] {
  const [, nic = '', file = ''] = /^(\S*)\s*(.*)$/s.exec(text)!;
  return [nic, ...(file === '' ? [] : [fileName(file)])];
}

/** Splits `NIC [unfit=HOW] FILE` into NIC, file and how. */
function feedWords(text: string): string[] {
  const [, nic = '', unfit, file = ''] = /^(\S*)\s*(?:unfit=(\S*)(?:\s+|$))?(.*)$/s.exec(text)!;
  return [nic, ...(file === '' ? [] : [fileName(file), ...(unfit === undefined ? [] : [unfit])])];
}

/** Puts, lists and removes faults. */
function fault(host: ServedHost, [what, ...words]: readonly string[]): CommandReply {
  const [name = '', ...parameters] = words;
  if (what === 'add' && name !== '') return host.addFault(name, parametersOf(parameters));
  if (what === 'list' && words.length === 0) return host.listFaults();
  if (what === 'remove' && words.length === 1) return host.removeFault(whole('fault', name, MAX_U32));
  throw new UsageError(`expected ${FAULT_USAGE}`);
}

const FAULT_USAGE = 'fault add NAME [KEY=VALUE ...], fault list, or fault remove NUMBER';
/** Words of the longest `fault add`. */
const MAX_FAULT_WORDS = 32;

const COMMANDS: Readonly<Record<string, LineCommand>> = {
  fault: { usage: FAULT_USAGE, least: 1, most: MAX_FAULT_WORDS, run: fault },
  stats: { usage: 'stats', least: 0, most: 0, run: (host) => host.stats() },
  detach: { usage: 'detach [NIC]', least: 0, most: 1, run: (host, [nic]) => host.detach(nic ?? null) },
  attach: { usage: 'attach [NIC] [SEED]', least: 0, most: 2, run: attach },
  feed: {
    usage: 'feed NIC [unfit=refuse|skip] FILE',
    least: 2,
    most: 3,
    split: feedWords,
    run: (host, [nic, file, unfit]) => host.feed(nic!, file!, unfit),
  },
  dump: {
    usage: 'dump NIC [FILE]',
    least: 1,
    most: 2,
    split: dumpWords,
    run: (host, [nic, file]) => host.dump(nic!, file ?? null),
  },
  probe: {
    usage: 'probe NIC FRAMES_PER_SECOND [BYTES|MIN-MAX]',
    least: 2,
    most: 3,
    run: (host, [nic, rate, size]) => host.probe(nic!, whole('rate', rate!, MAX_RATE), frameBytes(size)),
  },
  reflect: { usage: 'reflect NIC on|off', least: 2, most: 2, run: (host, [nic, on]) => host.reflect(nic!, onOff(on!)) },
  flood: {
    usage: 'flood NIC BYTES|off',
    least: 2,
    most: 2,
    run: (host, [nic, size]) => host.flood(nic!, size === 'off' ? null : whole('size', size!, MAX_U32)),
  },
};

/** Commands that the host's thread does not carry out by itself. */
const ELSEWHERE: Readonly<Record<string, Omit<LineCommand, 'run'>>> = {
  unplug: { usage: 'unplug [NIC]', least: 0, most: 1 },
  quit: { usage: 'quit', least: 0, most: 0 },
};

const ALL: Readonly<Record<string, Omit<LineCommand, 'run'>>> = { ...COMMANDS, ...ELSEWHERE };

function atBlanks(text: string): string[] {
  return text.split(/\s+/);
}

/** Splits a line into words and checks their number. @throws UsageError */
export function parseLine(line: string): { readonly name: string; readonly words: readonly string[] } {
  const [, name = '', text = ''] = /^(\S*)\s*(.*)$/s.exec(line.trim())!;
  if (!Object.hasOwn(ALL, name))
    throw new UsageError(
      `unknown command '${name}': ${didYouMean(name, Object.keys(ALL), `expected one of ${Object.keys(ALL).join(', ')}`)}`,
    );
  const { usage, least, most, split = atBlanks } = ALL[name]!;
  const words = split(text).filter((word) => word !== '');
  if (words.length < least || words.length > most) throw new UsageError(`expected ${usage}`);
  return { name, words };
}

/** Carries out a parsed command of the host's thread. @throws UsageError, ErrnoError */
export function carryOut(host: ServedHost, name: string, words: readonly string[]): CommandResult {
  return COMMANDS[name]!.run(host, words);
}
