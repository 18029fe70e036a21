import type { Check } from './check';

/** All checks, in the order in which `avp explore --list` prints them. */
export const CHECKS: readonly Check[] = [];
