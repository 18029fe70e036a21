/** Reasons why no order of accesses tells a variant from the product, each of which holds for several variants. */

/** Under sc, tso and pso alike. A CPU that lets loads overtake each other, such as ARM, needs the acquire. */
export const LOADS_STAY_IN_ORDER =
  'no memory model of the engine lets a load overtake an earlier load, so an acquire changes nothing there';

/** Under sc, tso and pso alike. */
export const LOADS_STAY_BEFORE_STORES =
  'only loads come before this store, and no memory model of the engine lets a store overtake a load';

export const COMPARE_EXCHANGE_DRAINS = 'the compare-and-exchange beside it waits for all stores, as the fence does';
