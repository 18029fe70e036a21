import { readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../../shared/errors';
import { errnoOf } from './fileErrors';
import { resolveOwnName, resolveOwnNameForImport } from './ownName';

/** Endings of files that can be loaded as a script. */
export const SCRIPT_ENDINGS = ['.ts', '.js', '.cts', '.cjs', '.mjs'];

/** Codes of errors with which `require` refuses, before it runs any of it, an ES module that `import` can load. */
const NEEDS_IMPORT = ['ERR_MODULE_NOT_FOUND', 'ERR_REQUIRE_ASYNC_MODULE'];

/** An error in loading a script, with its place in the script, in one line. */
function loadError(file: string, error: unknown): UsageError {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const place =
    stack
      .split('\n')
      .find((line) => line.includes(file))
      ?.trim() ?? '';
  const [first = '', second = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  // A compiler's message has place and reason in its second line.
  const message = first.endsWith(':') ? `${first} ${second.trim()}` : first;
  return new UsageError(`cannot load ${file}: ${message}${place === '' ? '' : ` (${place})`}`, { cause: error });
}

/**
 * Loads a script of any project.
 * @param file its absolute path.
 * @throws UsageError with the reason and the place, on one line.
 */
export function requireScript(file: string): object {
  resolveOwnName();
  try {
    return require(file) as object;
  } catch (error) {
    throw loadError(file, error);
  }
}

/** Tells whether the name of a file, or the package that it is of, says that it is an ES module. */
function isEsModule(file: string): boolean {
  const ending = extname(file);
  return ending === '.mjs' || (ending === '.js' && packageType(dirname(file)) === 'module');
}

/** Returns `type` of the nearest package.json; undefined where there is none, or it has none. */
function packageType(folder: string): unknown {
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly type?: unknown }).type;
  } catch (error) {
    const above = dirname(folder);
    return errnoOf(error) === 'ENOENT' && above !== folder ? packageType(above) : undefined;
  }
}

/**
 * Loads a script of any project, also an ES module.
 * @param file its absolute path.
 * @throws UsageError with the reason and the place, on one line.
 */
export async function importScript(file: string): Promise<object> {
  if (!isEsModule(file))
    try {
      return requireScript(file);
    } catch (error) {
      // A file that only its syntax makes an ES module.
      if (!NEEDS_IMPORT.includes(errnoOf((error as Error).cause) ?? '')) throw error;
    }
  resolveOwnNameForImport();
  try {
    return (await import(pathToFileURL(file).href)) as object;
  } catch (error) {
    throw loadError(file, error);
  }
}
