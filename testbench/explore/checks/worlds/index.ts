/** The worlds of all checks. This module is explored: no code of the bench itself imports it. */
export { attach, attachUnannounced, thereAndBack } from './attach';
export { close, closeAgainstInterrupt } from './close';
export { control } from './control';
export { controlAgainstInterrupt } from './controlInterrupt';
export { detach, detachAtEveryAccess } from './detach';
export { fifo } from './fifo';
export { hotUnplug, hotUnplugUnclosed, removalUnclosed } from './hotUnplug';
export { twoGuestsKilled } from './killed';
export { rxBurst } from './rxBurst';
export { txBurst } from './txBurst';
