/** The primitives of `#mem`, by the result of a call in a twin. */
export type Primitive =
  /** Returns a value of up to 32 bits. */
  | 'value'
  /** Returns nothing. */
  | 'effect'
  /** Returns an array. */
  | 'array'
  /** Touches nothing that another actor could see. */
  | 'none';

const PRIMITIVES: Readonly<Record<string, Primitive>> = {
  load8: 'value',
  load16: 'value',
  load32: 'value',
  loadAcquire32: 'value',
  compareExchange32: 'value',
  exchange32: 'value',
  add32: 'value',
  store8: 'effect',
  store16: 'effect',
  store32: 'effect',
  storeRelease32: 'effect',
  fence: 'effect',
  copy: 'effect',
  copy16: 'effect',
  copyShort: 'effect',
  fill: 'effect',
  writeBytes: 'effect',
  readBytes: 'array',
  prefetch: 'none',
  protect: 'effect',
  actAs: 'none',
  setDescriber: 'none',
};

/** Returns the kind of a primitive. @throws Error for a name that the machine does not know. */
export function primitive(name: string): Primitive {
  const kind = PRIMITIVES[name];
  if (kind === undefined) throw new Error(`#mem exports ${name}, which the transform does not know`);
  return kind;
}

/** Functions of the library that call a function given to them, and that `TwinRuntime` has twins of. */
export const CALLS_BACK: ReadonlySet<string> = new Set([
  'every',
  'filter',
  'find',
  'findIndex',
  'findLast',
  'flatMap',
  'forEach',
  'from',
  'map',
  'reduce',
  'some',
]);

/** Methods at which an actor may stop: `Clock.sleepMs`, and those of the `Stage` of checks. */
export const WAITS: readonly string[] = ['kill', 'pass', 'rest', 'sleepMs', 'waitFor', 'waitWhile'];
