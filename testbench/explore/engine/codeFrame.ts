/** Files that only carry accesses out. */
const BELOW = /^(shared|testbench\/explore\/engine)\//;

/** A frame as `name (folder/file)`, without line numbers, which differ between source and compiled code. */
function readFrame(line: string): { readonly name: string; readonly file: string } | null {
  const found = /^\s*at (?:(?:new )?([^\s(]+) )?.*?((?:[\w-]+\/)*[\w-]+)\.(?:[cm]?[jt]s):\d+:\d+\)?$/.exec(line);
  if (found === null) return null;
  const file =
    /(?:^|\/)((?:shared|driver|emulator|testbench|test|scenarios|cli)\/.*)$/.exec(found[2]!)?.[1] ?? found[2]!;
  return { name: found[1] ?? '', file };
}

/** Which function of the code under test a stack is in: the innermost that does more than an access. */
export function codeFrameOf(stack: string): string {
  const frames = stack
    .split('\n')
    .map(readFrame)
    .filter((frame) => frame !== null);
  const frame = frames.find(({ file }) => !BELOW.test(file));
  return frame === undefined ? 'an actor' : `${frame.name === '' ? 'a function' : frame.name} (${frame.file})`;
}

/** Which function of the code under test is running. */
export function codeFrame(): string {
  const former = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = former;
  return codeFrameOf(stack);
}
