/** The contract of the two sides, for users of the library. */
export * from './arena';
export * from './clock';
export * from './errno';
export * from './errors';
export * from './ethernet';
export * from './pci';
export * from './random';
