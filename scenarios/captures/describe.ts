/**
 * Describes captures as rows of the table in README.md.
 * usage: describe.ts FILE...
 */
import { basename } from 'node:path';
import { readCaptureFile, type Capture } from '../../emulator/capture';
import { ETHER_TYPE, parsePacket, PROTOCOL, type IpPacket, type Packet } from './packet';

export const KINDS = [
  'ARP',
  'ICMP',
  'neighbour discovery',
  'other ICMPv6',
  'DNS',
  'other UDP',
  'UDP fragment',
  'TCP',
  'other',
] as const;

/** Each frame counts as exactly one kind. */
export type Kind = (typeof KINDS)[number];

const DNS_PORT = 53;
/** ICMPv6 types from router solicitation to redirect (RFC 4861). */
const NEIGHBOUR_DISCOVERY_TYPES = { first: 133, last: 137 };

export function kindOf({ etherType, ip }: Packet): Kind {
  if (ip === null) {
    return etherType === ETHER_TYPE.arp ? 'ARP' : 'other';
  }
  switch (ip.protocol) {
    case PROTOCOL.icmp:
      return 'ICMP';
    case PROTOCOL.icmpv6:
      return isNeighbourDiscovery(ip) ? 'neighbour discovery' : 'other ICMPv6';
    case PROTOCOL.tcp:
      return 'TCP';
    case PROTOCOL.udp:
      return udpKindOf(ip);
    default:
      return 'other';
  }
}

function isNeighbourDiscovery({ payload }: IpPacket): boolean {
  const type = payload.readUInt8(0);
  return type >= NEIGHBOUR_DISCOVERY_TYPES.first && type <= NEIGHBOUR_DISCOVERY_TYPES.last;
}

function udpKindOf({ fragment, payload }: IpPacket): Kind {
  if (fragment !== 'none') {
    return 'UDP fragment';
  }
  const ports = [payload.readUInt16BE(0), payload.readUInt16BE(2)];
  return ports.includes(DNS_PORT) ? 'DNS' : 'other UDP';
}

/** Counts the frames of each kind. */
export function countKinds(packets: readonly Packet[]): Record<Kind, number> {
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;
  for (const packet of packets) {
    counts[kindOf(packet)]++;
  }
  return counts;
}

/** Formats a row of the table: name, frames, bytes of all frames, longest frame, frames of each kind, tags. */
export function describeCapture(name: string, { frames }: Capture): string {
  const packets = frames.map(({ bytes }) => parsePacket(bytes));
  const lengths = frames.map(({ bytes }) => bytes.length);
  const sizes = [frames.length, lengths.reduce((sum, length) => sum + length, 0), Math.max(...lengths)];
  return `| ${[`\`${name}\``, ...sizes, ...Object.values(countKinds(packets)), describeTags(packets)].join(' | ')} |`;
}

function describeTags(packets: readonly Packet[]): string {
  const counts = new Map<string, number>();
  for (const { tag } of packets) {
    if (tag !== null) {
      const key = `VLAN ${tag.vlan} priority ${tag.priority}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return (
    [...counts]
      .map(([key, count]) => `${key}: ${count}`)
      .sort()
      .join(', ') || 'none'
  );
}

if (require.main === module) {
  console.log(`| file | frames | bytes | longest | ${KINDS.join(' | ')} | tags |`);
  for (const path of process.argv.slice(2)) {
    console.log(describeCapture(basename(path), readCaptureFile(path)));
  }
}
