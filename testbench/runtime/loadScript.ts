import { UsageError } from '../../shared/errors';
import { resolveOwnName } from './ownName';

/** Endings of files that can be loaded as a script. */
export const SCRIPT_ENDINGS = ['.ts', '.js', '.cts', '.cjs'];

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
