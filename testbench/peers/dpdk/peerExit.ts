import { BenchError } from '../../../shared/errors';

/** How the peer crashed. */
export interface PeerCrash {
  /** Name of the signal, such as `SIGSEGV`; `exit N` where it gave up by itself. */
  readonly signal: string;
  /** A frame a line, innermost first; empty where nobody could tell. */
  readonly backtrace: readonly string[];
}

/** How the peer ended. */
export interface PeerExit {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Null for an end as it should be. */
  readonly crash: PeerCrash | null;
  /** The last of what it wrote. */
  readonly lastOutput: string;
}

const SIGNALS: Readonly<Record<string, string>> = {
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  11: 'SIGSEGV',
};
const LAST_LINES = 40;
/** A library or the program itself, with its path. */
const IN_A_FOLDER = /(?:\/[^\s/]+)+\/([^\s/]*(?:\.so|testpmd)[^\s/]*)/g;

/** What the preloaded library says in a crash. */
function reportedByShim(output: string): PeerCrash | null {
  const found = /avp-shim: signal (\d+) at address (\S+)\n([\s\S]*?)(?:avp-shim: end of backtrace|$)/.exec(output);
  if (found === null) return null;
  const [, number, , frames] = found;
  // The first two frames are the handler's own.
  const backtrace = frames!.split('\n').filter((line) => line.trim() !== '' && !/shim-[0-9a-f]+\.so/.test(line));
  return { signal: SIGNALS[number!] ?? `signal ${number}`, backtrace: backtrace.map(shortFrame) };
}

/** `libX.so.23(name+0x1) [0x7f..]` without the folder, and without the address, which is another each time. */
function shortFrame(line: string): string {
  return line.replace(/^\S*\//, '').replace(/\s*\[0x[0-9a-f]+\]\s*$/, '');
}

/** What gdb says, where the peer runs under it. */
function reportedByGdb(output: string): PeerCrash | null {
  const found = /received signal (SIG\w+)/.exec(output);
  if (found === null) return null;
  const frames = output
    .slice(found.index)
    .split('\n')
    .filter((line) => /^#\d+ /.test(line));
  return { signal: found[1]!, backtrace: frames.map((line) => line.trim().replace(IN_A_FOLDER, '$1')) };
}

/** The last of an output, for reports: no folder of this machine in it, and no report of a crash, which has a place of its own. */
export function lastLines(output: string, count = LAST_LINES): string {
  const text = output.replace(/avp-shim: signal[\s\S]*?(avp-shim: end of backtrace|$)/, '').replace(IN_A_FOLDER, '$1');
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** What had been asked of the peer when it ended. */
export type Asked = 'nothing' | 'quit' | 'kill';

function asExpected(status: number | null, signal: NodeJS.Signals | null, asked: Asked): boolean {
  return asked === 'kill' ? true : status === 0 && signal === null;
}

/** Judges how the peer ended, from its status and from all that it wrote. */
export function judgeExit(
  status: number | null,
  signal: NodeJS.Signals | null,
  asked: Asked,
  output: string,
): PeerExit {
  const reported = reportedByGdb(output) ?? reportedByShim(output);
  const silent = asExpected(status, signal, asked) ? null : { signal: signal ?? `exit ${status}`, backtrace: [] };
  return { status, signal, crash: reported ?? silent, lastOutput: lastLines(output) };
}

/** The peer ended while something was wanted of it. */
export class PeerEnded extends BenchError {
  constructor(
    what: string,
    readonly exit: PeerExit,
  ) {
    const how = exit.crash === null ? `ended with status ${exit.status}` : `crashed: ${exit.crash.signal}`;
    const where = exit.crash === null ? [] : exit.crash.backtrace;
    super(
      'PEER_ENDED',
      [`${what}: the peer ${how}`, ...where.map((line) => `  ${line}`), 'its last output:', exit.lastOutput].join('\n'),
    );
  }
}

/** The peer did not answer within the time limit; it still runs. */
export class PeerStuck extends BenchError {
  constructor(
    readonly what: string,
    timeoutMs: number,
    readonly lastOutput: string,
  ) {
    super('PEER_STUCK', `${what}: no answer within ${timeoutMs} ms; the peer's last output:\n${lastOutput}`);
  }
}
