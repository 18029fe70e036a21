import { avpTarget } from './avp';
import type { TargetName } from './names';
import type { Target } from './target';

const TARGETS: Readonly<Record<TargetName, Target>> = { avp: avpTarget };

/** The driver of that name. */
export function openTarget(name: TargetName): Target {
  return TARGETS[name];
}
