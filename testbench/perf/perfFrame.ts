import { PcapngWriter } from '../../emulator/capture';
import { ETHERNET_HEADER_BYTES, BROADCAST_MAC, parseMac } from '../../shared/ethernet';
import { IPV4_HEADER_BYTES, UDP_HEADER_BYTES, udpFrame } from '../traffic/udpFrame';
import { Random } from '../../shared/random';

/** Limits of the size of a measured frame, without check sequence: its headers must fit, and the host must take it. */
export const MIN_FRAME_BYTES = 60;
export const MAX_FRAME_BYTES = 9_238;

const HEADER_BYTES = ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES + UDP_HEADER_BYTES;
const SOURCE = parseMac('02:41:56:50:00:01');

/** Makes a UDP broadcast frame, which every NIC takes; each `index` is a flow of its own. */
export function perfFrame(frameBytes: number, seed: number, index: number): Uint8Array {
  const addresses = {
    ...{ sourceMac: SOURCE, destinationMac: BROADCAST_MAC, vlanTci: null },
    ...{ sourceIp: Uint8Array.of(10, 0, 0, 9), destinationIp: Uint8Array.of(10, 0, 0, 1) },
    ...{ sourcePort: 1_024 + index, destinationPort: 9 },
  };
  return udpFrame(addresses, new Random(seed ^ index).bytes(frameBytes - HEADER_BYTES));
}

/** Puts frames into a capture file, all at the time 0. */
export function captureOf(frames: readonly Uint8Array[]): Uint8Array {
  const writer = new PcapngWriter();
  const index = writer.addInterface('perf');
  for (const frame of frames) writer.writeFrame(index, 0n, frame);
  return writer.toBytes();
}
