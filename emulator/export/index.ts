/** PCI functions as files that other processes map, from both sides. */
export * from './exportTree';
export * from './fileLock';
export * from './hostLine';
export * from './importTree';
