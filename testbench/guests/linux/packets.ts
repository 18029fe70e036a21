import { load16, load8, readBytes, store16, store8, writeBytes } from '#mem';
import { withVlanTag } from '../../../shared/ethernet';
import {
  DESC_BYTES,
  DESC_DATA,
  DESC_DATA_LEN,
  DESC_NB_SEGS,
  DESC_NEXT,
  DESC_OL_FLAGS,
  DESC_PKT_LEN,
  DESC_VLAN_TCI,
  FEATURE_VLAN_OFFLOAD,
  MAX_SEGMENTS,
  OL_RX_VLAN,
  OL_TX_VLAN,
} from '../../../shared/loops/layout';
import { load64, store64 } from '../../../shared/u64';
import { bufferAddress, type HostView } from './hostView';

/** A frame in the guest. */
export interface Packet {
  readonly bytes: Uint8Array;
  /** VLAN tag beside the frame, null for none. */
  readonly vlanTci: number | null;
}

/**
 * Copies a frame out of a received chain, whose descriptors stay unchanged.
 * @throws Error where the chain violates section 7: a fault of the host.
 */
export function copyOut(host: HostView, features: number, first: bigint): Packet {
  const parts: Uint8Array[] = [];
  const head = bufferAddress(host, first, DESC_BYTES);
  for (let va = first; va !== 0n;) {
    const desc = bufferAddress(host, va, DESC_BYTES);
    const bytes = load16(desc + DESC_DATA_LEN);
    parts.push(readBytes(bufferAddress(host, load64(desc + DESC_DATA), bytes), bytes));
    if (bytes === 0 || parts.length > MAX_SEGMENTS)
      throw new Error(`segment ${parts.length} of a chain has ${bytes} bytes`);
    va = load64(desc + DESC_NEXT);
  }
  const bytes = new Uint8Array(Buffer.concat(parts));
  const lengths = { nbSegs: load8(head + DESC_NB_SEGS), pktLen: load16(head + DESC_PKT_LEN) };
  if (lengths.nbSegs !== parts.length || lengths.pktLen !== bytes.length)
    throw new Error(`a chain of ${parts.length} segments and ${bytes.length} bytes says ${JSON.stringify(lengths)}`);
  const tagged = (load16(head + DESC_OL_FLAGS) & OL_RX_VLAN) !== 0;
  if (tagged && (features & FEATURE_VLAN_OFFLOAD) === 0)
    throw new Error('a tag beside the frame, which was not negotiated');
  return { bytes, vlanTci: tagged ? load16(head + DESC_VLAN_TCI) : null };
}

/** The frame as it goes into buffers: with the tag inserted where the host does not insert it. */
export function linear({ bytes, vlanTci }: Packet, features: number): Packet {
  const inFrame = vlanTci !== null && (features & FEATURE_VLAN_OFFLOAD) === 0;
  return inFrame ? { bytes: withVlanTag(bytes, vlanTci), vlanTci: null } : { bytes, vlanTci };
}

/** Number of the host's buffers that a frame takes. */
export function buffersFor(host: HostView, bytes: number): number {
  return Math.ceil(bytes / host.mbufSize);
}

/** Fills buffers with a frame and links them. Sets every field that the host reads. */
export function copyIn(host: HostView, { bytes, vlanTci }: Packet, buffers: readonly bigint[]): void {
  const head = bufferAddress(host, buffers[0]!, DESC_BYTES);
  buffers.forEach((va, i) => {
    const desc = bufferAddress(host, va, DESC_BYTES);
    const part = bytes.subarray(i * host.mbufSize, (i + 1) * host.mbufSize);
    writeBytes(bufferAddress(host, load64(desc + DESC_DATA), part.length), part);
    store16(desc + DESC_DATA_LEN, part.length);
    store64(desc + DESC_NEXT, buffers[i + 1] ?? 0n);
  });
  store16(head + DESC_PKT_LEN, bytes.length);
  store8(head + DESC_NB_SEGS, buffers.length);
  store16(head + DESC_OL_FLAGS, vlanTci === null ? 0 : OL_TX_VLAN);
  store16(head + DESC_VLAN_TCI, vlanTci ?? 0);
}
