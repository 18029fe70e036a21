import * as nodeModule from 'node:module';

const NAME = 'avp-testbench';

type Resolve = (request: string, parent: NodeJS.Module | undefined, isMain?: boolean, options?: unknown) => string;
/** Node's own resolution of CommonJS names, which tools such as ts-node replace too. */
const loader = nodeModule.Module as unknown as { _resolveFilename: Resolve };

let resolved = false;

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
