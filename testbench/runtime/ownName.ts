import * as nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';

const NAME = 'avp-testbench';

type Resolve = (request: string, parent: NodeJS.Module | undefined, isMain?: boolean, options?: unknown) => string;
/** Node's own resolution of CommonJS names, which tools such as ts-node replace too. */
const loader = nodeModule.Module as unknown as { _resolveFilename: Resolve };

/** Resolves names for `import`, in a thread of Node's own. It is a text because that thread loads no TypeScript. */
const IMPORT_HOOK = `
let own;
export const initialize = (urls) => void (own = urls);
export const resolve = (request, context, next) =>
  Object.hasOwn(own, request) ? { url: own[request], format: 'commonjs', shortCircuit: true } : next(request, context);
`;

let [resolved, resolvedForImport] = [false, false];

/**
 * Lets the package's name lead to the package that runs, wherever a script lies: outside of any project, where the
 * package is installed globally, or in a project with a copy of its own, whose arena would be another one.
 */
export function resolveOwnName(): void {
  if (resolved) return;
  resolved = true;
  const former = loader._resolveFilename;
  loader._resolveFilename = (request, parent, ...rest) => {
    const isOwn = request === NAME || request.startsWith(`${NAME}/`);
    return former.call(nodeModule, request, isOwn ? module : parent, ...rest);
  };
}

/** Does for ES modules what `resolveOwnName` does for CommonJS. They have to be loaded by `import`, not by `require`. */
export function resolveOwnNameForImport(): void {
  if (resolvedForImport) return;
  resolvedForImport = true;
  const { exports } = require(`${NAME}/package.json`) as { readonly exports: Readonly<Record<string, unknown>> };
  const names = Object.keys(exports).map((key) => `${NAME}${key.slice(1)}`);
  const scripts = names.filter((name) => !name.endsWith('.json'));
  const urls = Object.fromEntries(scripts.map((name) => [name, pathToFileURL(require.resolve(name)).href]));
  nodeModule.register(`data:text/javascript,${encodeURIComponent(IMPORT_HOOK)}`, { data: urls });
}
