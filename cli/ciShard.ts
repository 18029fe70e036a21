import { UsageError } from '../shared/errors';
import type { Shard } from '../testbench/conformance/select';

/** Variables with which a CI system tells a parallel job its index, and how many jobs there are. */
interface CiSystem {
  readonly name: string;
  /** A variable that this system always sets. */
  readonly mark: string;
  readonly index: string;
  /** Index of the first job: 0 or 1. */
  readonly first: 0 | 1;
  readonly count: string;
  /** Advice on setting the variables, for a system that does not set them itself. */
  readonly advice: string;
}

const PARALLEL = 'run the job several times at once';

const SYSTEMS: readonly CiSystem[] = [
  {
    name: 'GitHub',
    mark: 'GITHUB_ACTIONS',
    index: 'JOB_INDEX',
    first: 0,
    count: 'JOB_TOTAL',
    advice: 'give the step env: {JOB_INDEX: ${{ strategy.job-index }}, JOB_TOTAL: ${{ strategy.job-total }}}',
  },
  {
    name: 'GitLab',
    mark: 'GITLAB_CI',
    index: 'CI_NODE_INDEX',
    first: 1,
    count: 'CI_NODE_TOTAL',
    advice: `${PARALLEL} with parallel: N`,
  },
  {
    name: 'Buildkite',
    mark: 'BUILDKITE',
    index: 'BUILDKITE_PARALLEL_JOB',
    first: 0,
    count: 'BUILDKITE_PARALLEL_JOB_COUNT',
    advice: `${PARALLEL} with parallelism: N`,
  },
  {
    name: 'CircleCI',
    mark: 'CIRCLECI',
    index: 'CIRCLE_NODE_INDEX',
    first: 0,
    count: 'CIRCLE_NODE_TOTAL',
    advice: `${PARALLEL} with parallelism: N`,
  },
  {
    name: 'Kubernetes',
    mark: 'JOB_COMPLETION_INDEX',
    index: 'JOB_COMPLETION_INDEX',
    first: 0,
    count: 'JOB_COMPLETIONS',
    advice: "set JOB_COMPLETIONS in the container's env to the number in spec.completions",
  },
];

function numberIn(env: NodeJS.ProcessEnv, { name, advice }: CiSystem, variable: string): number {
  const text = env[variable] ?? '';
  if (text === '') throw new UsageError(`--shard auto: ${name} has not set ${variable}: ${advice}`);
  if (!/^[0-9]{1,4}$/.test(text))
    throw new UsageError(`--shard auto: ${variable} is '${text}': expected a whole number; ${advice}`);
  return Number(text);
}

/**
 * Returns the shard that this job of a CI system runs.
 * @throws UsageError outside of the systems known, or where the system has not said which of several jobs this is.
 */
export function shardOfCi(env: NodeJS.ProcessEnv): Shard {
  const system = SYSTEMS.find(({ mark }) => (env[mark] ?? '') !== '');
  if (system === undefined)
    throw new UsageError(
      `--shard auto: this is none of ${SYSTEMS.map(({ name }) => name).join(', ')}: give I/N, for example 2/3`,
    );
  const index = numberIn(env, system, system.index) - system.first + 1;
  const count = numberIn(env, system, system.count);
  if (index < 1 || index > count)
    throw new UsageError(
      `--shard auto: ${system.index} is ${env[system.index]} and ${system.count} is ${count}: ` +
        `expected an index from ${system.first} to ${count + system.first - 1}; ${system.advice}`,
    );
  return { index, count };
}
