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
    let lookedNs = NaN;
    for (const op of ops) {
      const value = yield op;
      if (op.op === 'clock') {
        // Only the time between two moments may matter.
        loaded.push(Number.isNaN(lookedNs) ? 0 : value - lookedNs);
        lookedNs = value;
      } else if (!['store', 'releaseStore', 'copy', 'fence', 'sleep', 'rest'].includes(op.op)) loaded.push(value);
    }
    return loaded.join(' ');
  };
}

/** A program that goes on round by round. */
function randomService(random: Random): program.Program {
  const ops = Array.from({ length: 1 + random.below(2) }, () => randomOp(random, false)).filter(
    ({ op }) => op !== 'await' && op !== 'add',
  );
  const roundNs = 10 * (1 + random.below(2));
  return function* () {
    for (;;) {
      for (const op of ops) yield op;
      yield program.rest(roundNs);
    }
  };
}

/** A world of two or three random programs, and perhaps a service. Its oracle gives the outcome of each run as its details. */
export function randomWorld(seed: number, served = false): ProgramWorld {
  const random = new Random(seed);
  const memory = random.pick<MemoryModel>(['sc', 'tso', 'pso']);
  const holds = random.chance(0.3);
  const lapses = !holds && random.chance(0.5);
  const actors = ['a', 'b', 'c'].slice(0, 2 + random.below(2));
  const length = (): number => 2 + random.below(actors.length === 2 ? 4 : 2);
  const programs = actors.map(
    (name) => [name, randomProgram(random, length(), holds || lapses || random.chance(0.3))] as const,
  );
  const services = served ? ['service'] : [];
  for (const name of services) programs.push([name, randomService(random)]);
  return new ProgramWorld({
    name: `random programs of seed ${seed}, ${memory}${served ? ', with a service' : ''}`,
    memory,
    programs: Object.fromEntries(programs),
    services,
    holds,
    lapses,
    judge: (results, load) => ({
      cause: 'outcome',
      details: [...results, ...[0, 4, 8, 12].map((at) => `${load(at)}`)],
    }),
  });
}
