import { RELEASE_NAMES } from '../peers/dpdk/releases';
import { toolVersion } from '../runtime/package';

/** A driver that clauses can be run on; `dpdk@25.11` is DPDK's of that release, `dpdk` alone the newest that runs. */
export type TargetName = 'avp' | 'dpdk' | `dpdk@${string}`;

/** Names of all targets. */
export const TARGET_NAMES: readonly TargetName[] = [
  'avp',
  'dpdk',
  ...RELEASE_NAMES.map((release) => `dpdk@${release}` as const),
];

/** @returns the target of this name, undefined where there is none. */
export function targetNamed(name: string): TargetName | undefined {
  return TARGET_NAMES.find((known) => known === name);
}

/** True for DPDK's driver, of whichever release. */
export function isDpdk(target: TargetName): boolean {
  return target === 'dpdk' || releaseOf(target) !== undefined;
}

/** The release that a target names; undefined where it names none. */
export function releaseOf(target: TargetName): string | undefined {
  return /^dpdk@(.+)$/.exec(target)?.[1];
}

/** The package's own driver. */
export const DEFAULT_TARGET: string = 'avp' satisfies TargetName;

/** Version of the package's own driver: that of the package. */
export function ownVersion(): string {
  return toolVersion();
}
