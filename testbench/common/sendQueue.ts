import { mbufFree, type Port } from '../../driver';

const BURST = 32;
const FIRST_CAPACITY = 64;

/** The mbufs that wait for the driver to take them on one transmit queue, in order. */
export class SendQueue {
  private readonly burst = new Uint32Array(BURST);
  /** A ring that doubles when it is full; its length is a power of two. */
  private ring = new Uint32Array(FIRST_CAPACITY);
  private head = 0;
  private count = 0;

  constructor(
    private readonly port: Port,
    private readonly queue: number,
  ) {}

  get length(): number {
    return this.count;
  }

  put(mbuf: number): void {
    if (this.count === this.ring.length) this.grow();
    this.ring[this.index(this.count)] = mbuf;
    this.count++;
  }

  /** Hands one burst to the driver. Returns how many mbufs it took. */
  flush(): number {
    if (this.count === 0) return 0;
    const offered = Math.min(BURST, this.count);
    for (let i = 0; i < offered; i++) this.burst[i] = this.ring[this.index(i)]!;
    const taken = this.port.txBurst(this.queue, this.burst, offered);
    this.head = this.index(taken);
    this.count -= taken;
    return taken;
  }

  /** Frees every mbuf that is waiting. Returns how many there were. */
  discard(): number {
    const discarded = this.count;
    for (let i = 0; i < discarded; i++) mbufFree(this.ring[this.index(i)]!);
    this.head = 0;
    this.count = 0;
    return discarded;
  }

  private index(offset: number): number {
    return (this.head + offset) & (this.ring.length - 1);
  }

  private grow(): void {
    const larger = new Uint32Array(this.ring.length * 2);
    for (let i = 0; i < this.count; i++) larger[i] = this.ring[this.index(i)]!;
    this.ring = larger;
    this.head = 0;
  }
}
