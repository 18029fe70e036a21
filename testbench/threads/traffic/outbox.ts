import type { Port } from '../../../driver';
import { mbufFree } from '../../../driver';

const BURST = 32;

/** What waits to be sent on one transmit queue, in order. */
export class Outbox {
  private readonly slots: Uint32Array;
  private readonly burst = new Uint32Array(BURST);
  private head = 0;
  private count = 0;

  /** @param capacity as many as there are mbufs, so that there is always room. */
  constructor(
    private readonly port: Port,
    private readonly queue: number,
    capacity: number,
  ) {
    this.slots = new Uint32Array(capacity);
  }

  get length(): number {
    return this.count;
  }

  put(mbuf: number): void {
    this.slots[(this.head + this.count) % this.slots.length] = mbuf;
    this.count++;
  }

  /** Hands a burst to the driver. Gives how many it took. */
  flush(): number {
    if (this.count === 0) return 0;
    const most = Math.min(BURST, this.count);
    for (let i = 0; i < most; i++) this.burst[i] = this.slots[(this.head + i) % this.slots.length]!;
    const taken = this.port.txBurst(this.queue, this.burst, most);
    this.head = (this.head + taken) % this.slots.length;
    this.count -= taken;
    return taken;
  }

  /** Frees what waits; gives how many that were. */
  discard(): number {
    const given = this.count;
    for (; this.count > 0; this.count--) {
      mbufFree(this.slots[this.head]!);
      this.head = (this.head + 1) % this.slots.length;
    }
    return given;
  }
}
