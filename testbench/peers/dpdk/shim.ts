import { buildLibrary } from './cLibrary';

/**
 * Builds the preloaded library with the C compiler, unless the same source was built before.
 * @param folder where the library is kept.
 * @returns path of the library.
 * @throws UsageError where there is no compiler.
 */
export function buildShim(folder: string, compiler?: string): Promise<string> {
  return buildLibrary('testbench/peers/dpdk/shim.c', folder, 'the library for DPDK', compiler);
}
