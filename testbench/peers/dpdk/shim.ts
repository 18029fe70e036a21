import { buildLibrary } from './cLibrary';

/**
 * Builds the preloaded library with the C compiler, unless this very source has been built before.
 * @param folder where it is kept.
 * @returns its path.
 * @throws UsageError where there is no compiler.
 */
export function buildShim(folder: string, compiler?: string): Promise<string> {
  return buildLibrary('testbench/peers/dpdk/shim.c', folder, 'the library for DPDK', compiler);
}
