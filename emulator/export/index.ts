/** PCI functions as files that other processes map, from both sides. */
export * from './exportTree';
export * from './bars/fileLock';
export * from './uio/hostLine';
export * from './importTree';
