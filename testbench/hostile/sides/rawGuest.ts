import type { AvpDevice } from '../../../emulator';
import {
  BAR_MMIO,
  DESC_DATA_LEN,
  DESC_NB_SEGS,
  DESC_NEXT,
  DESC_OL_FLAGS,
  DESC_PKT_LEN,
  FIFO_READ,
  FIFO_WRITE,
  MAX_SEGMENTS,
  REG_INTERRUPT_MASK,
  REG_MIGRATION_ACK,
  REQUEST_CONFIG,
} from '../../../shared/loops/layout';
import { bytes8, words16, words32 } from '../../../shared/mem/memory';
import { type FifoKind, readOf, type SharedFifo, type SharedMemory, writeOf } from '../memory/sharedMemory';
import { ofKind } from './places';

const REQUEST_IDS = [1, 2, 3, 3, 3, 4, 4, 9] as const;
const ACKS = [1, 1, 2, 3, 3, 7] as const;
const MASKS = [0, 0xffff_ffff, 0xffff_ffff, 1] as const;

/** A guest that works on the bytes of its BARs, mostly as the protocol asks, and believes what it finds there. */
export class RawGuest {
  constructor(
    private readonly memory: SharedMemory,
    private readonly device: AvpDevice,
  ) {}

  private fifo(kind: FifoKind, number: number): SharedFifo {
    const all = ofKind(this.memory, kind);
    return all[number % all.length]!;
  }

  /** Sends a sound packet from buffers that stand on alloc, as a guest does. */
  send(a: number, b: number, c: number): void {
    const { memory } = this;
    // Now and then the buffers are not those of the queue.
    const [alloc, tx] = [this.fifo('alloc', a), this.fifo('tx', c % 11 === 0 ? a + 1 : a)];
    const segments = b % 8 < 5 ? 1 : 1 + (b % MAX_SEGMENTS);
    const read = readOf(alloc) & (alloc.slots - 1);
    const filled = (writeOf(alloc) - read) & (alloc.slots - 1);
    const write = writeOf(tx) & (tx.slots - 1);
    if (filled < segments || ((readOf(tx) - write - 1) & (tx.slots - 1)) === 0) return;
    const descs: number[] = [];
    const slots = Array.from({ length: segments }, (_unused, i) => memory.slot(alloc, read + i) >>> 2);
    for (const slot of slots) descs.push(memory.place(words32[slot]!, words32[slot + 1]!));
    if (descs.some((desc) => desc === 0 || desc % 64 !== 0)) return;
    const bytes = 14 + (c % (memory.mbufSize - 13));
    descs.forEach((desc, i) => this.describe(desc, slots[i + 1], bytes));
    bytes8[descs[0]! + DESC_NB_SEGS] = segments;
    words16[(descs[0]! + DESC_PKT_LEN) >>> 1] = segments * bytes;
    words16[(descs[0]! + DESC_OL_FLAGS) >>> 1] = c % 7 === 0 ? 1 : 0;
    words32[(alloc.base + FIFO_READ) >>> 2] = (read + segments) & (alloc.slots - 1);
    const slot = memory.slot(tx, write) >>> 2;
    words32[slot] = words32[slots[0]!]!;
    words32[slot + 1] = words32[slots[0]! + 1]!;
    words32[(tx.base + FIFO_WRITE) >>> 2] = (write + 1) & (tx.slots - 1);
  }

  private describe(desc: number, next: number | undefined, bytes: number): void {
    words16[(desc + DESC_DATA_LEN) >>> 1] = bytes;
    words32[(desc + DESC_NEXT) >>> 2] = next === undefined ? 0 : words32[next]!;
    words32[(desc + DESC_NEXT + 4) >>> 2] = next === undefined ? 0 : words32[next + 1]!;
  }

  /** Takes the packets on rx, and gives their chains back on free, now and then the first of them for all others. */
  takeAndFree(a: number, b: number): void {
    const { memory } = this;
    const [rx, free] = [this.fifo('rx', a), this.fifo('free', a)];
    let read = readOf(rx) & (rx.slots - 1);
    const first = read;
    let write = writeOf(free) & (free.slots - 1);
    for (let left = (writeOf(rx) - read) & (rx.slots - 1); left > 0; left--) {
      const [from, to] = [memory.slot(rx, b % 7 === 0 ? first : read) >>> 2, memory.slot(free, write) >>> 2];
      words32[to] = words32[from]!;
      words32[to + 1] = words32[from + 1]!;
      read = (read + 1) & (rx.slots - 1);
      write = (write + 1) & (free.slots - 1);
    }
    words32[(rx.base + FIFO_READ) >>> 2] = read;
    words32[(free.base + FIFO_WRITE) >>> 2] = write;
  }

  /** Puts a request on req, sound or nearly so. */
  request(a: number, b: number, c: number): void {
    const { memory } = this;
    const req = memory.fifo('req', 0);
    const config = (memory.sync + REQUEST_CONFIG) >>> 2;
    words32[memory.sync >>> 2] = REQUEST_IDS[a % REQUEST_IDS.length]!;
    words32[config] = 1;
    words32[config + 1] = 0;
    words32[config + 4] = b % 3 === 0 ? 1 : 0;
    words32[config + 5] = (c % 4) | ((b % 4) << 16);
    bytes8[memory.sync + REQUEST_CONFIG + 24] = c & 1;
    if (REQUEST_IDS[a % REQUEST_IDS.length] === 2) bytes8[memory.sync + 4] = c & 1;
    const write = writeOf(req) & (req.slots - 1);
    const slot = memory.slot(req, write) >>> 2;
    words32[slot] = this.syncLo;
    words32[slot + 1] = this.syncHi;
    words32[(req.base + FIFO_WRITE) >>> 2] = (write + 1) & (req.slots - 1);
  }

  private get syncLo(): number {
    return Number(this.device.inspect.host.run('sync').va & 0xffff_ffffn);
  }

  private get syncHi(): number {
    return Number(this.device.inspect.host.run('sync').va >> 32n);
  }

  writeRegister(a: number, b: number): void {
    const { function: pci } = this.device;
    if (a % 2 === 0) pci.write32(BAR_MMIO, REG_MIGRATION_ACK, ACKS[b % ACKS.length]!);
    else pci.write32(BAR_MMIO, REG_INTERRUPT_MASK, MASKS[b % MASKS.length]!);
  }
}
