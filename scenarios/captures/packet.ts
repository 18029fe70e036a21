/** An 802.1Q tag. */
export interface Tag {
  readonly vlan: number;
  /** 0, the default, to 7. */
  readonly priority: number;
}

/** An IPv4 or IPv6 packet, without what a link may have appended. */
export interface IpPacket {
  readonly version: 4 | 6;
  /** The fixed header; of IPv4 with its options. */
  readonly header: Buffer;
  /** Source and destination one after the other, as a pseudo header has them. */
  readonly addresses: Buffer;
  /** What `payload` starts with; of IPv6 after the extension headers. */
  readonly protocol: number;
  /** Whether this is a part of a larger packet, and then whether its first. */
  readonly fragment: 'none' | 'first' | 'later';
  readonly payload: Buffer;
}

/** What the headers of an Ethernet frame say. */
export interface Packet {
  readonly tag: Tag | null;
  /** Of what follows the tag. */
  readonly etherType: number;
  readonly ip: IpPacket | null;
}

export const ETHER_TYPE = { ipv4: 0x0800, arp: 0x0806, tag: 0x8100, ipv6: 0x86dd } as const;
export const PROTOCOL = { hopByHop: 0, icmp: 1, tcp: 6, udp: 17, fragment: 44, icmpv6: 58 } as const;

/** Parses the headers of a well-formed frame, as the captures here hold them. */
export function parsePacket(frame: Uint8Array): Packet {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  const tagged = bytes.readUInt16BE(12) === ETHER_TYPE.tag;
  const start = tagged ? 18 : 14;
  const etherType = bytes.readUInt16BE(start - 2);
  return {
    tag: tagged ? parseTag(bytes.readUInt16BE(14)) : null,
    etherType,
    ip: parseIp(etherType, bytes.subarray(start)),
  };
}

function parseTag(field: number): Tag {
  return { vlan: field & 0xfff, priority: field >>> 13 };
}

function parseIp(etherType: number, bytes: Buffer): IpPacket | null {
  switch (etherType) {
    case ETHER_TYPE.ipv4:
      return parseIpv4(bytes);
    case ETHER_TYPE.ipv6:
      return parseIpv6(bytes);
    default:
      return null;
  }
}

function parseIpv4(bytes: Buffer): IpPacket {
  const headerBytes = (bytes.readUInt8(0) & 0xf) * 4;
  const flagsAndOffset = bytes.readUInt16BE(6);
  return {
    version: 4,
    header: bytes.subarray(0, headerBytes),
    addresses: bytes.subarray(12, 20),
    protocol: bytes.readUInt8(9),
    fragment: fragmentKind(flagsAndOffset & 0x1fff, (flagsAndOffset & 0x2000) !== 0),
    payload: bytes.subarray(headerBytes, bytes.readUInt16BE(2)),
  };
}

function parseIpv6(bytes: Buffer): IpPacket {
  const end = 40 + bytes.readUInt16BE(4);
  let protocol = bytes.readUInt8(6);
  let start = 40;
  let fragment: IpPacket['fragment'] = 'none';
  while (protocol === PROTOCOL.hopByHop || protocol === PROTOCOL.fragment) {
    const isFragment = protocol === PROTOCOL.fragment;
    if (isFragment) {
      const offsetAndFlags = bytes.readUInt16BE(start + 2);
      fragment = fragmentKind(offsetAndFlags >>> 3, (offsetAndFlags & 1) !== 0);
    }
    protocol = bytes.readUInt8(start);
    start += isFragment ? 8 : (bytes.readUInt8(start + 1) + 1) * 8;
  }
  const payload = bytes.subarray(start, end);
  return { version: 6, header: bytes.subarray(0, 40), addresses: bytes.subarray(8, 40), protocol, fragment, payload };
}

function fragmentKind(offset: number, more: boolean): IpPacket['fragment'] {
  if (offset !== 0) {
    return 'later';
  }
  return more ? 'first' : 'none';
}
