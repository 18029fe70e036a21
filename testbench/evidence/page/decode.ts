import {
  ETHERNET_HEADER_BYTES,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  ETHERTYPE_VLAN,
  formatMac,
  MAC_BYTES,
  readUint16,
  VLAN_TAG_BYTES,
} from '../../../shared/ethernet';
import { hex } from '../../../shared/hex';

/**
 * Decodes frames into text, one line for each protocol layer. A frame may be malformed or cut off, so each
 * decoder looks only at the bytes that are there.
 */

/** One decoded layer. */
interface Layer {
  readonly line: string;
  /** Decoder of the payload. Null if this layer is the last one that can be decoded. */
  readonly next: ((bytes: Uint8Array) => Layer) | null;
  /** Offset of the payload from the start of this layer, in bytes. */
  readonly offset: number;
}

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'ICMP', 2: 'IGMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6' };
const ETHERTYPES: Readonly<Record<number, string>> = {
  [ETHERTYPE_IPV4]: 'IPv4',
  [ETHERTYPE_ARP]: 'ARP',
  [ETHERTYPE_IPV6]: 'IPv6',
  [ETHERTYPE_VLAN]: '802.1Q',
};
/** Smallest EtherType. A smaller value in the type field is a length. */
const FIRST_ETHERTYPE = 0x600;
const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
const ARP_BYTES = 28;
const UDP_BYTES = 8;
const TCP_BYTES = 20;
const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];

function hex16(value: number): string {
  return hex(value, 4);
}

function ipv4Address(bytes: Uint8Array, offset: number): string {
  return bytes.subarray(offset, offset + 4).join('.');
}

/** Formats an IPv6 address and abbreviates the longest run of zero groups. */
function ipv6Address(bytes: Uint8Array, offset: number): string {
  const groups = Array.from({ length: 8 }, (_unused, index) => readUint16(bytes, offset + 2 * index));
  let [start, length] = [0, 1];
  for (let at = 0; at < groups.length; at++) {
    const zeros = groups.slice(at).findIndex((group) => group !== 0);
    const run = zeros < 0 ? groups.length - at : zeros;
    if (run > length) [start, length] = [at, run];
  }
  const text = (some: readonly number[]): string => some.map((group) => group.toString(16)).join(':');
  return length === 1 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

function cutOff(name: string, bytes: Uint8Array): Layer {
  return { line: `${name}: cut off after ${bytes.length} bytes`, next: null, offset: 0 };
}

function udp(bytes: Uint8Array): Layer {
  if (bytes.length < UDP_BYTES) return cutOff('UDP', bytes);
  const [from, to, length] = [0, 2, 4].map((offset) => readUint16(bytes, offset));
  return { line: `UDP: port ${from} to port ${to}, ${length} bytes with its header`, next: null, offset: UDP_BYTES };
}

function tcp(bytes: Uint8Array): Layer {
  if (bytes.length < TCP_BYTES) return cutOff('TCP', bytes);
  const flags = TCP_FLAGS.filter((_name, bit) => (bytes[13]! & (1 << bit)) !== 0).join(' ');
  const line = `TCP: port ${readUint16(bytes, 0)} to port ${readUint16(bytes, 2)}, ${flags === '' ? 'no flags' : flags}`;
  return { line, next: null, offset: TCP_BYTES };
}

function icmp(name: string): (bytes: Uint8Array) => Layer {
  return (bytes) =>
    bytes.length < 4
      ? cutOff(name, bytes)
      : { line: `${name}: type ${bytes[0]}, code ${bytes[1]}`, next: null, offset: 4 };
}

function transport(protocol: number): Layer['next'] {
  if (protocol === 17) return udp;
  if (protocol === 6) return tcp;
  if (protocol === 1 || protocol === 58) return icmp(PROTOCOLS[protocol]!);
  return null;
}

function protocolText(protocol: number): string {
  return PROTOCOLS[protocol] ?? `protocol ${protocol}`;
}

function ipv4(bytes: Uint8Array): Layer {
  if (bytes.length < IPV4_BYTES) return cutOff('IPv4', bytes);
  const headerBytes = (bytes[0]! & 15) * 4;
  const fragment = readUint16(bytes, 6);
  const offset = (fragment & 0x1fff) * 8;
  const isPart = offset !== 0 || (fragment & 0x2000) !== 0;
  const protocol = bytes[9]!;
  const parts = [
    `${ipv4Address(bytes, 12)} to ${ipv4Address(bytes, 16)}`,
    protocolText(protocol),
    `${readUint16(bytes, 2)} bytes`,
    `TTL ${bytes[8]}`,
    ...(isPart ? [`fragment from byte ${offset} on${(fragment & 0x2000) === 0 ? ', the last' : ''}`] : []),
    ...(headerBytes < IPV4_BYTES ? [`header of ${headerBytes} bytes, which is too short`] : []),
  ];
  const goesOn = offset === 0 && headerBytes >= IPV4_BYTES;
  return { line: `IPv4: ${parts.join(', ')}`, next: goesOn ? transport(protocol) : null, offset: headerBytes };
}

function ipv6(bytes: Uint8Array): Layer {
  if (bytes.length < IPV6_BYTES) return cutOff('IPv6', bytes);
  const parts = [
    `${ipv6Address(bytes, 8)} to ${ipv6Address(bytes, 24)}`,
    protocolText(bytes[6]!),
    `${readUint16(bytes, 4)} bytes behind its header`,
    `hop limit ${bytes[7]}`,
  ];
  return { line: `IPv6: ${parts.join(', ')}`, next: transport(bytes[6]!), offset: IPV6_BYTES };
}

function arp(bytes: Uint8Array): Layer {
  if (bytes.length < ARP_BYTES) return cutOff('ARP', bytes);
  const [sender, target] = [ipv4Address(bytes, 14), ipv4Address(bytes, 24)];
  const mac = formatMac(bytes.subarray(8, 8 + MAC_BYTES));
  const operation = readUint16(bytes, 6);
  if (operation === 1) return { line: `ARP: who has ${target}? asks ${sender}, ${mac}`, next: null, offset: ARP_BYTES };
  if (operation === 2) return { line: `ARP: ${sender} is at ${mac}`, next: null, offset: ARP_BYTES };
  return { line: `ARP: operation ${operation}`, next: null, offset: ARP_BYTES };
}

function byType(type: number): Layer['next'] {
  if (type === ETHERTYPE_IPV4) return ipv4;
  if (type === ETHERTYPE_IPV6) return ipv6;
  if (type === ETHERTYPE_ARP) return arp;
  return type === ETHERTYPE_VLAN ? vlan : null;
}

function typeText(type: number): string {
  if (type < FIRST_ETHERTYPE) return `length field ${type}`;
  const name = ETHERTYPES[type];
  return name === undefined ? `type ${hex16(type)}` : `${name} (${hex16(type)})`;
}

function vlan(bytes: Uint8Array): Layer {
  if (bytes.length < VLAN_TAG_BYTES) return cutOff('802.1Q tag', bytes);
  const tci = readUint16(bytes, 0);
  const type = readUint16(bytes, 2);
  const dei = (tci & 0x1000) === 0 ? '' : ', drop eligible';
  const line = `802.1Q tag: VLAN ${tci & 0xfff}, priority ${tci >>> 13}${dei}, ${typeText(type)}`;
  return { line, next: byType(type), offset: VLAN_TAG_BYTES };
}

function macText(mac: Uint8Array): string {
  const text = formatMac(mac);
  if (text === 'ff:ff:ff:ff:ff:ff') return `${text} (broadcast)`;
  return (mac[0]! & 1) === 1 ? `${text} (multicast)` : text;
}

function ethernet(bytes: Uint8Array): Layer {
  if (bytes.length < ETHERNET_HEADER_BYTES) return cutOff('Ethernet', bytes);
  const type = readUint16(bytes, 2 * MAC_BYTES);
  const [to, from] = [bytes.subarray(0, MAC_BYTES), bytes.subarray(MAC_BYTES, 2 * MAC_BYTES)];
  const line = `Ethernet: ${macText(from)} to ${macText(to)}, ${typeText(type)}`;
  return { line, next: byType(type), offset: ETHERNET_HEADER_BYTES };
}

/** Limit on decoded layers. It ends a frame that consists of nothing but VLAN tags. */
const MAX_LAYERS = 8;

/**
 * Decodes the first bytes of a frame.
 * @returns one line for each layer, as far as the bytes reach.
 */
export function decodeFrame(data: Uint8Array): string[] {
  const lines: string[] = [];
  let rest = data;
  for (let layer: Layer['next'] = ethernet; layer !== null && lines.length < MAX_LAYERS;) {
    const found: Layer = layer(rest);
    lines.push(found.line);
    rest = rest.subarray(found.offset);
    layer = found.next;
  }
  return lines;
}

const HEX_LINE_BYTES = 16;

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}

/** Formats bytes as a hex dump: offset, sixteen bytes, and their printable characters on each line. */
export function hexDump(data: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < data.length; at += HEX_LINE_BYTES) {
    const bytes = Array.from(data.subarray(at, at + HEX_LINE_BYTES));
    const pairs = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
    const halves = [pairs.slice(0, 8).join(' '), pairs.slice(8).join(' ')].join('  ');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${halves.padEnd(48)}  ${bytes.map(printable).join('')}`);
  }
  return lines.join('\n');
}
