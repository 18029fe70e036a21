import { PassThrough } from 'node:stream';
import type { RunPage } from '../../../../../testbench/run/page/runPage';
import { scenarioFile } from '../../../../../testbench/run/findScenario';
import { launchScenario } from '../../../../../testbench/run/launch';
import type { Mode } from '../../../../../testbench/api/result';

/** The page's contents of a run of one of the package's scenarios. */
export async function sampleRun(
  scenario: string,
  settings: Readonly<Record<string, string>> = {},
  mode?: Mode,
): Promise<RunPage> {
  const order = {
    ...{
      file: scenarioFile(scenario),
      seed: 7,
      settings: new Map(Object.entries(settings)),
      record: false,
      page: true,
    },
    ...(mode === undefined ? {} : { mode }),
  };
  const run = await launchScenario(order, new PassThrough().resume());
  return { ...run, replay: `npx avp run ${scenario} --seed 7`, endedBy: null };
}
