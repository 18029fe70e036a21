import { readBytes, writeBytes } from '#mem';
import { allocate } from '../../../../shared/arena';
import { parseMac } from '../../../../shared/ethernet';
import { BOTH } from '../../../../shared/loops/rights';
import type { Endpoint, FrameSink } from '../../../../emulator/network/endpoint';

/** An endpoint that records the frames that it receives, and sends frames for a test. */
export class Station implements Endpoint {
  uplink: FrameSink | null = null;
  readonly received: Uint8Array[] = [];
  /** The addresses of the delivered frames. */
  readonly addresses: number[] = [];
  /** Called after each frame. */
  onFrame: (frame: Uint8Array) => void = () => {};
  private readonly buffer = allocate(70_000, { rights: BOTH, label: 'station' });

  constructor(readonly name: string) {}

  deliver(address: number, bytes: number): void {
    const frame = readBytes(address, bytes);
    this.addresses.push(address);
    this.received.push(frame);
    this.onFrame(frame);
  }

  /** Sends a frame and returns its address. */
  send(frame: Uint8Array): number {
    const address = allocate(Math.max(4, frame.length), { align: 4, rights: BOTH, label: 'sent frame' });
    writeBytes(address, frame);
    this.uplink!.deliver(address, frame.length);
    return address;
  }

  /** Sends bytes of the station's own buffer. */
  sendRaw(bytes: number): void {
    this.uplink!.deliver(this.buffer, bytes);
  }

  /** Takes the frames that were received so far. */
  take(): Uint8Array[] {
    return this.received.splice(0);
  }
}

/** The MAC address 02:00:00:00:hh:hh with `number` in its last two bytes. */
export function mac(number: number): Uint8Array {
  return Uint8Array.of(2, 0, 0, 0, number >>> 8, number & 0xff);
}

export const BROADCAST = parseMac('ff:ff:ff:ff:ff:ff');
export const MULTICAST = parseMac('01:00:5e:00:00:01');

/** An untagged frame whose payload follows from `mark`. */
export function frame(to: Uint8Array, from: Uint8Array, mark = 0, bytes = 60): Uint8Array {
  const made = new Uint8Array(Math.max(14, bytes));
  made.set(to, 0);
  made.set(from, 6);
  made.set([0x88, 0xb5], 12);
  for (let i = 14; i < made.length; i++) made[i] = (mark + i) & 0xff;
  return made.subarray(0, bytes);
}
