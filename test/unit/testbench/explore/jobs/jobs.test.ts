import { expect } from 'chai';
import { exploreInWorkers, type JobSettings, type JobsResult } from '../../../../../testbench/explore/jobs/jobs';

const SETTINGS: JobSettings = {
  check: 'fifo',
  options: { memory: 'sc' },
  plan: { scheduler: 'random', preemptions: 2, depth: 3, seed: 1, reduce: true },
  jobs: 1,
  schedules: 1_200,
  limitMs: Infinity,
  stop: new AbortController().signal,
  onProgress: () => {},
};

async function explore(settings: Partial<JobSettings>): Promise<Omit<JobsResult, 'durationMs'>> {
  const { state, failures } = await exploreInWorkers({ ...SETTINGS, ...settings });
  return { state, failures };
}

describe('an exploration in workers', function () {
  this.timeout(300_000);

  it('comes to the same result with any number of workers', async () => {
    const one = await explore({});
    expect(one).to.deep.equal({
      state: { schedules: 1_200, complete: false, share: null, saved: 0, restarts: 0 },
      failures: [],
    });
    for (const jobs of [2, 3]) expect(await explore({ jobs })).to.deep.equal(one);
  });

  it('ends a depth-first search by itself, once all has been seen', async () => {
    const plan = { ...SETTINGS.plan, scheduler: 'dfs' } as const;
    const { state } = await explore({ plan, schedules: Infinity });
    expect(state).to.include({ complete: true, share: 1 });
  });

  it('stops at a signal and at a time limit, with what it has', async () => {
    const controller = new AbortController();
    const stopped = explore({
      schedules: Infinity,
      stop: controller.signal,
      onProgress: ({ schedules }) => {
        if (schedules > 0) controller.abort('SIGINT');
      },
    });
    expect((await stopped).state.schedules).to.be.greaterThan(0);
    expect((await explore({ schedules: Infinity, limitMs: 300 })).state.complete).to.equal(false);
  });

  it('reports a check that cannot be made', async () => {
    let error: unknown = null;
    try {
      await explore({ check: 'nothing-like-that' });
    } catch (caught) {
      error = caught;
    }
    expect(error).to.include({ code: 'USAGE' });
  });
});
