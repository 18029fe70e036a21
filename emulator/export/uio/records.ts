// Generated from emulator/export/abi/records.ts by `make generate`. Do not edit.
import { load32, load8, store32, store8 } from '#mem';

// uio_line: the uio socket of an exported function
export const UIO_LINE_BYTES: u32 = 192;
export const UIO_LINE_GUESTS: u32 = 0;
export const UIO_LINE_ENABLED: u32 = 4;
export const UIO_LINE_FIRED: u32 = 8;
export const UIO_LINE_HANDLED: u32 = 12;
export const UIO_LINE_LISTENER: u32 = 16;
export const UIO_LINE_PLUG: u32 = 20;
export const UIO_LINE_CONNECTION: u32 = 24;
export const UIO_LINE_PATH: u32 = 28;

export function loadUioLineGuests(base: u32): u32 {
  return load32(base);
}
export function storeUioLineGuests(base: u32, value: u32): void {
  store32(base, value);
}
export function loadUioLineEnabled(base: u32): u32 {
  return load32(base + 4);
}
export function storeUioLineEnabled(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadUioLineFired(base: u32): u32 {
  return load32(base + 8);
}
export function storeUioLineFired(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadUioLineHandled(base: u32): u32 {
  return load32(base + 12);
}
export function storeUioLineHandled(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadUioLineListener(base: u32): u32 {
  return load32(base + 16);
}
export function storeUioLineListener(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadUioLinePlug(base: u32): u32 {
  return load32(base + 20);
}
export function storeUioLinePlug(base: u32, value: u32): void {
  store32(base + 20, value);
}
export function loadUioLineConnection(base: u32): u32 {
  return load32(base + 24);
}
export function storeUioLineConnection(base: u32, value: u32): void {
  store32(base + 24, value);
}
export function loadUioLinePath(base: u32, index: u32): u32 {
  return load8(base + 28 + index);
}
export function storeUioLinePath(base: u32, index: u32, value: u32): void {
  store8(base + 28 + index, value);
}
