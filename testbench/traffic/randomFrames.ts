import {
  ETHERNET_HEADER_BYTES,
  ETHERTYPE_VLAN,
  MAC_BYTES,
  VLAN_TAG_BYTES,
  VLAN_TAG_OFFSET,
} from '../../shared/ethernet';
import { IPV4_HEADER_BYTES, UDP_HEADER_BYTES, udpFrame } from './udpFrame';
import type { Random } from '../../shared/random';

/** IEEE 802 EtherType for local experiments. No stack and no hash parses such a payload. */
const ETHERTYPE_EXPERIMENTAL = 0x88b5;
const UDP_HEADERS_BYTES = ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES + UDP_HEADER_BYTES;

/** Addresses and form of a random frame. */
export interface FrameText {
  /** Destination MAC address, 6 bytes. */
  readonly to: Uint8Array;
  /** Source MAC address, 6 bytes. */
  readonly from: Uint8Array;
  /** Bytes of the whole frame, header included, without CRC. */
  readonly bytes: number;
  /** Tag control information of an 802.1Q tag in the frame; none where it is left out. */
  readonly vlanTci?: number;
}

/** Makes a frame with random payload. A frame below 14 bytes is cut off in its header. */
export function randomFrame(random: Random, { to, from, bytes, vlanTci }: FrameText): Uint8Array {
  const headerBytes = ETHERNET_HEADER_BYTES + (vlanTci === undefined ? 0 : VLAN_TAG_BYTES);
  const frame = new Uint8Array(Math.max(bytes, headerBytes));
  const view = new DataView(frame.buffer);
  frame.set(to, 0);
  frame.set(from, MAC_BYTES);
  if (vlanTci !== undefined) {
    view.setUint16(VLAN_TAG_OFFSET, ETHERTYPE_VLAN);
    view.setUint16(VLAN_TAG_OFFSET + 2, vlanTci);
  }
  view.setUint16(headerBytes - 2, ETHERTYPE_EXPERIMENTAL);
  frame.set(random.bytes(frame.length - headerBytes), headerBytes);
  return frame.slice(0, bytes);
}

/** Makes a UDP packet with random payload. Each flow number, from 0 to 999, is a flow of its own. */
export function flowFrame(random: Random, { to, from, bytes }: FrameText, flow: number): Uint8Array {
  const addresses = {
    sourceMac: from,
    destinationMac: to,
    sourceIp: Uint8Array.of(10, 0, 0, 1),
    destinationIp: Uint8Array.of(10, 0, 0, 2),
    sourcePort: 1_024 + flow * 7,
    destinationPort: 5_000 + flow,
  };
  return udpFrame(addresses, random.bytes(Math.max(0, bytes - UDP_HEADERS_BYTES)));
}
