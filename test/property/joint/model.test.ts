import fc from 'fast-check';
import { commands, firstNic, plug, type Model } from './commands';
import { runs } from './runs';
import { World } from './world';

describe('driver and device against a model', () => {
  it('every operation has the outcome that the model predicts, and all invariants hold after it', () => {
    fc.assert(
      fc.property(firstNic, fc.commands(commands, { maxCommands: 60, size: 'max' }), (draw, list) => {
        const world = new World();
        const model: Model = { ports: [], plugged: 0 };
        plug(model, world, draw);
        fc.modelRun(() => ({ model, real: world }), list);
        world.end();
      }),
      { numRuns: runs(40) },
    );
  });
});
