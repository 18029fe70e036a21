import { writeBytes } from '#mem';
import { asHost } from '../../shared/actors';
import { allocate, release } from '../../shared/arena';
import { HOST_ONLY } from '../../shared/loops/rights';
import type { FrameSink } from '../../emulator/network/endpoint';

/** Sends frames given as ordinary bytes: copies each into the arena first. */
export class FrameSource {
  private buffer: number;

  /** @throws ErrnoError ENOMEM */
  constructor(label: string, maxBytes: number) {
    this.buffer = allocate(maxBytes, { rights: HOST_ONLY, label: `${label}: frame` });
  }

  /** Copies a frame into the arena and delivers it. */
  send(to: FrameSink, frame: Uint8Array): void {
    asHost(() => {
      writeBytes(this.buffer, frame);
      to.deliver(this.buffer, frame.length);
    });
  }

  /** Frees the memory; does nothing the second time. */
  destroy(): void {
    if (this.buffer !== 0) release(this.buffer);
    this.buffer = 0;
  }
}
