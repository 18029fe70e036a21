import { writeBytes } from '#mem';
import type { AvpDevice } from '../../emulator';
import { HOST_FRAME_BYTES, storeHostFrameAddress, storeHostFrameLength } from '../../emulator/device/loops/records';
import { asHost } from '../../shared/actors';
import { allocate, release } from '../../shared/arena';
import { BROADCAST_MAC, parseMac } from '../../shared/ethernet';
import { UsageError } from '../../shared/errors';
import { MAX_PACKET_BYTES } from '../../shared/loops/layout';
import { HOST_ONLY } from '../../shared/loops/rights';
import { udpFrame } from '../traffic/udpFrame';

/** Frames that are given to the device in one piece. */
const TABLE_FRAMES = 64;
/** The shortest frame with the headers of a UDP datagram and a payload that fills an Ethernet frame. */
const MIN_FRAME_BYTES = 60;
const HEADER_BYTES = 42;
const SOURCE_MAC = parseMac('02:41:56:50:00:02');

/** Keeps a device's rx full with copies of one broadcast frame. Offers no more than rx has room for; frames of several buffers may find the host without any. */
export class Flood {
  private readonly address: number;

  /** @throws UsageError for a size out of range, ErrnoError ENOMEM. */
  constructor(
    private readonly device: AvpDevice,
    frameBytes: number,
  ) {
    if (frameBytes < MIN_FRAME_BYTES || frameBytes > MAX_PACKET_BYTES)
      throw new UsageError(`size ${frameBytes}: expected ${MIN_FRAME_BYTES} to ${MAX_PACKET_BYTES} bytes`);
    const tableBytes = TABLE_FRAMES * HOST_FRAME_BYTES;
    this.address = allocate(tableBytes + frameBytes, { rights: HOST_ONLY, label: 'flood' });
    const frame = this.address + tableBytes;
    asHost(() => {
      writeBytes(frame, broadcast(frameBytes));
      for (let at = this.address; at < frame; at += HOST_FRAME_BYTES) {
        storeHostFrameAddress(at, frame);
        storeHostFrameLength(at, frameBytes);
      }
    });
  }

  /** Fills rx of the first queue, which a broadcast goes to. Called with the host's rights. */
  step(): void {
    for (let room = this.device.inspect.rxRoom; room > 0; room -= TABLE_FRAMES)
      this.device.deliverTable(this.address, Math.min(room, TABLE_FRAMES));
  }

  destroy(): void {
    release(this.address);
  }
}

function broadcast(frameBytes: number): Uint8Array {
  const addresses = {
    ...{ sourceMac: SOURCE_MAC, destinationMac: BROADCAST_MAC, vlanTci: null },
    ...{ sourceIp: Uint8Array.of(10, 0, 0, 9), destinationIp: Uint8Array.of(10, 0, 0, 1) },
    ...{ sourcePort: 1_024, destinationPort: 9 },
  };
  return udpFrame(addresses, new Uint8Array(frameBytes - HEADER_BYTES));
}
