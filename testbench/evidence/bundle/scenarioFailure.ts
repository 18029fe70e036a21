import type { Engine } from '../../../shared/engine';
import type { FaultOrder } from '../../api/faults';
import type { Mode, ScenarioResult } from '../../api/result';
import { toolVersion } from '../../runtime/package';
import type { Evidence } from '../evidenceLog';
import type { Failure } from './bundle';
import { reproductionTest } from './reproduction';
import { timelineText } from './timelineText';

/** A run that did not pass. */
interface FailedRun {
  readonly result: ScenarioResult;
  readonly details: readonly string[];
  readonly evidence: Evidence | null;
}

export interface ScenarioCall {
  /** Name or path, as given by the user. */
  readonly scenario: string;
  /** Mode that the user asked for; absent for the scenario's own. */
  readonly mode?: Mode;
  readonly engine?: Engine;
  readonly settings: ReadonlyMap<string, string>;
  /** Faults that the user has put, if any. */
  readonly faults?: readonly FaultOrder[];
  /** The command that repeats the run. */
  readonly replay: string;
}

/** The failure of a scenario, for a bundle. */
export function scenarioFailure(
  { result, details, evidence }: FailedRun,
  { scenario, mode, engine, settings, faults, replay }: ScenarioCall,
): Failure {
  const { verdict, seed } = result;
  const missed = result.expectations.filter(({ ok }) => !ok).map(({ what }) => what);
  const title = missed.length === 0 ? `scenario ended with ${verdict}` : `scenario expects: ${missed.join('; ')}`;
  const order = {
    scenario,
    seed,
    ...(mode === undefined ? {} : { mode }),
    ...(engine === undefined ? {} : { engine }),
    settings: Object.fromEntries(settings),
    ...(faults === undefined ? {} : { faults }),
  };
  return {
    name: result.scenario,
    title,
    verdict,
    seed,
    replay,
    detail: details.join('\n'),
    result: { ...result, details, versions: { tool: toolVersion() } },
    test: reproductionTest({
      call: 'replayScenario',
      order,
      title: `scenario ${result.scenario}, seed ${seed}`,
      replay,
    }),
    pcap: evidence?.pcap ?? null,
    timeline: evidence === null ? null : timelineText(evidence.wire),
  };
}
