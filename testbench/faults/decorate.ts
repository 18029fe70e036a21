/** Puts code around methods of objects, one layer over another, and takes it away again in any order. */

type Method = (...args: never[]) => unknown;

/** The names of an object's methods. */
export type MethodOf<T> = { [K in keyof T]: T[K] extends Method ? K : never }[keyof T] & string;

/** Runs in a method's place; `next` is the layer below, or the method itself. */
export type Layer<T, K extends keyof T> = T[K] extends (...args: infer A) => infer R
  ? (self: T, next: (...args: A) => R, ...args: A) => R
  : never;

type AnyMethod = (this: unknown, ...args: unknown[]) => unknown;
type AnyLayer = (self: unknown, next: (...args: unknown[]) => unknown, ...args: unknown[]) => unknown;

/** Undoes what was done. The second call does nothing. */
export type Undo = () => void;

const layersOf = new WeakMap<object, Map<string, AnyLayer[]>>();

function install(target: Record<string, AnyMethod>, name: string, layers: AnyLayer[]): void {
  const original = target[name]!;
  const isOwn = Object.hasOwn(target, name);
  target[name] = function (...args) {
    // A layer may come or go while the method runs.
    const present = [...layers];
    const call = (index: number, given: unknown[]): unknown =>
      index < 0 ? original.apply(this, given) : present[index]!(this, (...next) => call(index - 1, next), ...given);
    return call(present.length - 1, args);
  };
  restorers.set(layers, () => {
    if (isOwn) target[name] = original;
    else delete target[name];
  });
}

const restorers = new WeakMap<AnyLayer[], () => void>();

/**
 * Puts a layer around a method of an object or of a prototype. The layer that was added last runs first. An object
 * without layers is as it was before.
 */
export function decorate<T extends object, K extends MethodOf<T>>(target: T, name: K, layer: Layer<T, K>): Undo {
  const methods = layersOf.get(target) ?? new Map<string, AnyLayer[]>();
  layersOf.set(target, methods);
  const layers = methods.get(name) ?? [];
  if (layers.length === 0) {
    methods.set(name, layers);
    install(target as unknown as Record<string, AnyMethod>, name, layers);
  }
  // Two uses of one function are two layers.
  const own: AnyLayer = (self, next, ...args) => (layer as unknown as AnyLayer)(self, next, ...args);
  layers.push(own);
  return () => {
    const index = layers.indexOf(own);
    if (index < 0) return;
    layers.splice(index, 1);
    if (layers.length > 0) return;
    methods.delete(name);
    restorers.get(layers)!();
  };
}
