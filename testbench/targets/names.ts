import { toolVersion } from '../runtime/package';

/** Names of the drivers that clauses can be run on. */
export const TARGET_NAMES = ['avp', 'dpdk'] as const;
export type TargetName = (typeof TARGET_NAMES)[number];

/** The package's own driver. */
export const DEFAULT_TARGET: string = 'avp' satisfies TargetName;

/** Version of the package's own driver: that of the package. */
export function ownVersion(): string {
  return toolVersion();
}
