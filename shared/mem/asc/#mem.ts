/** `#mem`, WebAssembly build: what AssemblyScript takes for the same names (`asc --lib`). */

// @ts-ignore: decorator of AssemblyScript
@inline export function load8(address: u32): u32 { return <u32>load<u8>(address); }
// @ts-ignore: decorator of AssemblyScript
@inline export function load16(address: u32): u32 { return <u32>load<u16>(address); }
// @ts-ignore: decorator of AssemblyScript
@inline export function load32(address: u32): u32 { return load<u32>(address); }
// @ts-ignore: decorator of AssemblyScript
@inline export function store8(address: u32, value: u32): void { store<u8>(address, <u8>value); }
// @ts-ignore: decorator of AssemblyScript
@inline export function store16(address: u32, value: u32): void { store<u16>(address, <u16>value); }
// @ts-ignore: decorator of AssemblyScript
@inline export function store32(address: u32, value: u32): void { store<u32>(address, value); }
// @ts-ignore: decorator of AssemblyScript
@inline export function loadAcquire32(address: u32): u32 { return atomic.load<u32>(address); }
// @ts-ignore: decorator of AssemblyScript
@inline export function storeRelease32(address: u32, value: u32): void { atomic.store<u32>(address, value); }
// @ts-ignore: decorator of AssemblyScript
@inline export function fence(): void { atomic.add<u32>(0, 0); } // asc 0.28 emits an atomic.fence that its own validator refuses
// @ts-ignore: decorator of AssemblyScript
@inline export function compareExchange32(address: u32, expected: u32, value: u32): u32 { return atomic.cmpxchg<u32>(address, expected, value); }
// @ts-ignore: decorator of AssemblyScript
@inline export function exchange32(address: u32, value: u32): u32 { return atomic.xchg<u32>(address, value); }
// @ts-ignore: decorator of AssemblyScript
@inline export function add32(address: u32, value: u32): u32 { return atomic.add<u32>(address, value); }
/** From here on `memory.copy`, which the engine calls out for, is worth the call. */
const LONG_COPY: u32 = 512;
/** Ranges that overlap upwards are `memory.copy`'s too: what is stored here never covers what is still to be read. */
export function copy(to: u32, from: u32, bytes: u32): void {
  if (bytes >= LONG_COPY || to - from < bytes) {
    memory.copy(to, from, bytes);
    return;
  }
  let at: u32 = 0;
  for (; bytes - at >= 16; at += 16) v128.store(to + at, v128.load(from + at));
  if (bytes & 8) { store<u64>(to + at, load<u64>(from + at)); at += 8; }
  if (bytes & 4) { store<u32>(to + at, load<u32>(from + at)); at += 4; }
  if (bytes & 2) { store<u16>(to + at, load<u16>(from + at)); at += 2; }
  if (bytes & 1) store<u8>(to + at, load<u8>(from + at));
}
/** Copies without a call: from 16 bytes on in steps of 16, the last of which may cover bytes that are copied already. */
// @ts-ignore: decorator of AssemblyScript
@inline export function copyShort(to: u32, from: u32, bytes: u32): void {
  if (bytes >= 16) {
    const last: u32 = bytes - 16;
    let at: u32 = 0;
    for (; at + 48 <= last; at += 64) {
      const a = v128.load(from + at), b = v128.load(from + at, 16), c = v128.load(from + at, 32), d = v128.load(from + at, 48);
      v128.store(to + at, a); v128.store(to + at, b, 16); v128.store(to + at, c, 32); v128.store(to + at, d, 48);
    }
    for (; at < last; at += 16) v128.store(to + at, v128.load(from + at));
    v128.store(to + last, v128.load(from + last));
  } else if (bytes >= 8) {
    const last: u32 = bytes - 8;
    store<u64>(to, load<u64>(from));
    store<u64>(to + last, load<u64>(from + last));
  } else {
    for (let at: u32 = 0; at < bytes; at++) store<u8>(to + at, load<u8>(from + at));
  }
}
// @ts-ignore: decorator of AssemblyScript
@inline export function copy16(to: u32, from: u32): void { v128.store(to, v128.load(from)); }
// @ts-ignore: decorator of AssemblyScript
@inline export function fill(address: u32, value: u32, bytes: u32): void { memory.fill(address, <u8>value, bytes); }
// WebAssembly knows no prefetch: a load does the same, and waits for nobody where its value is not used
// @ts-ignore: decorator of AssemblyScript
@inline export function prefetch(address: u32): void { load<u8>(address); }
// @ts-ignore: decorator of AssemblyScript
@inline export function protect(_address: u32, _bytes: u32, _rights: u32): void {}
