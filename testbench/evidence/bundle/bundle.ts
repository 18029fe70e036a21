import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../../../shared/folders';
import { visible } from '../../../shared/visible';
import { refuseToWrite } from '../../runtime/fileErrors';
import { writeFolder } from '../../runtime/wholeFolder';
import { requireEvidenceFolder } from '../evidenceFolder';

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

const ADVICE = 'name a folder that can be made';

/** A folder name that every system takes: `rx/3` becomes `rx-3`. */
function folderName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]+/g, '-');
}

function summary({ name, title, verdict, seed, replay, detail, pcap }: Failure): string {
  const text = [`${name}: ${title}`, `verdict: ${verdict}`, `seed: ${seed}`, `replay: ${replay}`, '', detail];
  return `${[...text, ...(pcap === null ? ['', NOT_ON_RECORD] : [])].join('\n').trimEnd()}\n`;
}

/** A folder with one folder for each failure. It exists from `begin` on, and stays empty where nothing fails. */
export class Bundle {
  /**
   * Makes nothing yet.
   * @throws UsageError for a folder that is not empty, or that cannot be made.
   */
  constructor(private readonly path: string) {
    requireEvidenceFolder(path, 'a bundle');
  }

  /** Makes the folder and its parents. @throws UsageError */
  begin(): void {
    try {
      makeFolders(this.path);
    } catch (cause) {
      refuseToWrite(this.path, cause, ADVICE);
    }
  }

  /** Writes the folder of one failure, with all its files or not at all, and returns its path. @throws UsageError */
  add(failure: Failure): string {
    const folder = join(this.path, folderName(failure.name));
    try {
      writeFolder(folder, (stage) => {
        writeFileSync(join(stage, 'failure.txt'), visible(summary(failure)));
        writeFileSync(join(stage, 'result.json'), `${JSON.stringify(failure.result, null, 2)}\n`);
        writeFileSync(join(stage, TEST_FILE), failure.test);
        if (failure.pcap !== null) writeFileSync(join(stage, 'packets.pcapng'), failure.pcap);
        if (failure.timeline !== null) writeFileSync(join(stage, 'timeline.txt'), visible(failure.timeline));
      });
      return folder;
    } catch (cause) {
      return refuseToWrite(folder, cause, ADVICE);
    }
  }
}
