// Generated from shared/abi/records.ts by `make generate`. Do not edit.
import { load32, store32 } from '#mem';

// fifo_end: one side's private end of a FIFO
export const FIFO_END_BYTES: u32 = 16;
export const FIFO_END_BASE: u32 = 0;
export const FIFO_END_LEN: u32 = 4;
export const FIFO_END_INDEX: u32 = 8;
export const FIFO_END_UNUSED: u32 = 12;

export function loadFifoEndBase(base: u32): u32 {
  return load32(base);
}
export function storeFifoEndBase(base: u32, value: u32): void {
  store32(base, value);
}
export function loadFifoEndLen(base: u32): u32 {
  return load32(base + 4);
}
export function storeFifoEndLen(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadFifoEndIndex(base: u32): u32 {
  return load32(base + 8);
}
export function storeFifoEndIndex(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadFifoEndUnused(base: u32): u32 {
  return load32(base + 12);
}
export function storeFifoEndUnused(base: u32, value: u32): void {
  store32(base + 12, value);
}

// pci_function: a PCI function as the guest sees it
export const PCI_FUNCTION_BYTES: u32 = 128;
export const PCI_FUNCTION_VENDOR: u32 = 0;
export const PCI_FUNCTION_DEVICE: u32 = 4;
export const PCI_FUNCTION_SUBSYSTEM_VENDOR: u32 = 8;
export const PCI_FUNCTION_SUBSYSTEM_DEVICE: u32 = 12;
export const PCI_FUNCTION_CLASS_CODE: u32 = 16;
export const PCI_FUNCTION_ADDRESS: u32 = 20;
export const PCI_FUNCTION_REMOVED: u32 = 24;
export const PCI_FUNCTION_CLEAR_ON_READ: u32 = 28;
export const PCI_FUNCTION_WRITABLE_REGISTERS: u32 = 32;
export const PCI_FUNCTION_INTERRUPT_PENDING: u32 = 36;
export const PCI_FUNCTION_BAR_ADDRESS: u32 = 40;
export const PCI_FUNCTION_BAR_BYTES: u32 = 64;
export const PCI_FUNCTION_HANDLER_CHANGES: u32 = 88;

export function loadPciFunctionVendor(base: u32): u32 {
  return load32(base);
}
export function storePciFunctionVendor(base: u32, value: u32): void {
  store32(base, value);
}
export function loadPciFunctionDevice(base: u32): u32 {
  return load32(base + 4);
}
export function storePciFunctionDevice(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadPciFunctionSubsystemVendor(base: u32): u32 {
  return load32(base + 8);
}
export function storePciFunctionSubsystemVendor(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadPciFunctionSubsystemDevice(base: u32): u32 {
  return load32(base + 12);
}
export function storePciFunctionSubsystemDevice(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadPciFunctionClassCode(base: u32): u32 {
  return load32(base + 16);
}
export function storePciFunctionClassCode(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadPciFunctionAddress(base: u32): u32 {
  return load32(base + 20);
}
export function storePciFunctionAddress(base: u32, value: u32): void {
  store32(base + 20, value);
}
export function loadPciFunctionRemoved(base: u32): u32 {
  return load32(base + 24);
}
export function storePciFunctionRemoved(base: u32, value: u32): void {
  store32(base + 24, value);
}
export function loadPciFunctionClearOnRead(base: u32): u32 {
  return load32(base + 28);
}
export function storePciFunctionClearOnRead(base: u32, value: u32): void {
  store32(base + 28, value);
}
export function loadPciFunctionWritableRegisters(base: u32): u32 {
  return load32(base + 32);
}
export function storePciFunctionWritableRegisters(base: u32, value: u32): void {
  store32(base + 32, value);
}
export function loadPciFunctionInterruptPending(base: u32): u32 {
  return load32(base + 36);
}
export function storePciFunctionInterruptPending(base: u32, value: u32): void {
  store32(base + 36, value);
}
export function loadPciFunctionBarAddress(base: u32, index: u32): u32 {
  return load32(base + 40 + ((index << 2) >>> 0));
}
export function storePciFunctionBarAddress(base: u32, index: u32, value: u32): void {
  store32(base + 40 + ((index << 2) >>> 0), value);
}
export function loadPciFunctionBarBytes(base: u32, index: u32): u32 {
  return load32(base + 64 + ((index << 2) >>> 0));
}
export function storePciFunctionBarBytes(base: u32, index: u32, value: u32): void {
  store32(base + 64 + ((index << 2) >>> 0), value);
}
export function loadPciFunctionHandlerChanges(base: u32): u32 {
  return load32(base + 88);
}
export function storePciFunctionHandlerChanges(base: u32, value: u32): void {
  store32(base + 88, value);
}
