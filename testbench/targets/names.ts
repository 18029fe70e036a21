import { toolVersion } from '../runtime/package';

/** The drivers that clauses can be run on. */
export const TARGET_NAMES = ['avp', 'dpdk'] as const;
export type TargetName = (typeof TARGET_NAMES)[number];

/** Our own. */
export const DEFAULT_TARGET: string = 'avp' satisfies TargetName;

/** Version of our own driver, which is that of the package. */
export function ownVersion(): string {
  return toolVersion();
}
