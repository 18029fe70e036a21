import { fill, protect, store32, storeRelease32 } from '#mem';
import { release } from '../../../shared/arena';
import { fifoInit, fifoOpen } from '../../../shared/loops/fifo';
import {
  FIFO_BYTES,
  FIFO_ELEM_BYTES,
  FIFO_ELEM_SIZE,
  FIFO_LEN,
  FIFO_READ,
  FIFO_WRITE,
  REQUEST_BYTES,
} from '../../../shared/loops/layout';
import { loadFifoEndIndex } from '../../../shared/loops/records';
import { DRIVER_READ, DRIVER_WRITE, HOST_ONLY, HOST_READ } from '../../../shared/loops/rights';
import { nameBuffer } from '../loops/buffers';
import {
  HOST_BUFFER_BYTES,
  loadHostPortRingRights,
  RINGS_GRANTED,
  RINGS_HEADERS,
  storeHostPortRingRights,
} from '../loops/records';
import { bufferTotal } from './hostBlock';
import { HostLayout } from './hostLayout';
import { isQueueFifo, type FifoKind } from './memoryRuns';

/** FIFOs that the guest produces into (section 6). */
const FROM_GUEST: ReadonlySet<FifoKind> = new Set<FifoKind>(['tx', 'free', 'req']);

/** Host and guest read, the guest alone writes. */
const GUESTS_WORD = HOST_READ | DRIVER_READ | DRIVER_WRITE;
/** Host and guest read, the host alone writes. */
const HOSTS_WORD = HOST_ONLY | DRIVER_READ;

/**
 * The memory of one host behind a device: what BAR 2 exports, and the host's private records
 * of it (`makeHostMemory`). Another host brings another one (section 15); the PCI function outlives both.
 */
export class HostMemory extends HostLayout {
  /** Called with each FIFO that is emptied after the host was made. */
  onFifoInit: ((kind: FifoKind, queue: number) => void) | null = null;

  /** Empties a FIFO and opens the host's end of it; only the host does so (section 6). */
  initFifo(kind: FifoKind, queue: number): void {
    const base = this.fifoAddress(kind, queue);
    const slots = this.settings.fifoSlots[kind];
    protect(base, FIFO_BYTES + 8 * slots, HOST_ONLY);
    fifoInit(base, slots);
    fifoOpen(this.fifoEnd(kind, queue), base, slots, 0);
    this.grantFifo(kind, queue);
    this.onFifoInit?.(kind, queue);
  }

  /** Writes the host's words of a FIFO's header anew: length, size of a slot, its own index. The guest's index stays. */
  restoreHeader(kind: FifoKind, queue: number): void {
    const base = this.fifoAddress(kind, queue);
    store32(base + FIFO_LEN, this.settings.fifoSlots[kind]);
    store32(base + FIFO_ELEM_SIZE, FIFO_ELEM_BYTES);
    const own = base + (FROM_GUEST.has(kind) ? FIFO_READ : FIFO_WRITE);
    storeRelease32(own, loadFifoEndIndex(this.fifoEnd(kind, queue)));
  }

  /** Writes all words of BAR 2 anew that outlive the guest's rings: the sync area, and the names of packet buffers. */
  restoreBuffers(): void {
    fill(this.address('sync'), 0, REQUEST_BYTES);
    const end = this.buffers + bufferTotal(this.settings) * HOST_BUFFER_BYTES;
    for (let buffer = this.buffers; buffer < end; buffer += HOST_BUFFER_BYTES) nameBuffer(buffer);
  }

  /**
   * Grants the guest its rights to a FIFO: it reads all of it and writes the index and the slots that
   * belong to its role, producer or consumer. `ring_rights` may leave it less of a queue's FIFO, or nothing.
   */
  grantFifo(kind: FifoKind, queue: number): void {
    const base = this.fifoAddress(kind, queue);
    const producer = FROM_GUEST.has(kind);
    const rights = isQueueFifo(kind) ? loadHostPortRingRights(this.port) : RINGS_GRANTED;
    if (rights !== RINGS_GRANTED) {
      protect(base, FIFO_BYTES + 8 * this.settings.fifoSlots[kind], HOST_ONLY);
      if (rights === RINGS_HEADERS) protect(base, FIFO_BYTES, HOSTS_WORD);
      return;
    }
    protect(base, FIFO_BYTES, HOSTS_WORD);
    protect(base + (producer ? FIFO_WRITE : FIFO_READ), 4, GUESTS_WORD);
    protect(base + FIFO_BYTES, 8 * this.settings.fifoSlots[kind], producer ? GUESTS_WORD : HOSTS_WORD);
  }

  /** The guest's rights to tx, rx, alloc and free, one of `ringRights` in `emulator/abi/values.ts`. */
  get ringRights(): number {
    return loadHostPortRingRights(this.port);
  }

  /** Stores the rights, and grants them on all FIFOs. */
  set ringRights(rights: number) {
    if (loadHostPortRingRights(this.port) === rights) return;
    storeHostPortRingRights(this.port, rights);
    for (const { kind, queue } of this.fifos()) this.grantFifo(kind, queue);
  }

  /** Withdraws the guest's rights to BAR 2 and releases the private records. */
  release(): void {
    protect(this.bar, this.plan.barBytes, HOST_ONLY);
    release(this.port);
  }
}
