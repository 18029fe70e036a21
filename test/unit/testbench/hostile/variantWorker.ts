/** Runs hostile cases on a broken variant of driver or host, whose changed modules this thread loads in place of the product's. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { buildVariant } from '../../../../testbench/mutants/build/apply';
import type { HostileMutant } from '../../../../testbench/mutants/build/mutant';
import { packageRoot } from '../../../../testbench/runtime/package';
import type * as hostile from '../../../../testbench/hostile';

type Loaded = NodeModule & { _compile(js: string, file: string): void };
type Loader = (module: Loaded, file: string) => void;

const { mutant, cases } = workerData as { readonly mutant: HostileMutant; readonly cases: number };
const changed = new Map(
  Object.entries(buildVariant(mutant)).map(([name, js]) => [join(packageRoot(), `${name}.ts`), js]),
);

const loaders = require.extensions as Record<string, Loader>;
const former = loaders['.ts']!;
loaders['.ts'] = (module, file) => {
  const js = changed.get(file);
  if (js === undefined) former(module, file);
  else module._compile(js, file);
};
// The imports above may have loaded files that the variant changes: load those again.
for (const file of changed.keys()) delete require.cache[file];

function loadHostile(): typeof hostile {
  return require('../../../../testbench/hostile') as typeof hostile;
}

const { runHostile } = loadHostile();
const { findings } = runHostile({ side: mutant.attacks as hostile.Side, seed: 1, cases });
parentPort!.postMessage(findings.map(({ promise, message }) => `${promise}: ${message}`));
