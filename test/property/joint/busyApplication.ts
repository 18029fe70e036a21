import { ownFrame } from './frames';
import type { Guest } from './guest';
import type { Wire } from './rig';

/** Options of a guest that the application can use. */
export const APPLICATION_OPTIONS = { rxQueues: 2, txQueues: 2, rxMbufs: 48, txMbufs: 48 };

/** A frame for the guest; consecutive numbers belong to different flows. */
export function flowFrame(number: number): Uint8Array {
  return ownFrame(number, { flow: number % 8 });
}

/** An application that receives and sends at every turn, with frames from the wire and for it. */
export class BusyApplication {
  /** Turns in which a packet moved. */
  busyTurns = 0;
  private number = 0;

  constructor(
    private readonly wire: Wire,
    private readonly guest: Guest,
  ) {}

  turn(): void {
    for (let i = 0; i < 4; i++) {
      this.wire.send(flowFrame(this.number));
      if (this.guest.backlogged < 16) this.guest.offer(this.number % 2, flowFrame(this.number));
      this.number++;
    }
    const received = this.guest.receiveAll().length;
    const sent = this.guest.send(0, 64) + this.guest.send(1, 64);
    if (received + sent > 0) this.busyTurns++;
  }
}
