import { hostLoops } from '../../../emulator/device/hostLoops';

type Loop = (...values: number[]) => unknown;
type Loops = Record<string, Loop & { [SCOPED]?: true }>;

const SCOPED = Symbol('scoped');

/** Loops that use slots which another loop has fetched, and the buffers that these slots name. */
const GOES_ON: ReadonlySet<string> = new Set(['fetchBurst', 'drainBurst']);

let depth = 0;
let begin: ((isUse: boolean) => void) | null = null;
let end: (() => void) | null = null;

/**
 * Calls `begins` before each of the host's loops, and `ends` after it; null for nobody. `begins` is told whether the loop
 * begins a use of a ring, or goes on with one.
 */
export function watchHostLoops(begins: ((isUse: boolean) => void) | null, ends: (() => void) | null): void {
  begin = begins;
  end = ends;
  depth = 0;
  const loops = hostLoops() as unknown as Loops;
  for (const [name, loop] of Object.entries(loops)) if (loop[SCOPED] !== true) loops[name] = scoped(name, loop);
}

/** A loop that says when it begins and ends. */
function scoped(name: string, loop: Loop): Loop {
  const within: Loop & { [SCOPED]?: true } = (...values) => {
    if (depth++ === 0) begin?.(!GOES_ON.has(name));
    try {
      return loop(...values);
    } finally {
      if (--depth === 0) end?.();
    }
  };
  within[SCOPED] = true;
  return within;
}
