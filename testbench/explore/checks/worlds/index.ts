/** The worlds of all checks. This module is explored: no code of the bench itself imports it. */
export { attach, thereAndBack } from './attach';
export { closeAgainstInterrupt } from './close';
export { control } from './control';
export { detach, detachAtEveryAccess } from './detach';
export { fifo } from './fifo';
export { hotUnplug, hotUnplugUnclosed, removalUnclosed } from './hotUnplug';
export { twoGuestsKilled } from './killed';
export { rxBurst } from './rxBurst';
export { txBurst } from './txBurst';
