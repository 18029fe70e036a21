/** The worlds of all checks. This module is explored: no code of the bench itself imports it. */
export { detach } from './detach';
export { fifo } from './fifo';
export { rxBurst } from './rxBurst';
