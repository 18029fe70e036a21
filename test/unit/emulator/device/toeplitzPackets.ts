/** Builds packets by hand, independently of the code under test. */

function words(...values: readonly number[]): number[] {
  return values.flatMap((value) => [value >>> 8, value & 0xff]);
}

export function ethernet(type: number, payload: Uint8Array): Uint8Array {
  return Uint8Array.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ...words(type), ...payload]);
}

/** The bytes after a tag's EtherType: tag control information, the inner type, and the payload. */
export function tag(tci: number, type: number, payload: Uint8Array): Uint8Array {
  return Uint8Array.from([...words(tci, type), ...payload]);
}

export function ports(source: number, destination: number): Uint8Array {
  return Uint8Array.from(words(source, destination));
}

interface Ipv4Parts {
  source: string;
  destination: string;
  protocol: number;
  payload: Uint8Array;
  options?: Uint8Array;
  /** The word with the flags and the fragment offset. */
  fragment?: number;
}

export function ipv4(parts: Ipv4Parts): Uint8Array {
  const { source, destination, protocol, payload, options = new Uint8Array(0), fragment = 0 } = parts;
  const address = (text: string): number[] => text.split('.').map(Number);
  const bytes = 20 + options.length + payload.length;
  return Uint8Array.from([
    0x45 + options.length / 4,
    0,
    ...words(bytes, 0x1234, fragment),
    64,
    protocol,
    0,
    0,
    ...address(source),
    ...address(destination),
    ...options,
    ...payload,
  ]);
}

/** Parses an IPv6 address. */
export function parseIpv6(text: string): number[] {
  const [head = '', tail = ''] = text.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail)];
  return words(...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after);
}

interface Ipv6Parts {
  source: string;
  destination: string;
  next: number;
  payload: Uint8Array;
}

export function ipv6({ source, destination, next, payload }: Ipv6Parts): Uint8Array {
  return Uint8Array.from([
    0x60,
    0,
    0,
    0,
    ...words(payload.length),
    next,
    64,
    ...parseIpv6(source),
    ...parseIpv6(destination),
    ...payload,
  ]);
}

/** An extension header of `bytes` bytes, a multiple of 8, and the payload after it. */
export function ipv6Extension(next: number, bytes: number, payload: Uint8Array): Uint8Array {
  return Uint8Array.from([next, bytes / 8 - 1, ...Array<number>(bytes - 2).fill(0), ...payload]);
}
