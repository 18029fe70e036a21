/** An object whose contents a run may change. */
interface Kept {
  /** Puts the contents back. */
  restore(): void;
}

type Bag = Record<string, unknown>;

function keptFields(object: Bag): Kept {
  const keys = Object.keys(object).filter((key) => Object.getOwnPropertyDescriptor(object, key)?.writable === true);
  const values = keys.map((key) => object[key]);
  return {
    restore: () => {
      for (let i = 0; i < keys.length; i++) if (!Object.is(object[keys[i]!], values[i])) object[keys[i]!] = values[i];
    },
  };
}

function keptArray(array: unknown[]): Kept {
  const values = [...array];
  return {
    restore: () => {
      if (array.length === values.length && array.every((value, i) => Object.is(value, values[i]))) return;
      array.splice(0, array.length, ...values);
    },
  };
}

function keptMap(map: Map<unknown, unknown>): Kept {
  const entries = [...map];
  return {
    restore: () => {
      if (map.size === entries.length && entries.every(([key, value]) => Object.is(map.get(key), value))) return;
      map.clear();
      for (const [key, value] of entries) map.set(key, value);
    },
  };
}

function keptSet(set: Set<unknown>): Kept {
  const values = [...set];
  return {
    restore: () => {
      if (set.size === values.length && values.every((value) => set.has(value))) return;
      set.clear();
      for (const value of values) set.add(value);
    },
  };
}

function keptBytes(array: Uint8Array | Uint32Array | Int32Array | Float64Array): Kept {
  const values = array.slice();
  return {
    restore: () => {
      if (array.every((value, i) => value === values[i])) return;
      array.set(values);
    },
  };
}

function isTyped(object: object): object is Uint8Array {
  return ArrayBuffer.isView(object) && !(object instanceof DataView);
}

function keptOf(object: object): Kept {
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

  /**
   * Keeps the state of all objects that can be reached.
   * @param roots where to begin.
   * @param ends objects to leave out, with all that only they lead to.
   */
  constructor(roots: readonly unknown[], ends: readonly object[]) {
    const seen = new Set<object>(ends);
    const waiting = [...roots];
    for (let at = waiting.pop(); at !== undefined || waiting.length > 0; at = waiting.pop()) {
      if (typeof at !== 'object' || at === null || seen.has(at)) continue;
      seen.add(at);
      this.kept.push(keptOf(at));
      waiting.push(...partsOf(at).filter((part) => part !== undefined));
    }
  }

  /** Puts everything back as it was. All objects are looked at: a run that was given up half-way leaves any of them. */
  restore(): void {
    for (const one of this.kept) one.restore();
  }
}
