/** Names that emitted modules and the machine agree on. */

/** Ends the name of a twin, and is the property by which a function carries its own. */
export const TWIN = '$g';
/** Name of the static method that is the twin of a constructor. */
export const MAKE = '$make';

/** Parameters of the function around an emitted module. */
export const SCOPE = {
  /** The machine. */
  machine: '$m',
  /** `twinRuntime`. */
  helpers: '$x',
  /** Number of the module's first site. */
  firstSite: '$s',
  /** Takes an object at the top of the module that changes while actors run. */
  keep: '$k',
} as const;
