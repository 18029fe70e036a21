import { actAs, writeBytes } from '#mem';
import { allocate, release } from '../../shared/arena';
import { ACTOR_HOST, HOST_ONLY } from '../../shared/loops/rights';
import type { FrameSink } from '../../emulator/network/endpoint';

/** Puts frames of ordinary bytes into the arena and sends them: the edge between the two. */
export class FrameSource {
  private buffer: number;

  /** @throws ErrnoError ENOMEM */
  constructor(label: string, maxBytes: number) {
    this.buffer = allocate(maxBytes, { rights: HOST_ONLY, label: `${label}: frame` });
  }

  send(to: FrameSink, frame: Uint8Array): void {
    const former = actAs(ACTOR_HOST);
    try {
      writeBytes(this.buffer, frame);
      to.deliver(this.buffer, frame.length);
    } finally {
      actAs(former);
    }
  }

  /** Gives the memory back; does nothing the second time. */
  destroy(): void {
    if (this.buffer !== 0) release(this.buffer);
    this.buffer = 0;
  }
}
