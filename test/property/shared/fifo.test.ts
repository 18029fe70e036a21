import { expect } from 'chai';
import fc from 'fast-check';
import { store32 } from '#mem';
import { allocate, resetArena } from '../../../shared/arena';
import * as fifo from '../../../shared/loops/fifo';
import { FIFO_READ, FIFO_WRITE, loadFifoRead, loadFifoWrite } from '../../../shared/loops/layout';
import { BOTH } from '../../../shared/loops/rights';
import { FIFO_END_BYTES } from '../../../shared/loops/records';

interface Ring {
  base: number;
  producer: number;
  consumer: number;
}

function makeRing(slots: number, start = 0): Ring {
  const base = allocate(fifo.fifoBytes(slots), { rights: BOTH, label: 'fifo' });
  const producer = allocate(FIFO_END_BYTES, { rights: BOTH, label: 'producer' });
  const consumer = allocate(FIFO_END_BYTES, { rights: BOTH, label: 'consumer' });
  fifo.fifoInit(base, slots);
  store32(base + FIFO_WRITE, start);
  store32(base + FIFO_READ, start);
  fifo.fifoOpen(producer, base, slots, start);
  fifo.fifoOpen(consumer, base, slots, start);
  return { base, producer, consumer };
}

describe('property: FIFO', () => {
  beforeEach(resetArena);

  it('agrees with a simple queue: keeps the order and one free slot, and publishes each burst in one write', () => {
    const slots = fc.constantFrom(2, 4, 8, 64);
    const bursts = fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 70 })), { maxLength: 60 });
    fc.assert(
      fc.property(slots, fc.nat(), bursts, (len, offset, steps) => {
        resetArena();
        const { base, producer, consumer } = makeRing(len, offset % len);
        const model: number[] = [];
        let next = 0xffff_fff0;
        for (const [put, wanted] of steps) {
          expect(fifo.fifoFreeCount(producer)).to.equal(len - 1 - model.length);
          expect(fifo.fifoCount(consumer)).to.equal(model.length);
          if (put) {
            const count = Math.min(wanted, fifo.fifoFreeCount(producer));
            const before = loadFifoWrite(base);
            for (let i = 0; i < count; i++) fifo.fifoFill(producer, i, (next + i) >>> 0, i);
            expect(loadFifoWrite(base)).to.equal(before);
            fifo.fifoPublishWrite(producer, count);
            for (let i = 0; i < count; i++) model.push((next + i) >>> 0);
            next += count;
          } else {
            const count = Math.min(wanted, fifo.fifoCount(consumer));
            for (let i = 0; i < count; i++) expect(fifo.fifoPeekLo(consumer, i)).to.equal(model[i]);
            fifo.fifoPublishRead(consumer, count);
            model.splice(0, count);
          }
          expect(loadFifoWrite(base)).to.be.lessThan(len);
          expect(loadFifoRead(base)).to.be.lessThan(len);
        }
      }),
    );
  });

  it('reports an index as corrupt exactly if it lies outside the ring', () => {
    const index = fc.oneof(fc.nat({ max: 20 }), fc.constantFrom(0x7fff_ffff, 0x8000_0000, 0xffff_ffff), fc.nat());
    fc.assert(
      fc.property(index, (hostile) => {
        resetArena();
        const { base, producer, consumer } = makeRing(16);
        store32(base + FIFO_READ, hostile);
        store32(base + FIFO_WRITE, hostile);
        const corrupt = hostile >= 16;
        expect(fifo.fifoFreeCount(producer) === fifo.FIFO_CORRUPT).to.equal(corrupt);
        expect(fifo.fifoCount(consumer) === fifo.FIFO_CORRUPT).to.equal(corrupt);
      }),
    );
  });

  it('carries both halves of an address', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 0xffff_ffff }), (lo, hi) => {
        resetArena();
        const { producer, consumer } = makeRing(2);
        fifo.fifoFill(producer, 0, lo, hi);
        fifo.fifoPublishWrite(producer, 1);
        expect([fifo.fifoPeekLo(consumer, 0), fifo.fifoPeekHi(consumer, 0)]).to.deep.equal([lo, hi]);
      }),
    );
  });
});
