import { expect } from 'chai';
import { shardOfCi } from '../../../cli/ciShard';
import { UsageError } from '../../../shared/errors';

/** The second of three jobs, as each system tells it. */
const SECOND_OF_THREE: Readonly<Record<string, NodeJS.ProcessEnv>> = {
  GitHub: { GITHUB_ACTIONS: 'true', JOB_INDEX: '1', JOB_TOTAL: '3' },
  GitLab: { GITLAB_CI: 'true', CI_NODE_INDEX: '2', CI_NODE_TOTAL: '3' },
  Buildkite: { BUILDKITE: 'true', BUILDKITE_PARALLEL_JOB: '1', BUILDKITE_PARALLEL_JOB_COUNT: '3' },
  CircleCI: { CIRCLECI: 'true', CIRCLE_NODE_INDEX: '1', CIRCLE_NODE_TOTAL: '3' },
  Kubernetes: { JOB_COMPLETION_INDEX: '1', JOB_COMPLETIONS: '3' },
};

describe('the shard of a CI job', () => {
  for (const [system, env] of Object.entries(SECOND_OF_THREE))
    it(`is read from the variables of ${system}`, () => {
      expect(shardOfCi(env)).to.deep.equal({ index: 2, count: 3 });
    });

  const wrong: readonly (readonly [string, NodeJS.ProcessEnv, RegExp])[] = [
    ['outside of CI', {}, /this is none of GitHub, .*Kubernetes: give I\/N/],
    [
      'where GitHub was not told to hand them on',
      { GITHUB_ACTIONS: 'true' },
      /not set JOB_INDEX: .*strategy\.job-index/,
    ],
    ['where a GitLab job runs once', { GITLAB_CI: 'true', CI_NODE_TOTAL: '1' }, /not set CI_NODE_INDEX: .*parallel: N/],
    ['without a count', { JOB_COMPLETION_INDEX: '0' }, /not set JOB_COMPLETIONS: .*spec\.completions/],
    ['with an index too large', { JOB_COMPLETION_INDEX: '3', JOB_COMPLETIONS: '3' }, /expected an index from 0 to 2/],
    ['with an index too small', { GITLAB_CI: '1', CI_NODE_INDEX: '0', CI_NODE_TOTAL: '3' }, /an index from 1 to 3/],
    ['with a word', { JOB_COMPLETION_INDEX: 'one', JOB_COMPLETIONS: '3' }, /JOB_COMPLETION_INDEX is 'one': expected/],
  ];
  for (const [when, env, says] of wrong)
    it(`is refused ${when}, with what to do`, () => {
      expect(() => shardOfCi(env)).to.throw(UsageError, says);
    });
});
