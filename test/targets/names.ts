import { toolVersion } from '../bench/package';

/** The drivers that clauses can be run on. */
export const TARGET_NAMES = ['avp'] as const;
export type TargetName = (typeof TARGET_NAMES)[number];

/** Our own. */
export const DEFAULT_TARGET: string = 'avp' satisfies TargetName;

/** Version of the driver under test. Ours is that of the package. */
export function targetVersion(_name: TargetName): string {
  return toolVersion();
}
