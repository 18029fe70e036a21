import { Random } from '../../../../../shared/random';
import * as program from '../../../../../testbench/explore/litmus/program';
import { ProgramWorld } from '../../../../../testbench/explore/litmus/programWorld';
import type { MemoryModel } from '../../../../../testbench/explore/models/model';

const WORDS = 3;

function randomOp(random: Random, sleeps: boolean): program.Op {
  const at = 4 * random.below(WORDS);
  switch (random.below(sleeps ? 12 : 9)) {
    case 0:
    case 1:
    case 2:
      return program.store(at, 1 + random.below(3));
    case 3:
    case 4:
      return program.load(at);
    case 5:
      return program.releaseStore(at, 1 + random.below(3));
    case 6:
      return random.chance(0.5) ? program.fence : program.add(at, 1);
    case 7:
      return random.chance(0.5) ? program.store(at + 1, random.below(3), 1) : program.load(at, 2);
    case 8:
      return program.copy(4 * random.below(3), 4 * random.below(2), 8);
    case 9:
      return program.awaitChange(at);
    case 10:
      return program.clock;
    default:
      return program.sleep(10 * (1 + random.below(2)));
  }
}

function randomProgram(random: Random, length: number, sleeps: boolean): program.Program {
  const ops = Array.from({ length }, () => randomOp(random, sleeps));
  return function* () {
    const loaded: number[] = [];
    for (const op of ops) {
      const value = yield op;
      if (!['store', 'releaseStore', 'copy', 'fence', 'sleep'].includes(op.op)) loaded.push(value);
    }
    return loaded.join(' ');
  };
}

/** A world of two or three random programs. Its oracle gives the outcome of each run as its details. */
export function randomWorld(seed: number): ProgramWorld {
  const random = new Random(seed);
  const memory = random.pick<MemoryModel>(['sc', 'tso', 'pso']);
  const holds = random.chance(0.3);
  const lapses = !holds && random.chance(0.5);
  const actors = ['a', 'b', 'c'].slice(0, 2 + random.below(2));
  const length = (): number => 2 + random.below(actors.length === 2 ? 4 : 2);
  const programs = actors.map(
    (name) => [name, randomProgram(random, length(), holds || lapses || random.chance(0.3))] as const,
  );
  return new ProgramWorld({
    name: `random programs of seed ${seed}, ${memory}`,
    memory,
    programs: Object.fromEntries(programs),
    holds,
    lapses,
    judge: (results, load) => ({
      cause: 'outcome',
      details: [...results, ...[0, 4, 8, 12].map((at) => `${load(at)}`)],
    }),
  });
}
