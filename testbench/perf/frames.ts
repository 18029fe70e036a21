import { ETHERNET_HEADER_BYTES, BROADCAST_MAC, parseMac } from '../../shared/ethernet';
import { IPV4_HEADER_BYTES, UDP_HEADER_BYTES, udpFrame } from '../traffic/udpFrame';
import { Random } from '../../shared/random';

/** Bytes of a frame without check sequence: room for its headers, and what the host may hand over. */
export const MIN_FRAME_BYTES = 60;
export const MAX_FRAME_BYTES = 9_238;

const HEADER_BYTES = ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES + UDP_HEADER_BYTES;
const SOURCE = parseMac('02:41:56:50:00:01');

const PCAP_HEADER_BYTES = 24;
const PCAP_RECORD_BYTES = 16;
const PCAP_MAGIC = 0xa1b2c3d4;
const LINK_ETHERNET = 1;

/** A UDP frame that every NIC takes, whatever its address; `index` is that of its flow. */
export function benchFrame(frameBytes: number, seed: number, index: number): Uint8Array {
  const addresses = {
    ...{ sourceMac: SOURCE, destinationMac: BROADCAST_MAC, vlanTci: null },
    ...{ sourceIp: Uint8Array.of(10, 0, 0, 9), destinationIp: Uint8Array.of(10, 0, 0, 1) },
    ...{ sourcePort: 1_024 + index, destinationPort: 9 },
  };
  return udpFrame(addresses, new Random(seed ^ index).bytes(frameBytes - HEADER_BYTES));
}

/** The frames as a pcap file, all at the time 0. */
export function pcapOf(frames: readonly Uint8Array[]): Uint8Array {
  const header = Buffer.alloc(PCAP_HEADER_BYTES);
  header.writeUInt32LE(PCAP_MAGIC, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(0xffff, 16);
  header.writeUInt32LE(LINK_ETHERNET, 20);
  const records = frames.flatMap((frame) => {
    const record = Buffer.alloc(PCAP_RECORD_BYTES);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return [record, frame];
  });
  return Buffer.concat([header, ...records]);
}
