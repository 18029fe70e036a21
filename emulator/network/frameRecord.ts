// Generated from emulator/abi/records.ts by `make generate`. Do not edit.
import { load32, store32 } from '#mem';

// host_frame: a frame on its way
export const HOST_FRAME_BYTES: u32 = 64;
export const HOST_FRAME_ADDRESS: u32 = 0;
export const HOST_FRAME_LENGTH: u32 = 4;

export function loadHostFrameAddress(base: u32): u32 {
  return load32(base);
}
export function storeHostFrameAddress(base: u32, value: u32): void {
  store32(base, value);
}
export function loadHostFrameLength(base: u32): u32 {
  return load32(base + 4);
}
export function storeHostFrameLength(base: u32, value: u32): void {
  store32(base + 4, value);
}
