/** The engine `faults`: scenarios in which one operation fails, as `avp run --every-fault` runs them. */
import type { TrialOrder, TrialReport } from '../../../api/trial';
import type { ScenarioRun } from '../../../common/order';
import { part } from '../../build/variantLoader';
import type { Sample, ScoreEngine, TryOrder } from '../engine';
import { knownTries } from '../known';

const LIMIT_MS = 120_000;
/** Operations of a fault that are struck, evenly spread over a scenario. */
const OPERATIONS = 4;

/** A scenario and a fault each. The short ones are first; together they strike each class that a scenario offers. */
const TRIALS = [
  'mixed-queues network.loss',
  'three-nics ctrl.wrong-result',
  'mixed-queues rings.empty-alloc',
  'three-nics registers.all-ones',
  'three-nics hotplug.surprise-removal',
  'migrate-under-load ctrl.wrong-result',
  'migrate-under-load memory.allocation-fails',
  'migrate-under-load rings.full-tx',
  'migrate-to-smaller-host ctrl.no-response',
  'migrate-refused ctrl.late-response',
  'migrate-under-load registers.spurious',
  'migrate-under-load rings.slot-garbage',
];

function trialOf(how: string): { readonly scenario: string; readonly fault: string } {
  const [scenario, fault] = how.split(' ') as [string, string];
  return { scenario, fault };
}

async function runTrial(scenario: string, seed: number, trial: TrialOrder): Promise<ScenarioRun> {
  const { loadScenario, scenarioFile } = part<typeof import('../../../run/findScenario')>('testbench/run/findScenario');
  const { runScenario } = part<typeof import('../../../run/runScenario')>('testbench/run/runScenario');
  const settings = new Map<string, string>();
  return runScenario(loadScenario(scenarioFile(scenario)), { seed, record: false, mode: 'inline', settings, trial });
}

/** Returns the failure of a run in which the fault struck no operation; empty if the run passed. */
function surveyed({ result, details, trial }: ScenarioRun): string {
  if (result.verdict === 'pass' && trial !== null && trial !== undefined) return '';
  return `without a fault: ${details[0] ?? result.verdict}`;
}

function judged({ details, trial }: ScenarioRun, report: TrialReport | null | undefined = trial): string {
  if (report === null || report === undefined) return details.at(-1) ?? 'the run did not come to its end';
  return report.broken.join('; ');
}

async function run({ how, seed }: TryOrder): Promise<Sample[]> {
  const { scenario, fault } = trialOf(how);
  const { spread } = part<typeof import('../../../run/everyFault')>('testbench/run/everyFault');
  const from = performance.now();
  let cases = 1;
  const ended = (detail: string): Sample[] => [
    { caught: detail !== '', cases, durationMs: performance.now() - from, detail },
  ];
  const survey = await runTrial(scenario, seed, { fault: { name: fault, parameters: {} }, survey: true });
  const wrong = surveyed(survey);
  if (wrong !== '') return ended(wrong);
  for (const after of spread(survey.trial!.operations.length, OPERATIONS)) {
    cases++;
    const struck = { name: fault as never, parameters: { after, times: 1 } };
    const said = judged(await runTrial(scenario, seed, { fault: struck, survey: false }));
    if (said !== '') return ended(`operation ${after}: ${said}`);
  }
  return ended('');
}

export const faultsEngine: ScoreEngine = {
  name: 'faults',
  about: 'scenarios in which one operation fails, as avp run --every-fault runs them',
  unit: 'runs',
  thread: 'watched',
  limitMs: LIMIT_MS,
  catchesHangs: true,
  oneIsEnough: true,
  lacking: () => null,
  triesOf: ({ id }, { all }) => {
    const known = knownTries(id, 'faults');
    return all ? [...new Set([...known, ...TRIALS])] : known;
  },
  run,
  command: ({ how, seed, variant }) => {
    const { scenario, fault } = trialOf(how);
    const flags = `--every-fault ${fault} --at-most ${OPERATIONS} --seed ${seed}`;
    return variant === null ? `npx avp run ${scenario} ${flags}` : null;
  },
};
