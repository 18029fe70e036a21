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
// @ts-ignore: decorator of AssemblyScript
@inline export function copy(to: u32, from: u32, bytes: u32): void { memory.copy(to, from, bytes); }
// @ts-ignore: decorator of AssemblyScript
@inline export function fill(address: u32, value: u32, bytes: u32): void { memory.fill(address, <u8>value, bytes); }
// @ts-ignore: decorator of AssemblyScript
@inline export function protect(_address: u32, _bytes: u32, _rights: u32): void {}
