import { expect } from 'chai';
import { join } from 'node:path';
import { Code } from '../../../../../testbench/explore/machine/code';
import { twinRuntime } from '../../../../../testbench/explore/machine/twinRuntime';
import { makeTree } from '../../../../../testbench/explore/transform/tree';
import { packageRoot } from '../../../../../testbench/runtime/package';

const MODULE = 'testbench/explore/checks/worlds/imagined';

/** Each way in which code can reach an access. `main` gives the same, in one step and in many. */
const SOURCE = `
import { compareExchange32, load32, readBytes, store32, writeBytes } from '#mem';
import { loadFifoEndLen, storeFifoEndIndex } from '../../../../shared/loops/records';

interface Sink { deliver(value: number): number }
interface Sized { readonly size: number }
const seen: number[] = [];

class Base { readonly born = load32(4); constructor(readonly at: number) { store32(at, 11); } }
class Word extends Base implements Sized {
  readonly twice = this.at * 2;
  hook: ((value: number) => number) | null = null;
  constructor(at: number, private readonly more: number) { super(at); store32(at + 4, more); }
  static at(at: number): Word { return new Word(at, 5); }
  get value(): number { return load32(this.at); }
  set value(value: number) { store32(this.at, value); }
  get size(): number { return load32(this.at + 4); }
  add = (by: number): number => (this.value = this.value + by) - by + this.more;
  each(of: readonly number[]): number[] { return of.map((one) => this.value + one); }
}

function twice(call: () => number): number { return call() + call(); }
function sum({ value, at }: Word, { size: given }: Sized): number { return value + at + given; }
function sizeOf(sized: Sized): number { return sized.size; }
function local(): number {
  const next = (n: number): number => load32(n * 4);
  function inner(n: number): number { return next(n) + 1; }
  return inner(1) + next(2);
}
function caught(): string {
  try { store32(64, 1); throw new Error('thrown'); } catch (error) { return (error as Error).message + load32(64); } finally { store32(64, 2); }
}

export function main(): unknown[] {
  const word = Word.at(16);
  const sink: Sink = { deliver(value) { store32(40, value); return load32(40) + 1; } };
  const table = { first: (n: number) => load32(4 * n), second: () => 7 };
  const { value, at } = word;
  word.value = 21;
  const maybe: Word | null = load32(0) === 0 ? word : null;
  store32(4, 3);
  store32(8, 9);
  storeFifoEndIndex(48, 33);
  seen.push(load32(4));
  writeBytes(80, Uint8Array.of(1, 2, 3));
  return [
    value, at, word.born, word.twice, word.value, sizeOf(word), sum(word, word), word.add(4), word.each([1, 2]),
    twice(() => load32(4)), local(), caught(), sink.deliver(6),
    table.first(1) + table.second(), maybe?.add(1), word.hook?.(2) ?? 'no hook', loadFifoEndLen(44),
    [3, 1].filter((one) => one < load32(8)).reduce((sum, one) => sum + one * load32(4), 0),
    Array.from({ length: 2 }, (_unused, i) => load32(4 * i)), [1, 2].some((one) => one === load32(0)),
    compareExchange32(4, 3, 30), load32(4), [...readBytes(80, 3)], seen.length,
    \`\${load32(8)} in a text\`, load32(4) > 2 ? load32(8) : 0, load32(64),
  ];
}
`;

/** A memory that stops twins at every access, and counts those of plain code. */
class StoppingMemory {
  readonly plain: Readonly<Record<string, unknown>>;
  readonly machine: Readonly<Record<string, unknown>>;
  accesses = 0;
  private readonly words = new Uint32Array(64);
  private readonly bytes = new Uint8Array(this.words.buffer);
  private waiting: () => unknown = () => undefined;

  constructor() {
    const { words, bytes } = this;
    const primitives = {
      load32: (at: number) => words[at >>> 2]!,
      store32: (at: number, value: number) => void (words[at >>> 2] = value),
      compareExchange32: (at: number, expected: number, value: number) => {
        const found = words[at >>> 2]!;
        if (found === expected) words[at >>> 2] = value;
        return found;
      },
      readBytes: (at: number, length: number) => bytes.slice(at, at + length),
      writeBytes: (at: number, from: Uint8Array) => bytes.set(from, at),
    };
    const answers = { load32: -1, compareExchange32: -1, store32: true, writeBytes: true, readBytes: null };
    const counted =
      (call: (...values: never[]) => unknown) =>
      (...values: never[]) => {
        this.accesses++;
        return call(...values);
      };
    const stopping =
      (call: (...values: never[]) => unknown, answer: unknown) =>
      (...values: never[]) => {
        this.waiting = () => call(...values);
        return answer;
      };
    const names = Object.keys(primitives) as (keyof typeof primitives)[];
    this.plain = Object.fromEntries(names.map((name) => [name, counted(primitives[name])]));
    this.machine = Object.fromEntries(names.map((name) => [name, stopping(primitives[name], answers[name])]));
  }

  /** Makes the access at which a twin has stopped. */
  take(): unknown {
    return this.waiting();
  }
}

interface Loaded {
  main(): unknown[];
  main$g(): Generator<unknown, unknown[], unknown>;
}

function load(code: Code, memory: StoppingMemory): Loaded {
  const modules = new Map<string, Record<string, unknown>>();
  const get = (name: string): Record<string, unknown> => {
    const known = modules.get(name);
    if (known !== undefined) return known;
    const exports = {};
    modules.set(name, exports);
    const { body, firstSite } = code.module(name);
    const load = (id: string): unknown => (id === '#mem' ? memory.plain : get('shared/loops/records'));
    body(exports, load, { exports }, memory.machine, twinRuntime, firstSite, () => undefined);
    return exports;
  };
  return get(MODULE) as unknown as Loaded;
}

describe('twins', function () {
  this.timeout(120_000);

  let code: Code;
  before(() => {
    const root = join(packageRoot(), `${MODULE}.ts`);
    code = new Code(makeTree([root], { [`${MODULE}.ts`]: SOURCE }));
  });

  it('does the same as the function, with a stop at each access', () => {
    const plain = new StoppingMemory();
    const expected = load(code, plain).main();
    const memory = new StoppingMemory();
    const twin = load(code, memory).main$g();
    let stops = 0;
    let step = twin.next();
    for (; step.done !== true; stops++) step = twin.next(memory.take());
    expect(step.value).to.deep.equal(expected);
    expect(stops).to.equal(plain.accesses);
  });

  it('names the source line of each access', () => {
    const lines = SOURCE.split('\n');
    const places = code.sites.filter((site) => site.startsWith(MODULE));
    expect(places.length).to.be.greaterThan(40);
    for (const place of places)
      expect(lines[Number(place.split(':')[1]) - 1]).to.match(/load32|store32|compareExchange32|Bytes|FifoEnd/);
  });

  it('writes only the changed file of a variant anew', () => {
    const root = join(packageRoot(), `${MODULE}.ts`);
    const base = makeTree([root], { [`${MODULE}.ts`]: SOURCE });
    const variant = makeTree([root], { [`${MODULE}.ts`]: SOURCE.replace('value + one', 'value - one') }, base);
    expect(variant['shared/loops/records']).to.equal(base['shared/loops/records']);
    expect(variant[MODULE]!.js).to.not.equal(base[MODULE]!.js);
  });

  it('writes all files anew where a variant gives or takes a twin that others call', () => {
    const root = join(packageRoot(), `${MODULE}.ts`);
    const base = makeTree([root], { [`${MODULE}.ts`]: SOURCE });
    const changed = SOURCE.replace(
      'function local(): number {',
      'function local(): number { return 4; }\nfunction gone(): number {',
    );
    const variant = makeTree([root], { [`${MODULE}.ts`]: changed }, base);
    expect(variant['shared/loops/records']).to.not.equal(base['shared/loops/records']);
  });
});
