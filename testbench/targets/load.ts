import { resolve } from 'node:path';
import { UsageError } from '../../shared/errors';
import { didYouMean } from '../../shared/nearest';
import { requireScript } from '../runtime/loadScript';
import { CAPABILITIES, type Capability } from './capability';
import type { TargetPath } from './names';
import type { Target } from './target';

/** Form of a target's name: it stands in reports and in the names of folders. */
const NAME = /^[a-z][a-z0-9_.-]*$/;
/** Names of the package's own targets begin with these words. */
const TAKEN = /^(?:avp|dpdk)$/;

/** Checks the form only, because a script may have loaded another copy of the package. */
function isTarget(value: unknown): value is Target {
  const { name, capabilities, open } = (value ?? {}) as Partial<Record<keyof Target, unknown>>;
  return typeof name === 'string' && capabilities instanceof Set && typeof open === 'function';
}

function requireCapabilities(path: string, capabilities: ReadonlySet<string>): void {
  const unknown = [...capabilities].find((one) => !(one in CAPABILITIES));
  if (unknown !== undefined)
    throw new UsageError(
      `${path} claims the capability '${unknown}', which there is not: ${didYouMean(unknown, Object.keys(CAPABILITIES), 'docs/capabilities.md has all of them')}`,
    );
}

/**
 * Loads the target that a script of another project exports under any name.
 * @throws UsageError where the file cannot be loaded, exports no target, or exports one with a name or a capability
 * that cannot be.
 */
export function loadTarget(path: TargetPath): Target {
  const target = Object.values(requireScript(resolve(path)) as Readonly<Record<string, unknown>>).find(isTarget);
  if (target === undefined)
    throw new UsageError(`${path}: expected 'export const NAME: Target = { name, capabilities, open }'`);
  if (!NAME.test(target.name) || TAKEN.test(target.name))
    throw new UsageError(
      `${path} exports a target called '${target.name}': expected a lower-case name other than avp and dpdk`,
    );
  requireCapabilities(path, target.capabilities);
  return target;
}

/** A target as its command has to know it before the first clause. */
export interface TargetFacts {
  readonly name: string;
  readonly version: string;
  readonly capabilities: ReadonlySet<Capability>;
}

/** Describes a target. */
export function factsOf({ name, version = 'unknown', capabilities }: Target): TargetFacts {
  return { name, version, capabilities };
}
