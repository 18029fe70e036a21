import { BenchError } from '../../../shared/errors';
import {
  ACTOR_DRIVER,
  ACTOR_HOST,
  DRIVER_READ,
  DRIVER_WRITE,
  HOST_READ,
  HOST_WRITE,
} from '../../../shared/loops/rights';
import { MACHINE_BYTES } from './bytes';
import type { Machine } from './machine';

/** An access that no scheduler can see, or that its actor has no right to, by code that is no twin. */
export class PlainAccessError extends BenchError {
  constructor(message: string) {
    super('PLAIN_ACCESS', message);
  }
}

/** Checks an access before it is made: that no run goes on, and that the side that acts has the right. */
class Gate {
  acting = ACTOR_DRIVER;
  describe: (address: number) => string = () => 'no right to it';

  constructor(private readonly machine: Machine) {}

  load(address: number, length: number): void {
    this.enter('load', address, length, this.acting === ACTOR_HOST ? HOST_READ : DRIVER_READ);
  }

  store(address: number, length: number): void {
    this.enter('store', address, length, this.acting === ACTOR_HOST ? HOST_WRITE : DRIVER_WRITE);
  }

  actAs(actor: number): number {
    if (this.machine.exploring) return this.machine.actAs(actor);
    const former = this.acting;
    this.acting = actor;
    return former;
  }

  private enter(what: string, address: number, length: number, right: number): void {
    const { exploring, bytes } = this.machine;
    if (exploring)
      throw new PlainAccessError(
        `${what} of ${length} bytes by code that has no twin: call it from an actor's \`run\``,
      );
    if (!(address >= 0 && address + length <= MACHINE_BYTES))
      throw new PlainAccessError(`${what} of ${length} bytes at 0x${address.toString(16)}: outside the arena`);
    for (let word = address >>> 2; word <= (address + length - 1) >>> 2; word++)
      if ((bytes.rights[word]! & right) === 0)
        throw new PlainAccessError(`${what} of ${length} bytes: ${this.describe(Math.max(address, word << 2))}`);
  }
}

/** Accesses of any length. */
function bulkPrimitives({ bytes }: Machine, gate: Gate): Readonly<Record<string, unknown>> {
  const copy = (to: number, from: number, length: number): void => {
    if (length === 0) return;
    gate.load(from, length);
    gate.store(to, length);
    bytes.copy(to, from, length);
  };
  return {
    copy,
    copyShort: copy,
    copy16: (to: number, from: number) => copy(to, from, 16),
    fill: (address: number, value: number, length: number) => {
      if (length === 0) return;
      gate.store(address, length);
      bytes.fill(address, value, length);
    },
    readBytes: (address: number, length: number) => {
      if (length > 0) gate.load(address, length);
      return bytes.bytes8.slice(address, address + length);
    },
    writeBytes: (address: number, from: Uint8Array) => {
      if (from.length === 0) return;
      gate.store(address, from.length);
      bytes.write(address, from);
    },
  };
}

/**
 * `#mem` for code that is no twin: it sets a world up before the first run, and judges a run after its end. While a
 * run goes on it is an error, because whatever such code did would be one step that nobody can interrupt.
 */
export function plainMemory(machine: Machine): Readonly<Record<string, unknown>> {
  const { bytes } = machine;
  const gate = new Gate(machine);
  const load = (length: number) => (address: number) => {
    gate.load(address, length);
    return bytes.load(address, length);
  };
  const store = (length: number) => (address: number, value: number) => {
    gate.store(address, length);
    bytes.store(address, length, value);
  };
  const update = (next: (found: number, value: number) => number) => (address: number, value: number) => {
    const found = load(4)(address);
    store(4)(address, next(found, value) >>> 0);
    return found;
  };
  return {
    ...bulkPrimitives(machine, gate),
    load8: load(1),
    load16: load(2),
    load32: load(4),
    loadAcquire32: load(4),
    store8: store(1),
    store16: store(2),
    store32: store(4),
    storeRelease32: store(4),
    exchange32: update((_found, value) => value),
    add32: update((found, value) => found + value),
    compareExchange32: (address: number, expected: number, value: number) =>
      update((found) => (found === expected >>> 0 ? value : found))(address, 0),
    fence: () => undefined,
    prefetch: () => undefined,
    protect: (address: number, length: number, rights: number) => bytes.protect(address, length, rights),
    actAs: (actor: number) => gate.actAs(actor),
    setDescriber: (next: (address: number) => string) => (gate.describe = next),
  };
}
