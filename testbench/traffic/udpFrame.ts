import { UsageError } from '../../shared/errors';
import {
  ETHERNET_HEADER_BYTES,
  ETHERTYPE_IPV4,
  ETHERTYPE_VLAN,
  VLAN_TAG_BYTES,
  VLAN_TAG_OFFSET,
  withVlanTag,
} from '../../shared/ethernet';

/** Ethernet frames with IPv4 and UDP, as ordinary bytes. */

/** Bytes of an IPv4 header without options. */
export const IPV4_HEADER_BYTES = 20;
/** Bytes of a UDP header. */
export const UDP_HEADER_BYTES = 8;
/** Protocol number of UDP in an IPv4 header. */
export const IP_PROTOCOL_UDP = 17;
const MAX_UDP_PAYLOAD_BYTES = 65_535 - IPV4_HEADER_BYTES - UDP_HEADER_BYTES;
const TTL = 64;

/** Offsets of checksums in their headers. */
const IPV4_CHECKSUM = 10;
const UDP_CHECKSUM = 6;

/** Sums 16-bit big-endian words without folding the sum; an odd last byte is the first one of its word. */
function sumWords(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at + 1 < to; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!;
  return (to - from) % 2 === 1 ? sum + (bytes[to - 1]! << 8) : sum;
}

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000);
  return folded;
}

/**
 * Computes the Internet checksum of bytes `from` to `to`. It is 0 if the range holds a valid
 * checksum. If the checksum field is 0, it is the value that belongs there.
 * @param bytes the frame.
 * @param from offset of the first byte.
 * @param to offset right after the last byte.
 * @param start sum of further words that count, for example of a pseudo header.
 */
export function internetChecksum(bytes: Uint8Array, from = 0, to = bytes.length, start = 0): number {
  return ~fold(start + sumWords(bytes, from, to)) & 0xffff;
}

/** Sums the pseudo header that a UDP checksum covers, for the IPv4 header at `ip`. */
function pseudoHeaderSum(bytes: Uint8Array, ip: number, udpBytes: number): number {
  return sumWords(bytes, ip + 12, ip + IPV4_HEADER_BYTES) + IP_PROTOCOL_UDP + udpBytes;
}

/** Whether the datagram at `udp`, behind the IPv4 header at `ip`, has a valid checksum, or none. */
export function udpChecksumHolds(frame: Uint8Array, ip: number, udp: number, udpBytes: number): boolean {
  const none = frame[udp + UDP_CHECKSUM] === 0 && frame[udp + UDP_CHECKSUM + 1] === 0;
  return none || internetChecksum(frame, udp, udp + udpBytes, pseudoHeaderSum(frame, ip, udpBytes)) === 0;
}

/** Addresses of a UDP datagram. */
export interface UdpAddresses {
  /** Source MAC address, 6 bytes. */
  readonly sourceMac: Uint8Array;
  /** Destination MAC address, 6 bytes. */
  readonly destinationMac: Uint8Array;
  /** Source IPv4 address, 4 bytes. */
  readonly sourceIp: Uint8Array;
  /** Destination IPv4 address, 4 bytes. */
  readonly destinationIp: Uint8Array;
  /** Source UDP port, 0 to 65,535. */
  readonly sourcePort: number;
  /** Destination UDP port, 0 to 65,535. */
  readonly destinationPort: number;
  /** Tag control information of an 802.1Q tag; null or left out for none. */
  readonly vlanTci?: number | null;
}

/**
 * Makes a frame with one UDP datagram and valid checksums, without CRC and without padding.
 * @throws UsageError where the payload does not fit an IPv4 packet.
 */
export function udpFrame(addresses: UdpAddresses, payload: Uint8Array, identification = 0): Uint8Array {
  if (payload.length > MAX_UDP_PAYLOAD_BYTES)
    throw new UsageError(`UDP payload of ${payload.length} bytes: expected at most ${MAX_UDP_PAYLOAD_BYTES}`);
  const udpBytes = UDP_HEADER_BYTES + payload.length;
  const ipBytes = IPV4_HEADER_BYTES + udpBytes;
  const frame = new Uint8Array(ETHERNET_HEADER_BYTES + ipBytes);
  const view = new DataView(frame.buffer);
  frame.set(addresses.destinationMac, 0);
  frame.set(addresses.sourceMac, 6);
  view.setUint16(VLAN_TAG_OFFSET, ETHERTYPE_IPV4);
  const ip = ETHERNET_HEADER_BYTES;
  writeIpv4(view, ip, ipBytes, identification);
  frame.set(addresses.sourceIp, ip + 12);
  frame.set(addresses.destinationIp, ip + 16);
  view.setUint16(ip + IPV4_CHECKSUM, internetChecksum(frame, ip, ip + IPV4_HEADER_BYTES));
  const udp = ip + IPV4_HEADER_BYTES;
  view.setUint16(udp, addresses.sourcePort);
  view.setUint16(udp + 2, addresses.destinationPort);
  view.setUint16(udp + 4, udpBytes);
  frame.set(payload, udp + UDP_HEADER_BYTES);
  // A computed 0 is sent as all ones: 0 in the field says that there is no checksum.
  const checksum = internetChecksum(frame, udp, udp + udpBytes, pseudoHeaderSum(frame, ip, udpBytes));
  view.setUint16(udp + UDP_CHECKSUM, checksum === 0 ? 0xffff : checksum);
  const { vlanTci = null } = addresses;
  return vlanTci === null ? frame : withVlanTag(frame, vlanTci);
}

function writeIpv4(view: DataView, ip: number, ipBytes: number, identification: number): void {
  view.setUint8(ip, 0x45);
  view.setUint16(ip + 2, ipBytes);
  view.setUint16(ip + 4, identification & 0xffff);
  view.setUint8(ip + 8, TTL);
  view.setUint8(ip + 9, IP_PROTOCOL_UDP);
}

/** Offsets of a UDP datagram's parts in a frame. */
export interface UdpPlaces {
  /** Offset of the IPv4 header. */
  readonly ip: number;
  /** Offset of the UDP header. */
  readonly udp: number;
  /** Bytes of the datagram, its header included. */
  readonly udpBytes: number;
  /** Offset of the payload. */
  readonly payload: number;
  /** Offset right after the datagram. */
  readonly end: number;
}

/**
 * Finds the UDP datagram of a frame with at most one 802.1Q tag and an IPv4 header without
 * options; null where there is none, or where its lengths contradict each other. Checksums
 * are not looked at.
 */
export function findUdp(frame: Uint8Array): UdpPlaces | null {
  if (frame.length < ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES + UDP_HEADER_BYTES) return null;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const tagged = view.getUint16(VLAN_TAG_OFFSET) === ETHERTYPE_VLAN;
  const ip = ETHERNET_HEADER_BYTES + (tagged ? VLAN_TAG_BYTES : 0);
  const udp = ip + IPV4_HEADER_BYTES;
  if (frame.length < udp + UDP_HEADER_BYTES || view.getUint16(ip - 2) !== ETHERTYPE_IPV4) return null;
  const ipBytes = view.getUint16(ip + 2);
  const udpBytes = view.getUint16(udp + 4);
  const whole = (view.getUint16(ip + 6) & 0x3fff) === 0;
  if (frame[ip] !== 0x45 || frame[ip + 9] !== IP_PROTOCOL_UDP || !whole) return null;
  if (udpBytes < UDP_HEADER_BYTES || ipBytes !== IPV4_HEADER_BYTES + udpBytes) return null;
  if (frame.length < ip + ipBytes) return null;
  return { ip, udp, udpBytes, payload: udp + UDP_HEADER_BYTES, end: ip + ipBytes };
}
