import { accessSync, constants, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { makeFolders } from '../../../shared/folders';
import { visible } from '../../../shared/visible';

/** One failure: the evidence that explains it, and the means to repeat it. */
export interface Failure {
  /** Id of the failed clause, or name of the scenario. */
  readonly name: string;
  /** One line about the clause or scenario. */
  readonly title: string;
  readonly verdict: string;
  readonly seed: number;
  /** The command that repeats the run. */
  readonly replay: string;
  readonly detail: string;
  /** The result, as in the output of `--json`. */
  readonly result: Readonly<Record<string, unknown>>;
  /** Text of a mocha test that fails as long as the fault exists. */
  readonly test: string;
  /** A pcapng file with an interface for each port; null where nothing was recorded. */
  readonly pcap: Uint8Array | null;
  /** Text of the timeline; null where nothing was recorded. */
  readonly timeline: string | null;
}

export const TEST_FILE = 'reproduce.test.cjs';
const NOT_ON_RECORD =
  'No packets and no timeline: the run was ended from outside, or died, and what it had recorded went with it.';

function refuse(path: string, cause: unknown): never {
  const reason = cause instanceof Error ? cause.message.replace(/, [a-z]+ '.*'$/, '') : String(cause);
  throw new UsageError(`cannot write ${path}: ${reason}; name a folder that can be made`, { cause });
}

/** A folder name that every system takes: `rx/3` becomes `rx-3`. */
function folderName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]+/g, '-');
}

/** Makes a folder where there is none, and lists it. */
function made(path: string): readonly string[] {
  try {
    makeFolders(path);
    // An existing folder may be write-protected: find out before the run, not after it.
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

/** A folder with one folder for each failure. It exists from the start, and stays empty where nothing fails. */
export class Bundle {
  /**
   * Makes the folder and its parents. Refuses a folder that is not empty, so that the evidence of two runs
   * never mixes.
   * @throws UsageError
   */
  constructor(private readonly path: string) {
    const found = made(path);
    if (found.length > 0) throw new UsageError(`${path} is not empty: name a folder that is new or empty`);
  }

  /** Writes the folder of one failure and returns its path. @throws UsageError */
  add(failure: Failure): string {
    try {
      const folder = join(this.path, folderName(failure.name));
      mkdirSync(folder);
      writeFileSync(join(folder, 'failure.txt'), visible(summary(failure)));
      writeFileSync(join(folder, 'result.json'), `${JSON.stringify(failure.result, null, 2)}\n`);
      writeFileSync(join(folder, TEST_FILE), failure.test);
      if (failure.pcap !== null) writeFileSync(join(folder, 'packets.pcapng'), failure.pcap);
      if (failure.timeline !== null) writeFileSync(join(folder, 'timeline.txt'), visible(failure.timeline));
      return folder;
    } catch (cause) {
      return refuse(this.path, cause);
    }
  }
}
