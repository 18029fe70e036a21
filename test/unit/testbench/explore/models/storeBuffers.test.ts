import { expect } from 'chai';
import type { MemoryModel } from '../../../../../testbench/explore/models/model';
import { type SharedMemory, StoreBuffers } from '../../../../../testbench/explore/models/storeBuffers';

class Bytes implements SharedMemory {
  readonly bytes = Buffer.alloc(256);

  load(address: number, bytes: number): number {
    return this.bytes.readUIntLE(address, bytes);
  }

  store(address: number, bytes: number, value: number): void {
    this.bytes.writeUIntLE(value >>> 0, address, bytes);
  }

  read(address: number, into: Uint8Array): void {
    into.set(this.bytes.subarray(address, address + into.length));
  }

  write(address: number, from: Uint8Array): void {
    this.bytes.set(from, address);
  }
}

function make(model: MemoryModel): { memory: Bytes; buffers: StoreBuffers } {
  const memory = new Bytes();
  const buffers = new StoreBuffers(model, 2, memory);
  buffers.begin();
  return { memory, buffers };
}

function drainable(buffers: StoreBuffers, actor: number): number[] {
  const into: number[] = [];
  const found = buffers.drainable(actor, into);
  return into.slice(0, found);
}

describe('store buffers', () => {
  it('tell which store a change of rights comes too early for', () => {
    const { buffers } = make('tso');
    buffers.store(0, 8, 4, 1, -1, 2);
    buffers.write(0, 16, Buffer.alloc(8), -1, 2);
    buffers.store(0, 32, 4, 1);
    expect(buffers.withoutRight(0, 2 | 1, 0, 64), 'the right is left').to.equal(-1);
    expect(buffers.withoutRight(0, 1, 0, 8), 'another range').to.equal(-1);
    expect(buffers.withoutRight(0, 1, 32, 4), 'a store that needs none').to.equal(-1);
    expect(buffers.withoutRight(1, 1, 0, 64), 'another actor').to.equal(-1);
    expect(buffers.withoutRight(0, 1, 20, 4)).to.equal(1);
    buffers.drain(0, 0);
    expect(buffers.withoutRight(0, 1, 0, 64)).to.equal(0);
    buffers.waiveRights(0);
    expect(buffers.withoutRight(0, 1, 0, 64)).to.equal(-1);
  });

  it('do not exist under sc', () => {
    const { memory, buffers } = make('sc');
    buffers.store(0, 8, 4, 0xffff_fffe);
    expect(memory.load(8, 4)).to.equal(0xffff_fffe);
    expect(buffers.isEmpty(0)).to.equal(true);
  });

  it('show a store to its own actor at once, and to the others once it has drained', () => {
    const { buffers } = make('tso');
    buffers.store(0, 8, 4, 0xffff_fffe);
    expect(buffers.load(0, 8, 4)).to.equal(0xffff_fffe);
    expect(buffers.load(1, 8, 4)).to.equal(0);
    buffers.drain(0, 0);
    expect(buffers.load(1, 8, 4)).to.equal(0xffff_fffe);
  });

  it('answer a part of a buffered word, with the newest store', () => {
    const { buffers } = make('tso');
    buffers.store(0, 8, 4, 0x1122_3344);
    buffers.store(0, 8, 4, 0xaabb_ccdd);
    expect(buffers.load(0, 9, 1)).to.equal(0xcc);
    expect(buffers.load(0, 10, 2)).to.equal(0xaabb);
    expect(buffers.loadMustWait(0, 10, 2)).to.equal(false);
  });

  it('let a load wait that overlaps a buffered store partly, as long as it has not drained', () => {
    const { buffers } = make('pso');
    buffers.store(0, 9, 1, 7);
    expect(buffers.loadMustWait(0, 8, 4)).to.equal(true);
    expect(buffers.loadMustWait(1, 8, 4)).to.equal(false);
    buffers.drain(0, 0);
    expect(buffers.loadMustWait(0, 8, 4)).to.equal(false);
    expect(buffers.load(0, 8, 4)).to.equal(7 << 8);
  });

  it('let a fence wait for all stores of its own actor', () => {
    const { buffers } = make('tso');
    buffers.store(0, 8, 4, 1);
    expect([buffers.fenceMustWait(0), buffers.fenceMustWait(1)]).to.deep.equal([true, false]);
  });

  it('drain in order under tso', () => {
    const { buffers } = make('tso');
    for (const address of [8, 12, 16]) buffers.store(0, address, 4, 1);
    expect(drainable(buffers, 0)).to.deep.equal([0]);
    expect(buffers.addressAt(0, 0)).to.equal(8);
  });

  it('let a store overtake under pso what it does not overlap, and a release store nothing', () => {
    const { buffers } = make('pso');
    buffers.store(0, 8, 4, 1);
    buffers.store(0, 10, 1, 2);
    buffers.releaseStore(0, 16, 4, 3);
    buffers.store(0, 20, 4, 4);
    expect(drainable(buffers, 0)).to.deep.equal([0, 3]);
    buffers.drain(0, 0);
    expect(drainable(buffers, 0)).to.deep.equal([0, 2]);
    buffers.drain(0, 0);
    expect(drainable(buffers, 0)).to.deep.equal([0, 1]);
  });

  it('keep the bytes of a copy, whatever happens to its source', () => {
    const { memory, buffers } = make('tso');
    const bytes = Uint8Array.from({ length: 6_000 }, (_one, at) => at % 251).subarray(0, 100);
    buffers.write(0, 32, bytes, 5);
    const expected = Uint8Array.from(bytes);
    bytes.fill(0);
    const part = new Uint8Array(10);
    buffers.read(0, 40, part);
    expect(part).to.deep.equal(expected.subarray(8, 18));
    expect(buffers.load(0, 41, 2)).to.equal(expected[9]! + 256 * expected[10]!);
    expect(buffers.siteAt(0, 0)).to.equal(5);
    buffers.drain(0, 0);
    expect(Uint8Array.from(memory.bytes.subarray(32, 132))).to.deep.equal(expected);
  });

  it('hold any number of stores, and forget them for the next run', () => {
    const { memory, buffers } = make('tso');
    for (let at = 0; at < 1_000; at++) {
      buffers.store(0, 4 * (at % 60), 4, at);
      buffers.write(1, 0, new Uint8Array(50).fill(at));
    }
    expect(buffers.load(0, 4 * (999 % 60), 4)).to.equal(999);
    while (!buffers.isEmpty(0)) buffers.drain(0, 0);
    expect(memory.load(4 * (999 % 60), 4)).to.equal(999);
    buffers.begin();
    expect(buffers.isEmpty(1)).to.equal(true);
  });
});
