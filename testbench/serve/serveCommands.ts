import { UsageError } from '../../shared/errors';
import type { FrameBytes } from '../api/traffic';
import { FAULT_COMMAND } from '../faults/lineCommand';
import {
  fileName,
  type LineCommand,
  type LineCommands,
  parseCommandLine,
  type ParsedLine,
  wholeNumber,
} from '../runtime/lineCommands';
import type { CommandReply, PendingReply, ServedHost } from './servedHost';

/** The reply to a command, or a function to poll for it if the command takes a while. */
export type CommandResult = CommandReply | PendingReply;

interface HostCommand extends LineCommand {
  readonly run: (host: ServedHost, words: readonly string[]) => CommandResult;
}

const MAX_U32 = 0xffff_ffff;
const MAX_RATE = 10_000_000;
const DEFAULT_PROBE: FrameBytes = { min: 64, max: 1_514 };

function whole(what: string, text: string, most: number): number {
  return wholeNumber(what, text, 0, most);
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

/** Asks for text for people. */
const HUMAN = '--human';

/** Reads the one word that `stats` may have. @throws UsageError */
function statsWords(text: string): string[] {
  if (text !== '' && text !== HUMAN) throw new UsageError(`expected ${COMMANDS['stats']!.usage}`);
  return [text];
}

const COMMANDS: Readonly<Record<string, HostCommand>> = {
  stats: {
    usage: `stats [${HUMAN}]`,
    about: 'shows the counters of each NIC, the place of its packet buffers and the results of the probes',
    least: 0,
    most: 1,
    split: statsWords,
    run: (host, [form]) => (form === HUMAN ? { text: host.statsText() } : host.stats()),
  },
  detach: {
    usage: 'detach [NIC]',
    about: "raises the detach event of a live migration, and waits for the guest's ack",
    least: 0,
    most: 1,
    run: (host, [nic]) => host.detach(nic ?? null),
  },
  attach: {
    usage: 'attach [NIC] [SEED]',
    about: 'puts a host with other memory behind the device, raises the attach event, and waits for the ack',
    least: 0,
    most: 2,
    run: attach,
  },
  feed: {
    usage: 'feed NIC [unfit=refuse|skip] FILE',
    about: 'sends the frames of a capture to the guest, and answers after the last one',
    least: 2,
    most: 3,
    split: feedWords,
    run: (host, [nic, file, unfit]) => host.feed(nic!, file!, unfit),
  },
  dump: {
    usage: 'dump NIC [FILE]',
    about: 'starts to record what the guest sends; again: writes the recording as pcapng and stops',
    least: 1,
    most: 2,
    split: dumpWords,
    run: (host, [nic, file]) => host.dump(nic!, file ?? null),
  },
  probe: {
    usage: 'probe NIC FRAMES_PER_SECOND [BYTES|MIN-MAX]',
    about: 'sends probe frames to the guest and checks those that come back; 0 stops',
    least: 2,
    most: 3,
    run: (host, [nic, rate, size]) => host.probe(nic!, whole('rate', rate!, MAX_RATE), frameBytes(size)),
  },
  reflect: {
    usage: 'reflect NIC on|off',
    about: 'returns each frame of the guest to the guest instead of passing it to the switch',
    least: 2,
    most: 2,
    run: (host, [nic, on]) => host.reflect(nic!, onOff(on!)),
  },
  flood: {
    usage: 'flood NIC BYTES|off',
    about: 'keeps rx of the first queue full with copies of one broadcast frame',
    least: 2,
    most: 2,
    run: (host, [nic, size]) => host.flood(nic!, size === 'off' ? null : whole('size', size!, MAX_U32)),
  },
  fault: { ...FAULT_COMMAND, run: (host, words) => host.fault(words) },
};

/** Every command, those included that the host's thread does not carry out by itself. */
export const SERVE_COMMANDS: LineCommands = {
  ...COMMANDS,
  unplug: { usage: 'unplug [NIC]', about: 'removes the device by surprise', least: 0, most: 1 },
  help: { usage: 'help [COMMAND]', about: 'lists the commands, or explains one', least: 0, most: 1 },
  quit: { usage: 'quit', about: 'writes the recordings, shows the last stats and ends', least: 0, most: 0 },
};

/** Splits a line into words and checks their number. @throws UsageError */
export function parseLine(line: string): ParsedLine {
  return parseCommandLine(line, SERVE_COMMANDS);
}

/** Carries out a parsed command of the host's thread. @throws UsageError, ErrnoError */
export function carryOut(host: ServedHost, name: string, words: readonly string[]): CommandResult {
  return COMMANDS[name]!.run(host, words);
}
