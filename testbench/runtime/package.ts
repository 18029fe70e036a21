import { dirname, join } from 'node:path';

const ROOT = dirname(require.resolve('avp-testbench/package.json'));

/** Returns the package's folder, which is the same for compiled code and for the source. */
export function packageRoot(): string {
  return ROOT;
}

/** Returns the version that every JSON result carries. */
export function toolVersion(): string {
  return (require('avp-testbench/package.json') as { version: string }).version;
}

/** True if Node runs the TypeScript source, false if it runs compiled code. */
export const runsFromSource: boolean = __filename.endsWith('.ts');

/** Returns the arguments with which Node runs the TypeScript source. Compiled code needs none. */
export function sourceArguments(source = runsFromSource): string[] {
  return source ? ['--conditions=source', '-r', join(ROOT, 'testbench', 'runtime', 'loadSource.cjs')] : [];
}

/** Returns the folder of the running code: the package's own, or its `dist`. */
export function codeRoot(): string {
  return runsFromSource ? packageRoot() : join(packageRoot(), 'dist');
}
