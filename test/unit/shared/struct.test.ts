import { expect } from 'chai';
import { emitDialect } from '../../../shared/abi/emitDialect';
import { record, struct } from '../../../shared/abi/struct';

describe('structures as data', () => {
  it('lays out a private record with natural alignment', () => {
    const example = record('example', 'test', { one: 'u8', two: 'u32', three: 'u16', four: ['u64', 2], five: 'u8' });
    expect(example.fields.map((field) => field.offset)).to.deep.equal([0, 4, 8, 16, 32]);
    expect(example.bytes).to.equal(64);
  });

  it('refuses fields that overlap or leave the structure, except in unions', () => {
    expect(() => struct('bad', 8, 'test', { a: [0, 'u32'], b: [2, 'u16'] })).to.throw('bad.b');
    expect(() => struct('bad', 4, 'test', { a: [2, 'u32'] })).to.throw('bad.a');
    expect(() => struct('good', 4, 'test', { a: [0, 'u32'], b: [2, 'u16'] }, { union: true })).not.to.throw();
  });

  it('writes constants and accessors of the loop dialect', () => {
    const text = emitDialect('x', [struct('ring_pair', 16, 'test', { base: [0, 'u32'], va: [8, 'u64'] })]);
    expect(text).to.include('export const RING_PAIR_VA: u32 = 8;');
    expect(text).to.include('export function loadRingPairBase(base: u32): u32 {\n  return load32(base);\n}');
    expect(text).to.include('export function loadRingPairVaHi(base: u32): u32 {\n  return load32(base + 12);\n}');
  });
});
