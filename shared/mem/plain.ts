/**
 * `#mem`, plain build: the primitives through which all code accesses shared bytes, as fast as
 * TypeScript can be. An address is an offset into the arena; 16- and 32-bit accesses are naturally
 * aligned. Nothing is checked here, because the callers check.
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

/** Acquire load: later accesses of this thread stay after it. */
export function loadAcquire32(address: u32): u32 {
  return Atomics.load(words32, address >>> 2);
}

/** Release store: earlier accesses of this thread are visible before it. */
export function storeRelease32(address: u32, value: u32): void {
  Atomics.store(words32, address >>> 2, value);
}

/** Full fence: orders an earlier store before a later load, which x86 does not do by itself. */
export function fence(): void {
  Atomics.add(words32, 0, 0);
}

/** Stores `value` if the word holds `expected`. Returns the former value. */
export function compareExchange32(address: u32, expected: u32, value: u32): u32 {
  return Atomics.compareExchange(words32, address >>> 2, expected, value);
}

export function exchange32(address: u32, value: u32): u32 {
  return Atomics.exchange(words32, address >>> 2, value);
}

/** Adds modulo 2^32. Returns the former value. */
export function add32(address: u32, value: u32): u32 {
  return Atomics.add(words32, address >>> 2, value);
}

/** Copies `bytes` bytes; the ranges may overlap. */
export function copy(to: u32, from: u32, bytes: u32): void {
  bulkCopy(to, from, bytes);
}

/** Copies `bytes` bytes between ranges that do not overlap. The WebAssembly build makes no call for it. */
export function copyShort(to: u32, from: u32, bytes: u32): void {
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

/** Copies bytes out of the arena into a new array. It allocates, so the loops do not use it. */
export function readBytes(address: number, bytes: number): Uint8Array {
  return bytes8.slice(address, address + bytes);
}

/** Copies an array into the arena. The loops do not use it. */
export function writeBytes(address: number, bytes: Uint8Array): void {
  bytes8.set(bytes, address);
}

/** Hints that a byte will be read soon. Only the WebAssembly build uses it. */
export function prefetch(_address: u32): void {}

/** Sets the rights to a range. Only the watched build enforces them. */
export function protect(_address: u32, _bytes: u32, _rights: u32): void {}

/** Sets this thread's actor. The watched build returns the former actor; this build does nothing. */
export function actAs(_actor: u32): u32 {
  return 0;
}

/** Sets the function that describes an address in a violation. This build does nothing. */
export function setDescriber(_describe: (address: number) => string): void {}
