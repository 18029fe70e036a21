// Generated from emulator/export/abi/records.ts by `make generate`. Do not edit.
import { load32, store32 } from '#mem';

// uio_line: the uio socket of an exported function
export const UIO_LINE_BYTES: u32 = 64;
export const UIO_LINE_GUESTS: u32 = 0;
export const UIO_LINE_DEPARTURES: u32 = 4;
export const UIO_LINE_ENABLED: u32 = 8;
export const UIO_LINE_FIRED: u32 = 12;
export const UIO_LINE_HANDLED: u32 = 16;

export function loadUioLineGuests(base: u32): u32 {
  return load32(base);
}
export function storeUioLineGuests(base: u32, value: u32): void {
  store32(base, value);
}
export function loadUioLineDepartures(base: u32): u32 {
  return load32(base + 4);
}
export function storeUioLineDepartures(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadUioLineEnabled(base: u32): u32 {
  return load32(base + 8);
}
export function storeUioLineEnabled(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadUioLineFired(base: u32): u32 {
  return load32(base + 12);
}
export function storeUioLineFired(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadUioLineHandled(base: u32): u32 {
  return load32(base + 16);
}
export function storeUioLineHandled(base: u32, value: u32): void {
  store32(base + 16, value);
}
