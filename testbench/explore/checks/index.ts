import type { Check } from './check';
import { checkOf } from './checkOf';

/** All checks, in the order in which `avp explore --list` prints them. */
export const CHECKS: readonly Check[] = [
  checkOf('fifo', 'fifo', 'one ring, a producer and a consumer'),
  checkOf('rx-burst', 'rxBurst', 'a receive burst, while the host delivers'),
  checkOf('detach', 'detach', 'the guest detaches, against a burst in each direction'),
];
