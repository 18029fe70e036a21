import { type Key, mixInto } from '../search/key';
import { Moments } from './moments';
import { StateHash, Unhashable } from './stateHash';

/** An object whose contents a run may change. */
interface Kept {
  readonly object: object;
  /** Puts the contents back. */
  restore(): void;
  isChanged(): boolean;
  mix(into: StateHash): void;
}

type Bag = Record<string, unknown>;

function keptFields(object: Bag): Omit<Kept, 'object'> {
  const keys = Object.keys(object).filter((key) => Object.getOwnPropertyDescriptor(object, key)?.writable === true);
  const all = Object.keys(object).length;
  const values = keys.map((key) => object[key]);
  const differs = (i: number): boolean => !Object.is(object[keys[i]!], values[i]);
  return {
    restore: () => {
      for (let i = 0; i < keys.length; i++) if (differs(i)) object[keys[i]!] = values[i];
    },
    isChanged: () => Object.keys(object).length !== all || keys.some((_key, i) => differs(i)),
    mix: (into) => {
      if (Object.keys(object).length !== all) throw new Unhashable('an object with a new property');
      into.list(keys.flatMap((key, i) => (differs(i) ? [key, object[key]] : [])));
    },
  };
}

function keptArray(array: unknown[]): Omit<Kept, 'object'> {
  const values = [...array];
  const isChanged = (): boolean =>
    array.length !== values.length || !array.every((value, i) => Object.is(value, values[i]));
  return {
    restore: () => {
      if (isChanged()) array.splice(0, array.length, ...values);
    },
    isChanged,
    mix: (into) => into.list(array),
  };
}

function keptMap(map: Map<unknown, unknown>): Omit<Kept, 'object'> {
  const entries = [...map];
  const isChanged = (): boolean =>
    map.size !== entries.length || !entries.every(([key, value]) => Object.is(map.get(key), value));
  return {
    restore: () => {
      if (!isChanged()) return;
      map.clear();
      for (const [key, value] of entries) map.set(key, value);
    },
    isChanged,
    mix: (into) => into.list([...map].flat()),
  };
}

function keptSet(set: Set<unknown>): Omit<Kept, 'object'> {
  const values = [...set];
  const isChanged = (): boolean => set.size !== values.length || !values.every((value) => set.has(value));
  return {
    restore: () => {
      if (!isChanged()) return;
      set.clear();
      for (const value of values) set.add(value);
    },
    isChanged,
    mix: (into) => into.list([...set]),
  };
}

function keptBytes(array: Uint8Array | Uint32Array | Int32Array | Float64Array): Omit<Kept, 'object'> {
  const values = array.slice();
  const isChanged = (): boolean => !array.every((value, i) => value === values[i]);
  return {
    restore: () => {
      if (isChanged()) array.set(values);
    },
    isChanged,
    mix: (into) => into.list([...array]),
  };
}

function isTyped(object: object): object is Uint8Array {
  return ArrayBuffer.isView(object) && !(object instanceof DataView);
}

function contentsOf(object: object): Omit<Kept, 'object'> {
  if (object instanceof Map) return keptMap(object);
  if (object instanceof Set) return keptSet(object);
  if (Array.isArray(object)) return keptArray(object);
  if (isTyped(object)) return keptBytes(object);
  return keptFields(object as Bag);
}

function partsOf(object: object): unknown[] {
  if (object instanceof Map) return [...object.keys(), ...object.values()] as unknown[];
  if (object instanceof Set) return [...object] as unknown[];
  return isTyped(object) ? [] : Object.values(object);
}

/**
 * The state of JavaScript objects that actors change while they run: a listener's position, the answers that a host
 * still owes. It is put back before each run, like memory.
 */
export class JavaScriptState {
  private readonly kept: Kept[] = [];
  private readonly ends: ReadonlySet<object>;
  /** Numbers of all objects and functions that are there before each run. */
  private readonly known = new Map<object, number>();

  /**
   * Keeps the state of all objects that can be reached.
   * @param roots where to begin.
   * @param ends objects to leave out, with all that only they lead to.
   */
  constructor(
    private readonly roots: readonly unknown[],
    ends: readonly object[],
  ) {
    this.ends = new Set(ends);
    for (const end of ends) this.known.set(end, this.known.size);
    for (const object of this.reachable()) {
      if (!this.known.has(object)) this.known.set(object, this.known.size);
      if (typeof object === 'object') this.kept.push({ object, ...contentsOf(object) });
    }
  }

  /** Objects and functions that the roots lead to now. */
  private reachable(): Set<object> {
    const found = new Set<object>();
    const waiting = [...this.roots];
    while (waiting.length > 0) {
      const at = waiting.pop();
      if ((typeof at !== 'object' && typeof at !== 'function') || at === null) continue;
      if (found.has(at) || this.ends.has(at)) continue;
      found.add(at);
      if (typeof at === 'object') waiting.push(...partsOf(at));
    }
    return found;
  }

  /** True if a field holds a moment of virtual time. */
  holdsMoment(): boolean {
    const moments = new Moments(0);
    for (const object of this.reachable())
      if (typeof object === 'object') for (const part of partsOf(object)) moments.look(part);
    return moments.met;
  }

  /** Puts everything back as it was. All objects are looked at: a run that was given up half-way leaves any of them. */
  restore(): void {
    for (const one of this.kept) one.restore();
  }

  /**
   * Mixes all that has changed into a key. Nobody can read what no root leads to any more.
   * @throws Unhashable where the contents of something new cannot be told.
   */
  mixInto(key: Key, moments: Moments): void {
    const reachable = this.reachable();
    const hash = new StateHash(key, this.known, moments);
    for (let i = 0; i < this.kept.length; i++) {
      const { object } = this.kept[i]!;
      if (!reachable.has(object) || !this.kept[i]!.isChanged()) continue;
      mixInto(key, i);
      this.kept[i]!.mix(hash);
    }
  }
}
