import { accessSync, constants, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../../shared/errors';

/** Everything that one failure is explained and repeated with. */
export interface Failure {
  /** What failed: a clause's id, a scenario's name. */
  readonly name: string;
  /** What it is about, in one line. */
  readonly title: string;
  readonly verdict: string;
  readonly seed: number;
  /** The command that runs the same again. */
  readonly replay: string;
  readonly detail: string;
  /** The result as `--json` has it. */
  readonly result: Readonly<Record<string, unknown>>;
  /** Mocha test that fails as long as the fault is there. */
  readonly test: string;
  /** A pcapng file, each port an interface; null where nothing is on record. */
  readonly pcap: Uint8Array | null;
  /** Null where nothing is on record. */
  readonly timeline: string | null;
}

export const TEST_FILE = 'reproduce.test.cjs';
const NOT_ON_RECORD =
  'No packets and no timeline: the run was ended from outside, or died, and what it had recorded went with it.';

function refuse(path: string, cause: unknown): never {
  const reason = cause instanceof Error ? cause.message.replace(/, [a-z]+ '.*'$/, '') : String(cause);
  throw new UsageError(`cannot write ${path}: ${reason}; name a folder that can be made`, { cause });
}

/** Folder names for all systems; an id keeps its look: `rx/3` becomes `rx-3`. */
function folderName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]+/g, '-');
}

/** Makes a folder where there is none, and gives what is in it. */
function made(path: string): readonly string[] {
  try {
    mkdirSync(path, { recursive: true });
    // It may be there and yet not be ours to write: better known before the work than after it.
    accessSync(path, constants.W_OK | constants.X_OK);
    return readdirSync(path);
  } catch (cause) {
    return refuse(path, cause);
  }
}

function summary({ name, title, verdict, seed, replay, detail, pcap }: Failure): string {
  const text = [`${name}: ${title}`, `verdict: ${verdict}`, `seed: ${seed}`, `replay: ${replay}`, '', detail];
  return `${[...text, ...(pcap === null ? ['', NOT_ON_RECORD] : [])].join('\n').trimEnd()}\n`;
}

/** A folder with one folder for each failure. It is there from the start, and empty where nothing fails. */
export class Bundle {
  /**
   * Makes the folder, with those above it. One that holds anything is refused, so that evidence
   * of two runs never mixes.
   * @throws UsageError
   */
  constructor(private readonly path: string) {
    const found = made(path);
    if (found.length > 0) throw new UsageError(`${path} is not empty: name a folder that is new or empty`);
  }

  /** Adds the folder of one failure and gives its path. @throws UsageError */
  add(failure: Failure): string {
    try {
      const folder = join(this.path, folderName(failure.name));
      mkdirSync(folder);
      writeFileSync(join(folder, 'failure.txt'), summary(failure));
      writeFileSync(join(folder, 'result.json'), `${JSON.stringify(failure.result, null, 2)}\n`);
      writeFileSync(join(folder, TEST_FILE), failure.test);
      if (failure.pcap !== null) writeFileSync(join(folder, 'packets.pcapng'), failure.pcap);
      if (failure.timeline !== null) writeFileSync(join(folder, 'timeline.txt'), failure.timeline);
      return folder;
    } catch (cause) {
      return refuse(this.path, cause);
    }
  }
}
