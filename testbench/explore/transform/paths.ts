import { relative, sep } from 'node:path';
import { packageRoot } from '../../runtime/package';

/** Path in the package, with slashes; null for a file of another package. */
export function pathInPackage(file: string): string | null {
  const path = relative(packageRoot(), file).split(sep).join('/');
  return path.startsWith('..') || path.startsWith('node_modules/') ? null : path;
}

/** True for a file that is installed as a package other than this one. */
export function isInstalled(file: string): boolean {
  return pathInPackage(file) === null && file.includes('/node_modules/');
}
