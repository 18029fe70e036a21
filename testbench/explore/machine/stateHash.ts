import { type Key, mixInto } from '../search/key';
import type { Moments } from './moments';
import { BenchError } from '../../../shared/errors';

/** A value whose contents nobody can see, such as a closure that was made during a run. */
export class Unhashable extends BenchError {
  constructor(what: string) {
    super('EXPLORATION', `${what} has contents that cannot be told`);
  }
}

const float = new Float64Array(1);
const halves = new Int32Array(float.buffer);

function mixText(key: Key, text: string): void {
  mixInto(key, text.length);
  for (let i = 0; i < text.length; i++) mixInto(key, text.charCodeAt(i));
}

/** Mixes values of JavaScript into a key, with all that they lead to. Equal contents give equal keys. */
export class StateHash {
  private readonly met = new Map<object, number>();

  /** @param known numbers of objects and functions that are there in each run; their contents are not looked at. */
  constructor(
    private readonly key: Key,
    private readonly known: ReadonlyMap<object, number>,
    private readonly moments: Moments,
  ) {}

  number(value: number): void {
    float[0] = value;
    mixInto(this.key, halves[0]!);
    mixInto(this.key, halves[1]!);
  }

  /** @throws Unhashable */
  value(value: unknown): void {
    const { key } = this;
    if (typeof value === 'number') {
      mixInto(key, 1);
      this.number(this.moments.numberOf(value));
    } else if (typeof value === 'bigint') {
      mixInto(key, 3);
      mixText(key, String(this.moments.bigintOf(value)));
    } else if (typeof value === 'string') {
      mixInto(key, 2);
      mixText(key, value);
    } else if (typeof value === 'boolean') mixInto(key, value ? 4 : 5);
    else if (value === undefined || value === null) mixInto(key, value === null ? 6 : 7);
    else this.object(value);
  }

  private object(object: object): void {
    const { key, met } = this;
    const known = this.known.get(object);
    const before = met.get(object);
    if (known !== undefined || before !== undefined) {
      mixInto(key, known === undefined ? 8 : 9);
      return mixInto(key, known ?? before!);
    }
    if (typeof object !== 'object') throw new Unhashable(`a ${typeof object}`);
    met.set(object, met.size);
    const { constructor } = object;
    mixInto(key, 10);
    mixText(key, constructor.name);
    if (ArrayBuffer.isView(object)) this.bytes(object);
    else if (object instanceof Map) this.list([...object].flat());
    else if (Array.isArray(object) || object instanceof Set) this.list([...(object as Iterable<unknown>)]);
    else for (const one of Object.entries(object)) this.list(one);
  }

  list(values: readonly unknown[]): void {
    mixInto(this.key, values.length);
    for (const value of values) this.value(value);
  }

  private bytes({ buffer, byteOffset, byteLength }: ArrayBufferView): void {
    mixInto(this.key, byteLength);
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) mixInto(this.key, byte);
  }
}
