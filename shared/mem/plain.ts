/**
 * `#mem`, plain build: the primitives through which all code touches shared bytes, as fast as
 * TypeScript can be. An address is an offset into the arena; 16- and 32-bit accesses are
 * naturally aligned; nothing is checked here, the callers have checked.
 */
import { bulkCopy, bulkFill, bytes8, words16, words32 } from './memory';

export function load8(address: u32): u32 {
  return bytes8[address]!;
}

export function load16(address: u32): u32 {
  return words16[address >>> 1]!;
}

export function load32(address: u32): u32 {
  return words32[address >>> 2]!;
}

export function store8(address: u32, value: u32): void {
  bytes8[address] = value;
}

export function store16(address: u32, value: u32): void {
  words16[address >>> 1] = value;
}

export function store32(address: u32, value: u32): void {
  words32[address >>> 2] = value;
}

/** Loads before any later access of this thread. */
export function loadAcquire32(address: u32): u32 {
  return Atomics.load(words32, address >>> 2);
}

/** Stores after all earlier accesses of this thread are visible. */
export function storeRelease32(address: u32, value: u32): void {
  Atomics.store(words32, address >>> 2, value);
}

/** Full fence: orders an earlier store before a later load, which x86 does not by itself. */
export function fence(): void {
  Atomics.add(words32, 0, 0);
}

/** Stores `value` where `expected` was found; returns what was found. */
export function compareExchange32(address: u32, expected: u32, value: u32): u32 {
  return Atomics.compareExchange(words32, address >>> 2, expected, value);
}

export function exchange32(address: u32, value: u32): u32 {
  return Atomics.exchange(words32, address >>> 2, value);
}

/** Adds modulo 2^32; returns the former value. */
export function add32(address: u32, value: u32): u32 {
  return Atomics.add(words32, address >>> 2, value);
}

/** Copies `bytes` bytes; the ranges may overlap. */
export function copy(to: u32, from: u32, bytes: u32): void {
  bulkCopy(to, from, bytes);
}

/** Copies 16 bytes; both addresses are multiples of 4. */
export function copy16(to: u32, from: u32): void {
  const target = to >>> 2;
  const source = from >>> 2;
  words32[target] = words32[source]!;
  words32[target + 1] = words32[source + 1]!;
  words32[target + 2] = words32[source + 2]!;
  words32[target + 3] = words32[source + 3]!;
}

export function fill(address: u32, value: u32, bytes: u32): void {
  bulkFill(address, value, bytes);
}

/** Copies bytes out of the arena into ordinary JavaScript; allocates, so not for loops. */
export function readBytes(address: number, bytes: number): Uint8Array {
  return bytes8.slice(address, address + bytes);
}

/** Copies bytes of ordinary JavaScript into the arena. Not for loops. */
export function writeBytes(address: number, bytes: Uint8Array): void {
  bytes8.set(bytes, address);
}

/** Hints that a byte will be read soon. Only the WebAssembly build uses it. */
export function prefetch(_address: u32): void {}

/** Sets who may access a range from now on. Only the watched build enforces it. */
export function protect(_address: u32, _bytes: u32, _rights: u32): void {}

/** Sets who acts from now on in this thread; the watched build returns who did. Without effect here. */
export function actAs(_actor: u32): u32 {
  return 0;
}

/** Sets how a violation names an address. Without effect here. */
export function setDescriber(_describe: (address: number) => string): void {}
