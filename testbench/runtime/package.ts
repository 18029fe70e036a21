import { dirname, join } from 'node:path';

const ROOT = dirname(require.resolve('avp-testbench/package.json'));

/** The package's own folder, the same for compiled code and for the source. */
export function packageRoot(): string {
  return ROOT;
}

/** The tool's version, as every JSON result carries it. */
export function toolVersion(): string {
  return (require('avp-testbench/package.json') as { version: string }).version;
}

/** True where TypeScript is run as it is, false where compiled code runs. */
export const runsFromSource: boolean = __filename.endsWith('.ts');

/** What Node has to be told to run the code as it is: nothing where it is compiled. */
export function sourceArguments(): string[] {
  return runsFromSource ? ['--conditions=source', '-r', join(__dirname, 'loadSource.cjs')] : [];
}

/** Folder of the code that runs: the package's own, or its `dist`. */
export function codeRoot(): string {
  return runsFromSource ? packageRoot() : join(packageRoot(), 'dist');
}
