import { UsageError } from '../../shared/errors';
import { ETHERNET_HEADER_BYTES, formatMac, MAC_BYTES, VLAN_TAG_BYTES } from '../../shared/ethernet';
import type { FrameBytes } from '../api/traffic';
import {
  findUdp,
  internetChecksum,
  IPV4_HEADER_BYTES,
  UDP_HEADER_BYTES,
  udpChecksumHolds,
  udpFrame,
  type UdpAddresses,
} from './udpFrame';

/**
 * Probe frames are UDP datagrams. The payload of each tells its flow and sequence number, and all
 * other bytes follow from these, so that the receiver can tell whether the frame is intact.
 *
 * Payload, big-endian: magic u16, flow u16, sequence u32, seed u32, filler.
 */
const MAGIC = 0x4176;
const HEAD_BYTES = 12;

/** Bytes of the shortest probe frame, without a tag. */
export const MIN_PROBE_BYTES = ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES + UDP_HEADER_BYTES + HEAD_BYTES;
/** Bytes of the longest probe frame, without a tag. With a tag it has 65,535. */
export const MAX_PROBE_BYTES = 65_535 - VLAN_TAG_BYTES;
const MAX_FLOW_ID = 0xffff;

/** A flow of probe frames. The flow and a sequence number determine the bytes of a frame. */
export interface ProbeFlow extends UdpAddresses {
  /** Id of the flow, 0 to 65,535. */
  readonly id: number;
  /** Seed of the payloads, and of the lengths of frames within a range. */
  readonly seed: number;
  /** Length of the frames without a tag: a number, or a range. Both from `MIN_PROBE_BYTES` to `MAX_PROBE_BYTES`. */
  readonly frameBytes: FrameBytes;
}

/** Options of `probeFlow`; addresses that are left out follow from id and seed. */
export type ProbeFlowOptions = Pick<ProbeFlow, 'id' | 'sourceMac' | 'destinationMac'> & Partial<ProbeFlow>;

/** Hashes two numbers to 32 well-mixed bits. */
function blend(a: number, b: number): number {
  let mixed = Math.imul(a ^ (b >>> 15) ^ Math.imul(b, 0x85ebca6b), 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x27d4eb2f);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/**
 * Makes a flow and fills in defaults: addresses in 10.0.0.0/8, ports from 1,024, 128-byte frames, no tag.
 * @throws UsageError that names the field, its value and what was expected.
 */
export function probeFlow(options: ProbeFlowOptions): ProbeFlow {
  const { id, seed = 1 } = options;
  const drawn = blend(seed | 0, id);
  const flow: ProbeFlow = {
    seed,
    sourceIp: Uint8Array.of(10, 1, id >>> 8, id & 0xff),
    destinationIp: Uint8Array.of(10, 2, id >>> 8, id & 0xff),
    sourcePort: 1_024 + (drawn & 0x7fff),
    destinationPort: 1_024 + (drawn >>> 17),
    vlanTci: null,
    frameBytes: 128,
    ...options,
  };
  checkFlow(flow);
  return flow;
}

function isWhole(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}

function checkFlow(flow: ProbeFlow): void {
  const need = (holds: boolean, field: string, value: unknown, expected: string): void => {
    if (!holds) throw new UsageError(`probe flow ${flow.id}: ${field} is ${String(value)}, expected ${expected}`);
  };
  const { min, max } =
    typeof flow.frameBytes === 'number' ? { min: flow.frameBytes, max: flow.frameBytes } : flow.frameBytes;
  const sizesFit = isWhole(min, MIN_PROBE_BYTES, max) && isWhole(max, min, MAX_PROBE_BYTES);
  need(isWhole(flow.id, 0, MAX_FLOW_ID), 'id', flow.id, `0 to ${MAX_FLOW_ID}`);
  need(sizesFit, 'frameBytes', `${min} to ${max}`, `${MIN_PROBE_BYTES} to ${MAX_PROBE_BYTES}`);
  for (const field of ['sourceMac', 'destinationMac'] as const)
    need(flow[field].length === MAC_BYTES, field, formatMac(flow[field]), `${MAC_BYTES} bytes`);
  for (const field of ['sourceIp', 'destinationIp'] as const)
    need(flow[field].length === 4, field, flow[field].join('.'), '4 bytes');
  for (const field of ['sourcePort', 'destinationPort'] as const)
    need(isWhole(flow[field], 0, 0xffff), field, flow[field], '0 to 65535');
  need(isWhole(flow.vlanTci ?? 0, 0, 0xffff), 'vlanTci', flow.vlanTci, '0 to 65535, or null');
}

/** Length in bytes of a flow's frame with this sequence number, without its tag. */
export function probeBytes(flow: ProbeFlow, sequence: number): number {
  if (typeof flow.frameBytes === 'number') return flow.frameBytes;
  const { min, max } = flow.frameBytes;
  return min + (blend(blend(flow.seed | 0, flow.id), ~sequence) % (max - min + 1));
}

/** Writes the payload of a probe over all of `payload`. */
function writePayload(payload: Uint8Array, flow: number, sequence: number, seed: number): void {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  view.setUint16(0, MAGIC);
  view.setUint16(2, flow);
  view.setUint32(4, sequence);
  view.setUint32(8, seed >>> 0);
  let state = blend(blend(seed | 0, flow), sequence);
  for (let at = HEAD_BYTES; at < payload.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    payload[at] = state >>> 24;
  }
}

/** Makes frame number `sequence` (0 to 2^32 - 1) of a flow; always the same bytes. */
export function probeFrame(flow: ProbeFlow, sequence: number): Uint8Array {
  const payload = new Uint8Array(probeBytes(flow, sequence) - MIN_PROBE_BYTES + HEAD_BYTES);
  writePayload(payload, flow.id, sequence, flow.seed);
  return udpFrame(flow, payload, sequence);
}

/** The contents of a probe frame's payload. */
export interface ProbeReading {
  /** Id of the flow, 0 to 65,535. */
  readonly flow: number;
  /** Number of the frame in its flow, 0 to 2^32 - 1. */
  readonly sequence: number;
  /** Seed of the flow, 0 to 2^32 - 1. */
  readonly seed: number;
  /**
   * True if the checksums hold, the filler is right and nothing follows. The Ethernet header is not
   * checked; a receiver that knows the flow compares with `probeFrame`.
   */
  readonly intact: boolean;
}

/** Reads a probe frame, tagged or not; null for any other frame. */
export function readProbe(frame: Uint8Array): ProbeReading | null {
  const found = findUdp(frame);
  if (found === null || found.end - found.payload < HEAD_BYTES) return null;
  const payload = frame.subarray(found.payload, found.end);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  if (view.getUint16(0) !== MAGIC) return null;
  const flow = view.getUint16(2);
  const sequence = view.getUint32(4);
  const seed = view.getUint32(8);
  const expected = new Uint8Array(payload.length);
  writePayload(expected, flow, sequence, seed);
  const intact =
    found.end === frame.length &&
    internetChecksum(frame, found.ip, found.udp) === 0 &&
    udpChecksumHolds(frame, found.ip, found.udp, found.udpBytes) &&
    sameBytes(payload, expected);
  return { flow, sequence, seed, intact };
}

/** Whether two ranges of bytes are equal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
