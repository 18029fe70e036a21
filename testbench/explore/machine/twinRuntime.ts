import { TWIN } from '../transform/names';

type Plain = (...values: unknown[]) => unknown;
type Twin = (...values: unknown[]) => Generator<unknown, unknown, unknown>;
type Paired = Plain & { [TWIN]?: Twin };
type Holder = Readonly<Record<string, Paired | Twin | undefined>>;

/** Attaches its twin to a function. Returns the function. */
function pair(plain: Paired, twin: Twin): Paired {
  plain[TWIN] = twin;
  return plain;
}

/** A twin for any function: its own, or one that calls it in one step. */
function twin(called: Paired): Twin {
  return (
    called[TWIN] ??
    function* (...values) {
      return called(...values);
    }
  );
}

/** Calls a method of an object of unknown class. */
function* on(holder: Holder, name: string, ...values: unknown[]): Generator<unknown, unknown, unknown> {
  const own = holder[name + TWIN] as Twin | undefined;
  if (own !== undefined) return yield* own.apply(holder, values);
  const plain = holder[name] as Paired;
  const paired = plain[TWIN];
  return paired === undefined ? plain.apply(holder, values) : yield* paired.apply(holder, values);
}

/** Reads a property of an object of unknown class, which may be an accessor. */
function* get(holder: Holder, name: string): Generator<unknown, unknown, unknown> {
  const own = holder[`${name}$get`] as Twin | undefined;
  return own === undefined ? holder[name] : yield* own.call(holder);
}

/** An object like another one, in which some accessors have been read already. */
function* open(holder: Holder, names: readonly string[]): Generator<unknown, unknown, unknown> {
  const opened = Object.create(holder) as object;
  for (const name of names) Object.defineProperty(opened, name, { value: yield* get(holder, name) });
  return opened;
}

function* map(list: readonly unknown[], call: Paired): Generator<unknown, unknown[], unknown> {
  const made: unknown[] = [];
  for (const [i, item] of list.entries()) made.push(yield* twin(call)(item, i, list));
  return made;
}

function* forEach(list: Iterable<unknown>, call: Paired): Generator<unknown, void, unknown> {
  if (list instanceof Map) for (const [key, value] of list) yield* twin(call)(value, key, list);
  else {
    let i = 0;
    for (const item of list) yield* twin(call)(item, i++, list);
  }
}

function* filter(list: readonly unknown[], call: Paired): Generator<unknown, unknown[], unknown> {
  const kept: unknown[] = [];
  for (const [i, item] of list.entries()) if (yield* twin(call)(item, i, list)) kept.push(item);
  return kept;
}

function* findIndex(list: readonly unknown[], call: Paired): Generator<unknown, number, unknown> {
  for (const [i, item] of list.entries()) if (yield* twin(call)(item, i, list)) return i;
  return -1;
}

function* find(list: readonly unknown[], call: Paired): Generator<unknown, unknown, unknown> {
  return list[yield* findIndex(list, call)];
}

function* findLast(list: readonly unknown[], call: Paired): Generator<unknown, unknown, unknown> {
  for (let i = list.length - 1; i >= 0; i--) if (yield* twin(call)(list[i], i, list)) return list[i];
  return undefined;
}

function* some(list: readonly unknown[], call: Paired): Generator<unknown, boolean, unknown> {
  return (yield* findIndex(list, call)) >= 0;
}

function* every(list: readonly unknown[], call: Paired): Generator<unknown, boolean, unknown> {
  for (const [i, item] of list.entries()) if (!(yield* twin(call)(item, i, list))) return false;
  return true;
}

function* flatMap(list: readonly unknown[], call: Paired): Generator<unknown, unknown[], unknown> {
  return (yield* map(list, call)).flat();
}

function* reduce(list: readonly unknown[], call: Paired, ...first: unknown[]): Generator<unknown, unknown, unknown> {
  let total = first.length > 0 ? first[0] : list[0];
  for (let i = first.length > 0 ? 0 : 1; i < list.length; i++) total = yield* twin(call)(total, list[i], i, list);
  return total;
}

/** `Array.from` and its like on typed arrays. */
function* from(
  maker: { from(list: unknown): unknown },
  list: Iterable<unknown> | ArrayLike<unknown>,
  call: Paired,
): Generator<unknown, unknown, unknown> {
  return maker.from(yield* map(Array.from(list), call));
}

/** The helpers of emitted modules, `$x`: calls of functions known at run time only, and library calls with callbacks. */
export const twinRuntime = {
  every,
  filter,
  find,
  findIndex,
  findLast,
  flatMap,
  forEach,
  from,
  get,
  map,
  on,
  open,
  pair,
  reduce,
  some,
  twin,
} as const;
