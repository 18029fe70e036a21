/** Objects whose contents a run may change: what is to be put back, and how to tell whether it has to be. */
interface Kept {
  /** Puts the contents back. Returns true if they had changed. */
  restore(): boolean;
}

/** In which runs all objects are looked at; in the others only those that have changed before. */
const LOOK_AT_ALL_FIRST = 64;
const LOOK_AT_ALL_EACH = 64;

type Bag = Record<string, unknown>;

function keptFields(object: Bag): Kept {
  const keys = Object.keys(object).filter((key) => Object.getOwnPropertyDescriptor(object, key)?.writable === true);
  const values = keys.map((key) => object[key]);
  return {
    restore: () => {
      let changed = false;
      for (let i = 0; i < keys.length; i++)
        if (!Object.is(object[keys[i]!], values[i])) {
          object[keys[i]!] = values[i];
          changed = true;
        }
      const now = Object.keys(object);
      if (now.length > keys.length)
        for (const key of now)
          if (!keys.includes(key) && Object.getOwnPropertyDescriptor(object, key)?.configurable === true) {
            delete object[key];
            changed = true;
          }
      return changed;
    },
  };
}

function keptArray(array: unknown[]): Kept {
  const values = [...array];
  return {
    restore: () => {
      if (array.length === values.length && array.every((value, i) => Object.is(value, values[i]))) return false;
      array.splice(0, array.length, ...values);
      return true;
    },
  };
}

function keptMap(map: Map<unknown, unknown>): Kept {
  const entries = [...map];
  return {
    restore: () => {
      if (map.size === entries.length && entries.every(([key, value]) => Object.is(map.get(key), value))) return false;
      map.clear();
      for (const [key, value] of entries) map.set(key, value);
      return true;
    },
  };
}

function keptSet(set: Set<unknown>): Kept {
  const values = [...set];
  return {
    restore: () => {
      if (set.size === values.length && values.every((value) => set.has(value))) return false;
      set.clear();
      for (const value of values) set.add(value);
      return true;
    },
  };
}

function keptBytes(array: Uint8Array | Uint32Array | Int32Array | Float64Array): Kept {
  const values = array.slice();
  return {
    restore: () => {
      if (array.every((value, i) => value === values[i])) return false;
      array.set(values);
      return true;
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
  private readonly dirty = new Set<Kept>();
  private restores = 0;

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

  /** Puts everything back as it was. */
  restore(): void {
    const all = this.restores < LOOK_AT_ALL_FIRST || this.restores % LOOK_AT_ALL_EACH === 0;
    this.restores++;
    for (const one of all ? this.kept : this.dirty) if (one.restore()) this.dirty.add(one);
  }
}
