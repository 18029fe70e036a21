import { failureParts } from './failure';

/** A failure in few lines: what was expected, what came instead, and where a crash happened. */
export interface ShortFailure {
  /** Null where the detail is no failed check. */
  readonly expected: string | null;
  /** One line. */
  readonly observed: string;
  /** Frames of a crash that are the peer's, innermost first; then what it said itself. */
  readonly where: readonly string[];
  /** The signal of a crash, or `no answer` where the peer still ran and gave none. */
  readonly end: string | null;
}

const CRASH = /the peer crashed: (exit \d+|signal \d+|\S+)\n((?: {2}\S.*\n)*)its last output:\n([\s\S]*)$/;
const SILENCE = /^(.*): no answer within (\d+) ms;/;
const MAX_HEX = 24;

/** The frames of DPDK, down to the application that called it; those of the C library say nothing of the fault. */
function telling(frames: readonly string[]): string[] {
  const own = frames.filter((frame) => frame !== '' && !/\blib(?:c|pthread)\.so\b/.test(frame));
  const application = own.findIndex((frame) => /\btestpmd\b/.test(frame));
  return application < 0 ? own : own.slice(0, application + 1);
}

/** What a peer that gave up by itself wrote about it; numbers of descriptors are others each time. */
function lastWords(output: string): string[] {
  const lines = output.split('\n');
  const at = lines.findIndex((line) => /\bPANIC in\b/.test(line));
  if (at < 0) return [];
  return lines.slice(at, at + 2).map((line) => line.replace(/^testpmd> /, '').replace(/\bfd \d+/, 'fd N'));
}

/** One line, and no more of a frame's bytes than its addresses. */
function shortened(text: string): string {
  const line = text.split('\n', 1)[0]!;
  return line.replace(/\b[0-9a-f]{25,}(?:\.\.\.)?/g, (hex) => `${hex.slice(0, MAX_HEX)}...`);
}

/** Cuts a detail to what a reader needs, and leaves out what is another in each run. */
export function shortFailure(detail: string): ShortFailure {
  const parts = failureParts(detail);
  const actual = parts?.actual ?? detail;
  const expected = parts === null ? null : shortened(parts.expected);
  const crash = CRASH.exec(actual);
  if (crash !== null) {
    const [, signal = '', frames = '', output = ''] = crash;
    const where = [...telling(frames.split('\n').map((line) => line.trim())), ...lastWords(output)];
    return { expected, observed: `the driver's process crashed with ${signal}`, where, end: signal };
  }
  const silence = SILENCE.exec(actual);
  if (silence !== null)
    return { expected, observed: `${silence[1]}: no answer within ${silence[2]} ms`, where: [], end: 'no answer' };
  return { expected, observed: shortened(actual), where: [], end: null };
}
