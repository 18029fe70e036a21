import { mbufFree, type Port } from '../../driver';

const BURST = 32;

/** What an application wants to send on one transmit queue, and the driver has not taken yet, in order. */
export class SendQueue {
  private readonly burst = new Uint32Array(BURST);
  private waiting: number[] = [];
  /** How many at the beginning of `waiting` have been taken. */
  private taken = 0;

  constructor(
    private readonly driver: Port,
    private readonly queue: number,
  ) {}

  get length(): number {
    return this.waiting.length - this.taken;
  }

  put(mbuf: number): void {
    this.waiting.push(mbuf);
  }

  /** Hands one burst to the driver. Gives how many it took. */
  flush(): number {
    const most = Math.min(BURST, this.length);
    if (most === 0) return 0;
    for (let i = 0; i < most; i++) this.burst[i] = this.waiting[this.taken + i]!;
    const took = this.driver.txBurst(this.queue, this.burst, most);
    this.taken += took;
    if (this.taken * 2 > this.waiting.length) this.forgetTaken();
    return took;
  }

  /** Gives up what waits; says how many that were. */
  discard(): number {
    const given = this.length;
    this.forgetTaken();
    for (const mbuf of this.waiting.splice(0)) mbufFree(mbuf);
    return given;
  }

  private forgetTaken(): void {
    this.waiting = this.waiting.slice(this.taken);
    this.taken = 0;
  }
}
