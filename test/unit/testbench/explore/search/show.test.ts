import { expect } from 'chai';
import { Exploration } from '../../../../../testbench/explore/search/exploration';
import { lanesHtml } from '../../../../../testbench/explore/show/html';
import { lanesText } from '../../../../../testbench/explore/show/lanes';
import { recordToken, type Recording } from '../../../../../testbench/explore/show/recording';
import { lanesTrace } from '../../../../../testbench/explore/show/trace';
import { dekker } from './racyWorlds';

function recorded(): Recording {
  const world = dekker('tso', false);
  const plan = { scheduler: 'dfs', preemptions: 2, depth: 3, seed: 1, reduce: true } as const;
  const exploration = new Exploration(world, plan);
  for (;;) {
    const found = exploration.advance();
    if (found !== null) return recordToken(world, found.token);
  }
}

describe('a schedule that is shown', () => {
  it('has a lane for each actor, access by access, with the names of the words', () => {
    expect(lanesText(recorded(), 100).split('\n')).to.deep.equal([
      ' step  left                                          right',
      '       --------------------------------------------  --------------------------------------------',
      '    0    store x = 1, buffered',
      '    1    load y = 0',
      '    2                                                  store y = 1, buffered',
      '    3                                                  load x = 0',
      '    4    drains x = 1',
      '    5                                                  drains y = 1',
    ]);
  });

  it('is a trace with a thread for each actor', () => {
    const { traceEvents } = JSON.parse(lanesTrace(recorded())) as {
      traceEvents: { ph: string; name: string; args?: { name?: string } }[];
    };
    const threads = traceEvents.filter(({ name }) => name === 'thread_name').map(({ args }) => args!.name);
    expect(threads).to.deep.equal(['left', 'right']);
    expect(traceEvents.filter(({ ph }) => ph === 'B').map(({ name }) => name)).to.include('store x = 1, buffered');
  });

  it('is a page that needs no other file, and in which names are escaped', () => {
    const recording = recorded();
    const page = lanesHtml({ ...recording, world: '<b>' }, 'avp explore x');
    expect(page).to.contain('both are in the section').and.to.contain('&lt;b&gt;').and.not.to.contain('<b>');
    expect(page).not.to.match(/(src|href)="(?!#|data:)/);
    expect(page.match(/<tr class/g)).to.have.lengthOf(recording.steps.length);
  });
});
