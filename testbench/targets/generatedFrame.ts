import { udpFrame } from '../traffic/udpFrame';

const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;
const UDP_BYTES = 8;
const HEADERS_BYTES = ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES;

/** Makes a frame as an application generates it, see `GeneratedForm`. */
export function generatedFrame(from: Uint8Array, bytes: number): Uint8Array {
  const addresses = {
    sourceMac: from,
    destinationMac: Uint8Array.of(2, 0, 0, 0, 0, 0),
    sourceIp: Uint8Array.of(198, 18, 0, 1),
    destinationIp: Uint8Array.of(198, 18, 0, 2),
    sourcePort: 9,
    destinationPort: 9,
  };
  return udpFrame(addresses, new Uint8Array(bytes - HEADERS_BYTES));
}

/** Compares a frame with a generated one of this sender and length. Returns the difference; null if there is none. */
export function faultOfGenerated(frame: Uint8Array, from: Uint8Array, bytes: number): string | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const word = (at: number): number => (at + 2 <= frame.length ? view.getUint16(at) : Number.NaN);
  if (!from.every((byte, index) => frame[6 + index] === byte)) return 'another address of the sender';
  if (word(12) !== 0x0800 || frame[ETHERNET_BYTES] !== 0x45) return 'no IPv4 header behind the Ethernet header';
  if (word(ETHERNET_BYTES + 2) !== bytes - ETHERNET_BYTES) return 'another length in the IPv4 header';
  if (word(ETHERNET_BYTES + IPV4_BYTES + 4) !== bytes - ETHERNET_BYTES - IPV4_BYTES)
    return 'another length in the UDP header';
  return frame.length === bytes ? null : 'another length';
}
