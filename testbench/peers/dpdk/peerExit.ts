import { BenchError } from '../../../shared/errors';
import { starvedText } from './countedTime';

/** Crash of the peer. */
export interface PeerCrash {
  /** Name of the signal, such as `SIGSEGV`; `exit N` where the peer exited by itself. */
  readonly signal: string;
  /** One stack frame per entry, innermost first; empty where none was reported. */
  readonly backtrace: readonly string[];
}

/** End of the peer's process. */
export interface PeerExit {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Null where the peer ended as it was asked to. */
  readonly crash: PeerCrash | null;
  /** The last lines of its output. */
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
/** Path of a library or of the program. */
const IN_A_FOLDER = /(?:\/[^\s/]+)+\/([^\s/]*(?:\.so|testpmd)[^\s/]*)/g;

/** Reads the crash report of the preloaded library. */
function reportedByShim(output: string): PeerCrash | null {
  const found = /avp-shim: signal (\d+) at address (\S+)\n([\s\S]*?)(?:avp-shim: end of backtrace|$)/.exec(output);
  if (found === null) return null;
  const [, number, , frames] = found;
  // The first two frames are the handler's own.
  const backtrace = frames!.split('\n').filter((line) => line.trim() !== '' && !/shim-[0-9a-f]+\.so/.test(line));
  return { signal: SIGNALS[number!] ?? `signal ${number}`, backtrace: backtrace.map(shortFrame) };
}

/** Drops folder and address of a frame `FOLDER/libX.so.23(name+0x1) [0x7f..]`: both differ between runs. */
function shortFrame(line: string): string {
  return line.replace(/^\S*\//, '').replace(/\s*\[0x[0-9a-f]+\]\s*$/, '');
}

/** Reads gdb's report, where the peer runs under gdb. */
function reportedByGdb(output: string): PeerCrash | null {
  const found = /received signal (SIG\w+)/.exec(output);
  if (found === null) return null;
  const frames = output
    .slice(found.index)
    .split('\n')
    .filter((line) => /^#\d+ /.test(line));
  return { signal: found[1]!, backtrace: frames.map((line) => line.trim().replace(IN_A_FOLDER, '$1')) };
}

/** The last lines of an output for reports, without this machine's folders and without the crash report. */
export function lastLines(output: string, count = LAST_LINES): string {
  const text = output.replace(/avp-shim: signal[\s\S]*?(avp-shim: end of backtrace|$)/, '').replace(IN_A_FOLDER, '$1');
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** Request of the bench that was in force when the peer ended. */
export type Asked = 'nothing' | 'quit' | 'kill';

function asExpected(status: number | null, signal: NodeJS.Signals | null, asked: Asked): boolean {
  return asked === 'kill' ? true : status === 0 && signal === null;
}

/** Judges how the peer ended, from its status and its output. */
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

/** Signals that no fault of a program raises: another process has sent them. */
const FROM_OUTSIDE: readonly string[] = ['SIGKILL', 'SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGXCPU', 'SIGXFSZ'];

/** The peer ended while the bench waited for it. */
export class PeerEnded extends BenchError {
  /** The signal with which somebody outside of the bench ended the peer; null where it ended by itself. */
  get killedBy(): string | null {
    const signal = this.exit.crash?.signal ?? '';
    return FROM_OUTSIDE.includes(signal) ? signal : null;
  }

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

/** The peer did not answer, and the machine hardly gave it or the bench a CPU. It says nothing about the peer. */
export class PeerStarved extends BenchError {
  constructor(what: string, totalMs: number, countedMs: number) {
    super('PEER_STARVED', `${what}: no answer; ${starvedText(totalMs, countedMs)}`);
  }
}

/** The peer did not answer within the time limit. It still runs. */
export class PeerStuck extends BenchError {
  constructor(
    readonly what: string,
    timeoutMs: number,
    readonly lastOutput: string,
  ) {
    super('PEER_STUCK', `${what}: no answer within ${timeoutMs} ms; the peer's last output:\n${lastOutput}`);
  }
}
