import { expect } from 'chai';
import fc from 'fast-check';
import { store32 } from '#mem';
import { allocate, resetArena } from '../../../shared/arena';
import { fifoBytes, fifoInit, fifoOpen } from '../../../shared/loops/fifo';
import { FIFO_BYTES, FIFO_READ, FIFO_WRITE } from '../../../shared/loops/layout';
import { BOTH } from '../../../shared/loops/rights';
import { FIFO_END_BYTES } from '../../../shared/loops/records';
import { ROOMS } from '../../../shared/wasm/load';
import { type Builds, loopBuilds } from './builds';
import { extreme32 } from './values';

/** Larger than any structure, and a multiple of every alignment. */
const LARGEST_BYTES = 65_536;

for (const room of ROOMS)
  describe(`loop files of ${room}/ and shared/, both builds`, () => {
    let builds: Builds;

    before(() => {
      builds = loopBuilds(room);
    });
    beforeEach(resetArena);

    it('export the same constants', () => {
      const numbers = Object.entries(builds.typescript).filter(([, value]) => typeof value === 'number');
      expect(numbers.length).to.be.greaterThan(100);
      for (const [name, value] of numbers) {
        const other = builds.wasm[name] as { readonly value: number } | undefined;
        expect((other?.value ?? NaN) >>> 0, name).to.equal(value);
      }
    });

    it('export the same functions', () => {
      const functions = (build: object): string[] =>
        Object.entries(build)
          .filter(([, value]) => typeof value === 'function')
          .map(([name]) => name);
      expect(functions(builds.wasm).sort()).to.deep.equal(functions(builds.typescript).sort());
    });

    it('store and load every field of every structure identically', () => {
      const accessors = Object.entries(builds.typescript).filter(
        ([name, value]) => /^(load|store)[A-Z]/.test(name) && typeof value === 'function',
      ) as [string, (...args: number[]) => unknown][];
      expect(accessors.length).to.be.greaterThan(100);
      const base = allocate(LARGEST_BYTES, { rights: BOTH, label: 'structure' });
      fc.assert(
        fc.property(fc.constantFrom(...accessors), fc.nat({ max: 4 }), extreme32, ([name, accessor], index, value) => {
          const indexed = accessor.length === (name.startsWith('load') ? 2 : 3);
          const args = name.startsWith('load') ? [base] : [base, value];
          if (indexed) args.splice(1, 0, index);
          builds.call(name.replace(/^load/, 'store'), ...(name.startsWith('load') ? [...args, value] : args));
          builds.call(name, ...args);
        }),
        { numRuns: 500 },
      );
    });
  });

describe('counters and FIFOs, both builds', () => {
  let builds: Builds;

  before(() => {
    builds = loopBuilds('driver');
  });
  beforeEach(resetArena);

  it('count identically, also past 32 bits', () => {
    fc.assert(
      fc.property(extreme32, extreme32, extreme32, (lo, hi, amount) => {
        resetArena();
        const counter = allocate(8, { rights: BOTH, label: 'counter' });
        store32(counter, lo);
        store32(counter + 4, hi);
        builds.call('countUp', counter, amount);
      }),
    );
  });

  it('compute the size of FIFOs and initialize them identically', () => {
    fc.assert(
      fc.property(extreme32, extreme32, extreme32, (len, index, address) => {
        resetArena();
        const base = allocate(FIFO_BYTES, { rights: BOTH, label: 'fifo' });
        const end = allocate(FIFO_END_BYTES, { rights: BOTH, label: 'end' });
        builds.call('fifoBytes', len);
        builds.call('fifoInit', base, len);
        builds.call('fifoOpen', end, address, len, index);
      }),
    );
  });

  const state = fc.record({
    len: fc.constantFrom(2, 4, 16),
    own: extreme32,
    write: fc.oneof(extreme32, fc.nat({ max: 17 })),
    read: fc.oneof(extreme32, fc.nat({ max: 17 })),
    ahead: extreme32,
    lo: extreme32,
    hi: extreme32,
  });

  it('use a FIFO identically, whatever its header holds', () => {
    fc.assert(
      fc.property(state, ({ len, own, write, read, ahead, lo, hi }) => {
        resetArena();
        const base = allocate(fifoBytes(len), { rights: BOTH, label: 'fifo' });
        const end = allocate(FIFO_END_BYTES, { rights: BOTH, label: 'end' });
        fifoInit(base, len);
        fifoOpen(end, base, len, own);
        store32(base + FIFO_WRITE, write);
        store32(base + FIFO_READ, read);
        for (const name of ['fifoFreeCount', 'fifoCount']) builds.call(name, end);
        for (const name of ['fifoSlot', 'fifoPeekLo', 'fifoPeekHi']) builds.call(name, end, ahead);
        builds.call('fifoFill', end, ahead, lo, hi);
        for (const name of ['fifoPublishWrite', 'fifoPublishRead']) builds.call(name, end, ahead);
        for (const name of ['fifoFreeCount', 'fifoCount']) builds.call(name, end);
      }),
    );
  });
});
