import { BenchError } from './errors';

/** Reads and edits Ethernet frames. All functions take whole frames without the CRC. */

/** Bytes of a MAC address. */
export const MAC_BYTES = 6;
/** Bytes of both addresses and the type. */
export const ETHERNET_HEADER_BYTES = 14;
/** Checksum at the end of a frame on the wire. It counts in max_rx_pkt_len, and is in no buffer. */
export const ETHERNET_CRC_BYTES = 4;
/** Bytes of an 802.1Q tag. */
export const VLAN_TAG_BYTES = 4;
/** Offset of the 802.1Q tag, which follows the two addresses. */
export const VLAN_TAG_OFFSET = 12;

/** Type of an IPv4 packet. */
export const ETHERTYPE_IPV4 = 0x0800;
/** Type of an ARP packet. */
export const ETHERTYPE_ARP = 0x0806;
/** Type of an 802.1Q tag. */
export const ETHERTYPE_VLAN = 0x8100;
/** Type of a provider's tag of 802.1ad, which stands in front of the customer's 802.1Q tag. */
export const ETHERTYPE_QINQ = 0x88a8;
/** Type of an IPv6 packet. */
export const ETHERTYPE_IPV6 = 0x86dd;

/** The broadcast address. */
export const BROADCAST_MAC: Uint8Array = new Uint8Array(MAC_BYTES).fill(0xff);

/** @throws BenchError for anything but six hexadecimal pairs separated by colons. */
export function parseMac(text: string): Uint8Array {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text))
    throw new BenchError('MAC_SYNTAX', `'${text}' is no MAC address: expected six pairs such as 52:54:00:12:34:56`);
  return Uint8Array.from(text.split(':'), (pair) => Number.parseInt(pair, 16));
}

/** Writes a MAC address as six hexadecimal pairs with colons. */
export function formatMac(mac: Uint8Array): string {
  return Array.from(mac.subarray(0, MAC_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Reads the group bit of a MAC address, which multicast and broadcast addresses have set. */
export function isGroupMac(mac: Uint8Array): boolean {
  return ((mac[0] ?? 0) & 1) === 1;
}

/** Reads a number in network byte order; bytes beyond the end count as 0. */
export function readUint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

/** Returns the type field of a frame: `ETHERTYPE_VLAN` if it is tagged, 0 if it is too short to have a type. */
export function etherType(frame: Uint8Array): number {
  return frame.length < ETHERNET_HEADER_BYTES ? 0 : readUint16(frame, VLAN_TAG_OFFSET);
}

/** Returns the tag control information of a tagged frame, null for an untagged one. */
export function vlanTciOf(frame: Uint8Array): number | null {
  const tagged = frame.length >= ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES && etherType(frame) === ETHERTYPE_VLAN;
  return tagged ? readUint16(frame, VLAN_TAG_OFFSET + 2) : null;
}

/** Returns a copy of a frame with a tag inserted behind the addresses, in front of any other tag. */
export function withVlanTag(frame: Uint8Array, tci: number, tpid = ETHERTYPE_VLAN): Uint8Array {
  const tagged = new Uint8Array(frame.length + VLAN_TAG_BYTES);
  tagged.set(frame.subarray(0, VLAN_TAG_OFFSET), 0);
  tagged.set([tpid >>> 8, tpid & 0xff, (tci >>> 8) & 0xff, tci & 0xff], VLAN_TAG_OFFSET);
  tagged.set(frame.subarray(VLAN_TAG_OFFSET), VLAN_TAG_OFFSET + VLAN_TAG_BYTES);
  return tagged;
}

/** Returns a copy of a tagged frame without its 802.1Q tag. */
export function withoutVlanTag(frame: Uint8Array): Uint8Array {
  const plain = new Uint8Array(frame.length - VLAN_TAG_BYTES);
  plain.set(frame.subarray(0, VLAN_TAG_OFFSET), 0);
  plain.set(frame.subarray(VLAN_TAG_OFFSET + VLAN_TAG_BYTES), VLAN_TAG_OFFSET);
  return plain;
}
