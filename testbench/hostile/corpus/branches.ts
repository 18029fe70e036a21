import { Session } from 'node:inspector';
import { sep } from 'node:path';
import { codeRoot } from '../../runtime/package';

/** Code whose branches count: driver, device, and the loops of both. */
const ROOMS = ['driver', 'emulator/device', 'shared/loops'].map((room) => `${codeRoot()}${sep}${room}${sep}`);

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
    }[];
  }[];
}

/** The branches of driver and device that this thread has taken, as V8 counts blocks. */
export class Branches {
  private readonly session = new Session();
  private readonly seen = new Set<string>();

  constructor() {
    this.session.connect();
    this.post('Profiler.enable');
    this.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    this.take();
  }

  /** Number of blocks that were ever taken. */
  get size(): number {
    return this.seen.size;
  }

  /** Returns how many blocks were taken since the last call that never were before, and notes them. */
  take(): number {
    const fresh = this.blocks().filter((block) => !this.seen.has(block));
    for (const block of fresh) this.seen.add(block);
    return fresh.length;
  }

  /** Forgets what was taken since the last call. Returns true if any of it never was before. */
  peek(): boolean {
    return this.blocks().some((block) => !this.seen.has(block));
  }

  private blocks(): string[] {
    const { result } = this.post('Profiler.takePreciseCoverage') as Coverage;
    return result
      .filter(({ url }) => ROOMS.some((room) => url.replace('file://', '').startsWith(room)))
      .flatMap(({ url, functions }) =>
        functions.flatMap(({ ranges }) =>
          ranges
            .filter(({ count }) => count > 0)
            .map(({ startOffset, endOffset }) => `${url}:${startOffset}-${endOffset}`),
        ),
      );
  }

  private post(method: string, parameters: object = {}): unknown {
    let result: unknown;
    this.session.post(method, parameters, (error, answer) => {
      if (error !== null) throw error;
      result = answer;
    });
    return result;
  }

  close(): void {
    this.session.disconnect();
  }
}
