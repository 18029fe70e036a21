/** Files that carry out accesses on behalf of others. */
const BELOW = /^(shared|testbench\/explore\/engine)\//;

/** Reads a line of a stack. Line numbers are left out, because source and compiled code differ in them. */
function readFrame(line: string): { readonly name: string; readonly file: string } | null {
  const found = /^\s*at (?:(?:new )?([^\s(]+) )?.*?((?:[\w-]+\/)*[\w-]+)\.(?:[cm]?[jt]s):\d+:\d+\)?$/.exec(line);
  if (found === null) return null;
  const file =
    /(?:^|\/)((?:shared|driver|emulator|testbench|test|scenarios|cli)\/.*)$/.exec(found[2]!)?.[1] ?? found[2]!;
  return { name: found[1] ?? '', file };
}

/** The innermost function of a stack that does more than an access, as `name (folder/file)`. */
export function codeFrameOf(stack: string): string {
  const frames = stack
    .split('\n')
    .map(readFrame)
    .filter((frame) => frame !== null);
  const frame = frames.find(({ file }) => !BELOW.test(file));
  return frame === undefined ? 'an actor' : `${frame.name === '' ? 'a function' : frame.name} (${frame.file})`;
}

/** The function of the code under test that is running, as `name (folder/file)`. */
export function codeFrame(): string {
  const former = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = former;
  return codeFrameOf(stack);
}
