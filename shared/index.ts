/**
 * The part of the contract between driver and emulator that users of the library see.
 * @module avp-testbench/shared
 */
export * from './arena';
export * from './clock';
export * from './errno';
export * from './errors';
export * from './ethernet';
export * from './pci';
export * from './random';
