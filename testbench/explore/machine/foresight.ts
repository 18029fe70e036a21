import { ACTOR_HOST, DRIVER_READ, DRIVER_WRITE, HOST_READ, HOST_WRITE } from '../../../shared/loops/rights';
import type { Effect } from '../search/world';
import type { Machine } from './machine';
import {
  ADD,
  COMPARE_EXCHANGE,
  COPY,
  EXCHANGE,
  FILL,
  LOAD,
  LOAD_ACQUIRE,
  type Party,
  PROTECT,
  READ_BYTES,
  STORE,
  STORE_RELEASE,
  WAIT,
  WRITE_BYTES,
} from './party';
import { SHARED } from './sharing';

type Foreseen = { -readonly [Key in keyof Effect]: Effect[Key] };

/** Tells what the access that an actor stands before would do now. Changes nothing. */
export class Foresight {
  private readonly effect: Foreseen = { read: 0, writes: 'nothing', written: 0, changes: false, faulty: false };

  constructor(private readonly machine: Machine) {}

  /** The effect of a store that drains. */
  drain(): Effect {
    return this.fill(0, 'nothing', 0, true, false);
  }

  /** @param goesOnAgain the actor was interrupted, and now goes on. */
  step(party: Party, goesOnAgain: boolean): Effect {
    const effect = this.access(party);
    if (goesOnAgain) this.effect.changes = true;
    return effect;
  }

  private access(party: Party): Effect {
    const { machine } = this;
    const { kind, address, length, value, index } = party;
    switch (kind) {
      case WAIT:
        return this.fill(machine.load(address), 'nothing', 0, false, false);
      case LOAD:
      case LOAD_ACQUIRE:
        return this.fill(machine.buffers.load(index, address, length), 'nothing', 0, false, this.isFaulty(party));
      case STORE:
      case STORE_RELEASE: {
        const changes = machine.model === 'sc' && machine.bytes.load(address, length) !== value;
        return this.fill(0, 'value', value, changes, this.isFaulty(party));
      }
      case COMPARE_EXCHANGE:
      case EXCHANGE:
      case ADD:
        return this.update(party);
      case FILL:
      case WRITE_BYTES:
      case COPY: {
        const isShared = (machine.sharing.touched[address >>> 2]! & SHARED) !== 0;
        return this.fill(0, 'bytes', 0, isShared, this.isFaulty(party));
      }
      case READ_BYTES:
        return this.fill(0, 'nothing', 0, false, this.isFaulty(party));
      case PROTECT:
        return this.fill(0, 'rights', value, false, machine.model !== 'sc' && machine.hasLateStores(party));
      default:
        return this.fill(0, 'nothing', 0, false, false);
    }
  }

  private update(party: Party): Effect {
    const { kind, address, value, expected } = party;
    const found = this.machine.load(address);
    if (kind === COMPARE_EXCHANGE && found !== expected)
      return this.fill(found, 'nothing', 0, false, this.isFaulty(party));
    const next = kind === ADD ? (found + value) >>> 0 : value;
    return this.fill(found, 'value', next, next !== found, this.isFaulty(party));
  }

  private fill(read: number, writes: Effect['writes'], written: number, changes: boolean, faulty: boolean): Effect {
    const { effect } = this;
    effect.read = read;
    effect.writes = writes;
    effect.written = written;
    effect.changes = changes;
    effect.faulty = faulty;
    return effect;
  }

  /** True for an access to which the side that acts has no right. */
  private isFaulty({ kind, address, length, source, acting }: Party): boolean {
    const isHost = acting === ACTOR_HOST;
    const reads = isHost ? HOST_READ : DRIVER_READ;
    const writes = isHost ? HOST_WRITE : DRIVER_WRITE;
    switch (kind) {
      case LOAD:
      case LOAD_ACQUIRE:
      case READ_BYTES:
        return this.lacks(address, length, reads);
      case COPY:
        return this.lacks(source, length, reads) || this.lacks(address, length, writes);
      case STORE:
      case STORE_RELEASE:
      case FILL:
      case WRITE_BYTES:
        return this.lacks(address, length, writes);
      default:
        return this.lacks(address, length, reads) || this.lacks(address, length, writes);
    }
  }

  private lacks(address: number, length: number, right: number): boolean {
    const { rights } = this.machine.bytes;
    for (let word = address >>> 2; word <= (address + length - 1) >>> 2; word++)
      if ((rights[word]! & right) === 0) return true;
    return false;
  }
}
