import { fence, load, type Program, sleep, store } from '../../../../../testbench/explore/litmus/program';
import { ProgramWorld } from '../../../../../testbench/explore/litmus/programWorld';
import type { MemoryModel } from '../../../../../testbench/explore/models/model';

const COUNTER = 0;
const X = 0;
const Y = 4;

/** Adds one to a counter, by a load and a store, so that another actor's update between them is lost. */
function counting(times: number): Program {
  return function* () {
    for (let i = 0; i < times; i++) {
      const value = yield load(COUNTER);
      yield store(COUNTER, value + 1);
    }
    return '';
  };
}

/** Loses an update by one preemption. */
export function lostUpdate(times: number, memory: MemoryModel = 'sc'): ProgramWorld {
  return new ProgramWorld({
    name: `lost update ${times}`,
    memory,
    words: { counter: COUNTER },
    programs: { first: counting(times), second: counting(times) },
    judge: (_results, at) => {
      const sum = at(COUNTER);
      return sum === 2 * times ? null : { cause: 'an update is lost', details: [`the sum is ${sum}`] };
    },
  });
}

/** Two actors that enter a section by Dekker's flags, with or without fences. */
export function dekker(memory: MemoryModel, fenced: boolean): ProgramWorld {
  const enter = (own: number, other: number): Program =>
    function* () {
      yield store(own, 1);
      if (fenced) yield fence;
      return (yield load(other)) === 0 ? 'in' : 'out';
    };
  return new ProgramWorld({
    name: `dekker ${fenced}`,
    memory,
    words: { x: X, y: Y },
    programs: { left: enter(X, Y), right: enter(Y, X) },
    judge: (results) => (results.join(' ') === 'in in' ? { cause: 'both are in the section', details: [] } : null),
  });
}

/** An actor that looks twice, and one that changes the word after a while: fails only if the first is held. */
export function lateChange(holds: boolean): ProgramWorld {
  return new ProgramWorld({
    name: 'late change',
    memory: 'sc',
    holds,
    words: { x: X },
    programs: {
      *looker() {
        const first = yield load(X);
        return first === (yield load(X)) ? 'same' : 'changed';
      },
      *changer() {
        yield sleep(1_000);
        yield store(X, 1);
        return '';
      },
    },
    judge: ([looker]) => (looker === 'changed' ? { cause: 'the word has changed', details: [] } : null),
  });
}
