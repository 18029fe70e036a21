import { PROTOCOL, type IpPacket } from '../../../../scenarios/captures/packet';

/** True if an unfragmented packet has all its checksums and they are right. */
export function checksumsAreRight(packet: IpPacket): boolean {
  return (packet.version === 6 || sum(packet.header) === 0xffff) && payloadIsRight(packet);
}

function payloadIsRight({ version, addresses, protocol, payload }: IpPacket): boolean {
  if (protocol === PROTOCOL.icmp) {
    return sum(payload) === 0xffff;
  }
  if (protocol === PROTOCOL.udp && payload.readUInt16BE(6) === 0) {
    // IPv4 allows a checksum of 0, but in these captures it would mean that an offload was left on.
    return false;
  }
  const pseudoHeaderEnd = Buffer.from([payload.length >>> 8, payload.length & 0xff, 0, protocol]);
  const known: readonly number[] = [PROTOCOL.tcp, PROTOCOL.udp, ...(version === 6 ? [PROTOCOL.icmpv6] : [])];
  return known.includes(protocol) && sum(Buffer.concat([addresses, pseudoHeaderEnd, payload])) === 0xffff;
}

/** The ones' complement sum of big-endian 16-bit words, which is 0xffff if they include their checksum. */
function sum(bytes: Buffer): number {
  let total = 0;
  for (let offset = 0; offset < bytes.length; offset += 2) {
    total += (bytes.readUInt8(offset) << 8) | (offset + 1 < bytes.length ? bytes.readUInt8(offset + 1) : 0);
  }
  while (total > 0xffff) {
    total = (total & 0xffff) + (total >>> 16);
  }
  return total;
}
