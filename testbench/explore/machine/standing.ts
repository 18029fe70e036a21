import type { StoreBuffers } from '../models/storeBuffers';
import type { Machine } from './machine';
import {
  ADD,
  COMPARE_EXCHANGE,
  COPY,
  EXCHANGE,
  FENCE,
  FILL,
  LOAD,
  LOAD_ACQUIRE,
  type Party,
  READ_BYTES,
  SLEEP,
  STORE,
  STORE_RELEASE,
  WAIT,
  WRITE_BYTES,
} from './party';

/** Tells from the next access of an actor whether it can go on, and who would see it. */
export class Standing {
  private readonly buffers: StoreBuffers;
  private readonly buffered: boolean;

  constructor(private readonly machine: Machine) {
    this.buffers = machine.buffers;
    this.buffered = machine.model !== 'sc';
  }

  /** True for an actor that can go on at this time, or waits for its own store buffer alone. */
  couldGoOn(party: Party, timeNs: number): boolean {
    if (party.ended) return false;
    if (party.kind === SLEEP) return party.wakeNs <= timeNs;
    return !this.isBlocked(party);
  }

  /** True for an actor that waits until a word changes. */
  isBlocked(party: Party): boolean {
    if (party.kind === WAIT) return this.machine.load(party.address) === party.value;
    return party.kind === COMPARE_EXCHANGE && party.failsAgain(this.machine.load(party.address));
  }

  /** True for an actor that waits for its own stores to drain. */
  drains({ kind, index, address, length, source }: Party): boolean {
    if (!this.buffered || this.buffers.isEmpty(index)) return false;
    switch (kind) {
      case LOAD:
      case LOAD_ACQUIRE:
      case READ_BYTES:
      case WAIT:
        return this.buffers.loadMustWait(index, address, length);
      case COPY:
        return this.buffers.loadMustWait(index, source, length);
      case FENCE:
      case COMPARE_EXCHANGE:
      case EXCHANGE:
      case ADD:
        return true;
      default:
        return false;
    }
  }

  /** True for an access that touches the actor's store buffer only: nobody else sees when it is made. */
  isBuffered({ kind, index, address, length }: Party): boolean {
    if (!this.buffered) return false;
    switch (kind) {
      case STORE:
      case STORE_RELEASE:
      case FILL:
      case WRITE_BYTES:
      case COPY:
        return true;
      case LOAD:
      case LOAD_ACQUIRE:
      case READ_BYTES:
        return this.buffers.answers(index, address, length);
      default:
        return false;
    }
  }

  /** True for a buffered access that need not wait for any other actor, so that it may as well be made at once. */
  isLocal(party: Party): boolean {
    return this.isBuffered(party) && party.kind !== COPY && !this.drains(party);
  }
}
