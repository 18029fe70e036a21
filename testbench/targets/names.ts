import { RELEASE_NAMES } from '../peers/dpdk/releases';
import { toolVersion } from '../runtime/package';

/** Path of a script that exports a target of another project. */
export type TargetPath = `./${string}` | `../${string}` | `/${string}`;

/**
 * A driver that clauses can be run on; `dpdk@25.11` is DPDK's of that release, `dpdk` alone the newest that runs, and a
 * path names a target of another project's.
 */
export type TargetName = 'avp' | 'dpdk' | `dpdk@${string}` | TargetPath;

/** Names of all targets of the package. */
export const TARGET_NAMES: readonly TargetName[] = [
  'avp',
  'dpdk',
  ...RELEASE_NAMES.map((release) => `dpdk@${release}` as const),
];

/** Tells whether a name of a target is a path: it begins with `./`, `../` or `/`. */
export function isTargetPath(name: string): name is TargetPath {
  return /^(?:\.{1,2})?\//.test(name);
}

/** @returns the target of this name or path, undefined where the package has none of the name. */
export function targetNamed(name: string): TargetName | undefined {
  return isTargetPath(name) ? name : TARGET_NAMES.find((known) => known === name);
}

/** True for DPDK's driver, of whichever release. */
export function isDpdk(target: string): boolean {
  return target === 'dpdk' || releaseOf(target) !== undefined;
}

/** The release that a target names; undefined where it names none. */
export function releaseOf(target: string): string | undefined {
  return /^dpdk@(.+)$/.exec(target)?.[1];
}

/** The package's own driver. */
export const DEFAULT_TARGET: string = 'avp' satisfies TargetName;

/** Version of the package's own driver: that of the package. */
export function ownVersion(): string {
  return toolVersion();
}
