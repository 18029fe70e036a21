/**
 * The hash that distributes packets over a device's rx FIFOs. Loop dialect.
 *
 * Toeplitz over source address, destination address and, for TCP and UDP, source and destination port,
 * with the key that Microsoft published with receive-side scaling, the default of most NICs. Packets of
 * one flow have one hash. Fragments, and IP packets of other protocols, are hashed by addresses alone, so
 * that the fragments of a datagram stay together, though not with the unfragmented packets of its flow.
 *
 * The words of the key are constants and not a table, so the hash needs no memory.
 */
import { load8 } from '#mem';

const KEY_0: u32 = 0x6d5a56da;
const KEY_1: u32 = 0x255b0ec2;
const KEY_2: u32 = 0x4167253d;
const KEY_3: u32 = 0x43a38fb0;
const KEY_4: u32 = 0xd0ca2bcb;
const KEY_5: u32 = 0xae7b30b4;
const KEY_6: u32 = 0x77cb2da3;
const KEY_7: u32 = 0x8030f20c;
const KEY_8: u32 = 0x6a42b73b;
const KEY_9: u32 = 0xbeac01fa;

const ETHERNET_HEADER: u32 = 14;
const TYPE_OFFSET: u32 = 12;
const TAG_BYTES: u32 = 4;
const MAX_TAGS: u32 = 2;
const TYPE_IPV4: u32 = 0x0800;
const TYPE_IPV6: u32 = 0x86dd;
const TYPE_CUSTOMER_TAG: u32 = 0x8100;
const TYPE_SERVICE_TAG: u32 = 0x88a8;

const IPV4_HEADER: u32 = 20;
const IPV4_FRAGMENT: u32 = 6;
const IPV4_PROTOCOL: u32 = 9;
const IPV4_SOURCE: u32 = 12;
/** More-fragments flag and fragment offset; both are 0 in an unfragmented datagram. */
const FRAGMENT_MASK: u32 = 0x3fff;

const IPV6_HEADER: u32 = 40;
const IPV6_NEXT: u32 = 6;
const IPV6_SOURCE: u32 = 8;
const HOP_BY_HOP: u32 = 0;
const ROUTING: u32 = 43;
const DESTINATION_OPTIONS: u32 = 60;
/** Extension headers to walk through; a packet with more is hashed without its ports. */
const MAX_EXTENSIONS: u32 = 8;
const EXTENSION_UNIT: u32 = 8;

const TCP: u32 = 6;
const UDP: u32 = 17;
const PORTS_BYTES: u32 = 4;

/** Loads a big-endian halfword at any alignment. */
function wire16(at: u32): u32 {
  return ((load8(at) << 8) | load8(at + 1)) >>> 0;
}

/** Loads a big-endian word at any alignment. */
function wire32(at: u32): u32 {
  return ((wire16(at) << 16) | wire16(at + 2)) >>> 0;
}

/** True if `count` bytes at offset `at` lie within `bytes`. */
function within(at: u32, count: u32, bytes: u32): bool {
  return at <= bytes && count <= (bytes - at) >>> 0;
}

/** Returns all ones if the lowest bit of `bit` is set, else 0. Avoids an unpredictable branch. */
function mask(bit: u32): u32 {
  return (0 - (bit & 1)) >>> 0;
}

/** Returns the 32 bits at offset `bits` (1 to 31) of a pair of words. */
function shifted(high: u32, low: u32, bits: u32): u32 {
  return ((high << bits) | (low >>> (32 - bits))) >>> 0;
}

/**
 * Mixes one word of input into the hash, four bits a round. `high` and `low` are the two words of the key
 * from the position of that input on.
 */
function mix(hash: u32, word: u32, high: u32, low: u32): u32 {
  let mixed: u32 = hash;
  let window: u32 = high;
  let rest: u32 = low;
  for (let data: u32 = word; data !== 0; data = (data << 4) >>> 0) {
    mixed = (mixed ^ (window & mask(data >>> 31))) >>> 0;
    mixed = (mixed ^ (shifted(window, rest, 1) & mask(data >>> 30))) >>> 0;
    mixed = (mixed ^ (shifted(window, rest, 2) & mask(data >>> 29))) >>> 0;
    mixed = (mixed ^ (shifted(window, rest, 3) & mask(data >>> 28))) >>> 0;
    window = shifted(window, rest, 4);
    rest = (rest << 4) >>> 0;
  }
  return mixed;
}

function hashIpv4(address: u32, start: u32, bytes: u32): u32 {
  if (!within(start, IPV4_HEADER, bytes)) return 0;
  const ip: u32 = (address + start) >>> 0;
  const first: u32 = load8(ip);
  const headerBytes: u32 = ((first & 15) << 2) >>> 0;
  if (first >>> 4 !== 4 || headerBytes < IPV4_HEADER || !within(start, headerBytes, bytes)) return 0;
  const source: u32 = wire32(ip + IPV4_SOURCE);
  const destination: u32 = wire32(ip + IPV4_SOURCE + 4);
  const byAddresses: u32 = mix(mix(0, source, KEY_0, KEY_1), destination, KEY_1, KEY_2);
  const protocol: u32 = load8(ip + IPV4_PROTOCOL);
  const whole: bool = (wire16(ip + IPV4_FRAGMENT) & FRAGMENT_MASK) === 0;
  if (!whole || (protocol !== TCP && protocol !== UDP)) return byAddresses;
  const ports: u32 = (start + headerBytes) >>> 0;
  if (!within(ports, PORTS_BYTES, bytes)) return 0;
  return mix(byAddresses, wire32(address + ports), KEY_2, KEY_3);
}

function hashIpv6Addresses(at: u32): u32 {
  let hash: u32 = mix(0, wire32(at), KEY_0, KEY_1);
  hash = mix(hash, wire32(at + 4), KEY_1, KEY_2);
  hash = mix(hash, wire32(at + 8), KEY_2, KEY_3);
  hash = mix(hash, wire32(at + 12), KEY_3, KEY_4);
  hash = mix(hash, wire32(at + 16), KEY_4, KEY_5);
  hash = mix(hash, wire32(at + 20), KEY_5, KEY_6);
  hash = mix(hash, wire32(at + 24), KEY_6, KEY_7);
  return mix(hash, wire32(at + 28), KEY_7, KEY_8);
}

/** Hashes the addresses of the fixed header; those of a routing header or a home address option do not count. */
function hashIpv6(address: u32, start: u32, bytes: u32): u32 {
  if (!within(start, IPV6_HEADER, bytes)) return 0;
  const ip: u32 = (address + start) >>> 0;
  if (load8(ip) >>> 4 !== 6) return 0;
  let next: u32 = load8(ip + IPV6_NEXT);
  let at: u32 = (start + IPV6_HEADER) >>> 0;
  let walked: u32 = 0;
  while (walked < MAX_EXTENSIONS && (next === HOP_BY_HOP || next === ROUTING || next === DESTINATION_OPTIONS)) {
    if (!within(at, EXTENSION_UNIT, bytes)) return 0;
    next = load8(address + at);
    const extensionBytes: u32 = ((load8(address + at + 1) + 1) << 3) >>> 0;
    if (!within(at, extensionBytes, bytes)) return 0;
    at = (at + extensionBytes) >>> 0;
    walked = (walked + 1) >>> 0;
  }
  const byAddresses: u32 = hashIpv6Addresses(ip + IPV6_SOURCE);
  if (next !== TCP && next !== UDP) return byAddresses;
  if (!within(at, PORTS_BYTES, bytes)) return 0;
  return mix(byAddresses, wire32(address + at), KEY_8, KEY_9);
}

/**
 * Returns the hash of the frame of `bytes` bytes at `address`, past its 802.1Q or 802.1ad tags, two at
 * most. Returns 0 for a frame that is not IP or ends within the hashed headers.
 */
export function flowHash(address: u32, bytes: u32): u32 {
  if (bytes < ETHERNET_HEADER) return 0;
  let typeAt: u32 = TYPE_OFFSET;
  let type: u32 = wire16(address + typeAt);
  let tags: u32 = 0;
  while (tags < MAX_TAGS && (type === TYPE_CUSTOMER_TAG || type === TYPE_SERVICE_TAG)) {
    typeAt = (typeAt + TAG_BYTES) >>> 0;
    if (!within(typeAt, 2, bytes)) return 0;
    type = wire16(address + typeAt);
    tags = (tags + 1) >>> 0;
  }
  if (type === TYPE_IPV4) return hashIpv4(address, (typeAt + 2) >>> 0, bytes);
  if (type === TYPE_IPV6) return hashIpv6(address, (typeAt + 2) >>> 0, bytes);
  return 0;
}
