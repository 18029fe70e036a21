import { PROTOCOL, type IpPacket } from '../../../../scenarios/captures/packet';

/** Whether the checksums that an unfragmented packet carries are present and right. */
export function checksumsRight(packet: IpPacket): boolean {
  return (packet.version === 6 || sum(packet.header) === 0xffff) && payloadRight(packet);
}

function payloadRight({ version, addresses, protocol, payload }: IpPacket): boolean {
  if (protocol === PROTOCOL.icmp) {
    return sum(payload) === 0xffff;
  }
  if (protocol === PROTOCOL.udp && payload.readUInt16BE(6) === 0) {
    // None was computed; IPv4 allows it, but here it would mean an offload that was left on.
    return false;
  }
  const pseudoHeaderEnd = Buffer.from([payload.length >>> 8, payload.length & 0xff, 0, protocol]);
  const known: readonly number[] = [PROTOCOL.tcp, PROTOCOL.udp, ...(version === 6 ? [PROTOCOL.icmpv6] : [])];
  return known.includes(protocol) && sum(Buffer.concat([addresses, pseudoHeaderEnd, payload])) === 0xffff;
}

/** The ones' complement sum of big-endian 16-bit words; 0xffff where a right checksum is among them. */
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
