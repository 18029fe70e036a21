import { BROADCAST_MAC, ETHERNET_HEADER_BYTES, VLAN_TAG_BYTES, withVlanTag } from '../../../shared/ethernet';
import { MIN_PROBE_BYTES, probeFlow, probeFrame } from '../../../testbench/traffic/probeFrame';

/** Frames that carry a sequence number in the last four bytes of their source address. */

export type To = 'own' | 'other' | 'broadcast' | 'multicast';

export interface FrameSpec {
  readonly to: To;
  /** Bytes on the wire, tag included. */
  readonly bytes: number;
  /** Tag control information; null for no tag. */
  readonly tci: number | null;
  /** Each flow has its own addresses, so that the device spreads flows over its queues. */
  readonly flow: number;
}

export const OWN_MAC = Uint8Array.of(0x52, 0x54, 0, 0, 0, 1);
const OTHER = Uint8Array.of(2, 9, 9, 9, 9, 9);
const MULTICAST = Uint8Array.of(1, 0, 0x5e, 0, 0, 1);
const MAX_FLOW_BYTES = 65_531;

function destination(to: To): Uint8Array {
  return { own: OWN_MAC, other: OTHER, broadcast: BROADCAST_MAC, multicast: MULTICAST }[to];
}

function untagged(spec: FrameSpec, sequence: number, bytes: number): Uint8Array {
  const destinationMac = destination(spec.to);
  const sourceMac = Uint8Array.of(
    2,
    spec.flow,
    sequence >>> 24,
    (sequence >>> 16) & 0xff,
    (sequence >>> 8) & 0xff,
    sequence & 0xff,
  );
  if (bytes >= MIN_PROBE_BYTES && bytes <= MAX_FLOW_BYTES)
    return probeFrame(probeFlow({ id: spec.flow, sourceMac, destinationMac, frameBytes: bytes }), sequence);
  const frame = Uint8Array.from(
    { length: Math.max(bytes, ETHERNET_HEADER_BYTES) },
    (_unused, i) => (sequence * 7 + i * 13) & 0xff,
  );
  frame.set(destinationMac, 0);
  frame.set(sourceMac, 6);
  frame.set([0x88, 0xb5], 12);
  return frame;
}

/** Makes a frame of exactly `spec.bytes` bytes; one shorter than its header is truncated. */
export function makeFrame(spec: FrameSpec, sequence: number): Uint8Array {
  const tag = spec.tci === null ? 0 : VLAN_TAG_BYTES;
  const plain = untagged(spec, sequence, spec.bytes - tag);
  return (spec.tci === null ? plain : withVlanTag(plain, spec.tci)).slice(0, spec.bytes);
}

/** Makes an untagged frame for the guest's own address. */
export function ownFrame(sequence: number, { bytes = 300, flow = 0 } = {}): Uint8Array {
  return makeFrame({ to: 'own', bytes, tci: null, flow }, sequence);
}

/** The sequence number of a frame of at least 12 bytes. */
export function sequenceOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(8);
}
