/** An 802.1Q tag. */
export interface Tag {
  readonly vlan: number;
  /** 0 (the default) to 7. */
  readonly priority: number;
}

/** An IPv4 or IPv6 packet, without padding that the link has added. */
export interface IpPacket {
  readonly version: 4 | 6;
  /** The IPv4 header with its options, or the fixed IPv6 header. */
  readonly header: Buffer;
  /** Source and destination address in the order of a pseudo header. */
  readonly addresses: Buffer;
  /** Protocol number of `payload`. In IPv6 the payload starts after the extension headers. */
  readonly protocol: number;
  /** The packet is whole, the first fragment of a larger packet, or a later fragment. */
  readonly fragment: 'none' | 'first' | 'later';
  readonly payload: Buffer;
}

/** The parsed headers of an Ethernet frame. */
export interface Packet {
  readonly tag: Tag | null;
  /** EtherType after the tag, if there is one. */
  readonly etherType: number;
  readonly ip: IpPacket | null;
}

export const ETHER_TYPE = { ipv4: 0x0800, arp: 0x0806, tag: 0x8100, ipv6: 0x86dd } as const;
export const PROTOCOL = { hopByHop: 0, icmp: 1, tcp: 6, udp: 17, fragment: 44, icmpv6: 58 } as const;

/** Parses the headers of a frame. The frame must be well-formed, as those of the captures here are. */
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
