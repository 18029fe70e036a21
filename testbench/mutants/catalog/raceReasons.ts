/** Reasons why no order of accesses tells a variant from the product, each of which holds for several variants. */

/** Under sc, tso and pso alike. A CPU that lets loads overtake each other, such as ARM, needs the acquire. */
export const LOADS_STAY_IN_ORDER =
  'no memory model of the engine lets a load overtake an earlier load, so an acquire changes nothing there';

/** Under sc, tso and pso alike. */
export const LOADS_STAY_BEFORE_STORES =
  'only loads come before this store, and no memory model of the engine lets a store overtake a load';

export const COMPARE_EXCHANGE_DRAINS = 'the compare-and-exchange beside it waits for all stores, as the fence does';

/** Reasons why no check finds a race yet. */
export const NO_BURST_IN_CLOSE = 'no burst runs in that check';
export const ONE_QUEUE = 'only the first queue pair has bursts in that check';
export const NO_SURPRISE = 'no check has an attach that follows no detach';
export const NOT_FOUND_YET = 'PCT has not found it in some thousands of schedules';
export const NOT_TRIED_YET = 'it has not been tried yet';
export const TIME_DRAINS =
  'every operation that waits for bursts sleeps before anybody uses what they stored, store buffers drain while ' +
  'time passes, and rights are checked when a store is made, not when it drains';
