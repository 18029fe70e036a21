import { failureParts } from './failure';

/** A failure in a few lines. */
export interface ShortFailure {
  /** Expected value. Null if the failure is not that of a check. */
  readonly expected: string | null;
  /** Actual value, on one line. */
  readonly observed: string;
  /**
   * Place of a crash of the driver's process: stack frames of the peer, innermost first, then the peer's own last
   * message.
   */
  readonly where: readonly string[];
  /**
   * Signal or exit status of a crash, or `no answer` if the peer still ran and did not answer. Null for any
   * other failure.
   */
  readonly end: string | null;
}

const CRASH = /the peer crashed: (exit \d+|signal \d+|\S+)\n((?: {2}\S.*\n)*)its last output:\n([\s\S]*)$/;
const SILENCE = /^(.*): no answer within (\d+) ms;/;
const MAX_HEX = 24;

/**
 * Keeps the stack frames of DPDK up to the application that called it. Frames of the C library do not help to
 * find the fault.
 */
function framesOfDpdk(frames: readonly string[]): string[] {
  const own = frames.filter((frame) => frame !== '' && !/\blib(?:c|pthread)\.so\b/.test(frame));
  const application = own.findIndex((frame) => /\btestpmd\b/.test(frame));
  return application < 0 ? own : own.slice(0, application + 1);
}

/** Extracts the panic message of a peer that aborted. Masks the file descriptor, which varies between runs. */
function panicText(output: string): string[] {
  const lines = output.split('\n');
  const at = lines.findIndex((line) => /\bPANIC in\b/.test(line));
  if (at < 0) return [];
  return lines.slice(at, at + 2).map((line) => line.replace(/^testpmd> /, '').replace(/\bfd \d+/, 'fd N'));
}

/** Shortens text to its first line and shortens the hex dump of a frame to the addresses. */
function shortened(text: string): string {
  const line = text.split('\n', 1)[0]!;
  return line.replace(/\b[0-9a-f]{25,}(?:\.\.\.)?/g, (hex) => `${hex.slice(0, MAX_HEX)}...`);
}

/** Shortens a detail for readers, and removes the parts that vary between runs. */
export function shortFailure(detail: string): ShortFailure {
  const parts = failureParts(detail);
  const actual = parts?.actual ?? detail;
  const expected = parts === null ? null : shortened(parts.expected);
  const crash = CRASH.exec(actual);
  if (crash !== null) {
    const [, signal = '', frames = '', output = ''] = crash;
    const where = [...framesOfDpdk(frames.split('\n').map((line) => line.trim())), ...panicText(output)];
    return { expected, observed: `the driver's process crashed with ${signal}`, where, end: signal };
  }
  const silence = SILENCE.exec(actual);
  if (silence !== null)
    return { expected, observed: `${silence[1]}: no answer within ${silence[2]} ms`, where: [], end: 'no answer' };
  return { expected, observed: shortened(actual), where: [], end: null };
}
