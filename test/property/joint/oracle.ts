/**
 * Says what must become of each packet, from the rules of sections 9 to 12 and the settings
 * alone: which bytes arrive, or which one cause counts it.
 */
import { ETHERNET_HEADER_BYTES, vlanTciOf, withoutVlanTag, withVlanTag } from '../../../shared/ethernet';
import { MAX_PACKET_BYTES, MAX_SEGMENTS } from '../../../shared/loops/layout';
import type { AvpDeviceSettings } from '../../../emulator/device/settings';

export const OWN_MAC = Uint8Array.of(0x52, 0x54, 0, 0, 0, 1);

/** What the two sides have agreed on, and what the guest's application chose. */
export interface Agreed {
  readonly settings: AvpDeviceSettings;
  readonly vlan: boolean;
  readonly rxFifos: number;
  readonly txQueues: number;
  readonly scattered: boolean;
  readonly promiscuous: boolean;
}

/** A packet as it lies on rx. */
export interface OnRing {
  readonly bytes: Uint8Array;
  readonly tci: number | null;
  readonly segments: number;
}

/** Room that the host has for packets to the guest, until it steps again. */
export class HostRoom {
  private out: number;
  private readonly waiting: number[];

  /**
   * @param pooled buffers in the host's pool at the start.
   * @param onRx what lies on each receive FIFO at the start.
   */
  constructor(
    private readonly agreed: Agreed,
    private pooled: number,
    onRx: readonly (readonly OnRing[])[],
  ) {
    this.waiting = onRx.map((packets) => packets.length);
    this.out = onRx.flat().reduce((sum, packet) => sum + packet.segments, 0);
  }

  /** The cause of a drop, or the packet as it lies on the ring of this FIFO from now on. */
  accept(frame: Uint8Array, fifo: number): string | OnRing {
    const { settings, vlan } = this.agreed;
    if (frame.length < ETHERNET_HEADER_BYTES) return 'tooShort';
    const tci = vlan ? vlanTciOf(frame) : null;
    const bytes = tci === null ? frame : withoutVlanTag(frame);
    if (bytes.length > settings.maxRxPacketBytes) return 'tooLong';
    const segmentBytes = Math.max(settings.rxSegmentBytes || settings.mbufSize, Math.ceil(bytes.length / MAX_SEGMENTS));
    if (segmentBytes > settings.mbufSize) return 'tooManySegments';
    if (this.waiting[fifo]! >= settings.fifoSlots.rx - 1) return 'ringFull';
    const segments = Math.ceil(bytes.length / segmentBytes);
    if (this.out + segments > rxLimit(settings) || segments > this.pooled) return 'noBuffers';
    this.out += segments;
    this.pooled -= segments;
    this.waiting[fifo]!++;
    return { bytes, tci, segments };
  }
}

function total(settings: AvpDeviceSettings): number {
  return settings.pools.reduce((sum, pool) => sum + pool.buffers, 0);
}

function allocShare(settings: AvpDeviceSettings): number {
  return Math.max(1, Math.floor((total(settings) * settings.allocSharePercent) / 100));
}

function rxLimit(settings: AvpDeviceSettings): number {
  return Math.max(1, total(settings) - allocShare(settings));
}

/** Buffers that one transmit queue can ever have at a time. */
export function lendable({ settings, txQueues }: Agreed): number {
  return Math.min(settings.fifoSlots.alloc - 1, Math.max(1, Math.floor(allocShare(settings) / Math.max(1, txQueues))));
}

/** The driver's counter for a packet on rx that is not delivered; a number: it takes so many mbufs. */
export function receiveFate(agreed: Agreed, packet: OnRing, mbufBytes: number, available: number): string | number {
  const mbufs = Math.ceil(packet.bytes.length / mbufBytes);
  if (!agreed.scattered && (mbufs > 1 || packet.segments > 1)) return 'dropped_not_simple';
  if (mbufs > MAX_SEGMENTS) return 'dropped_too_many_mbufs';
  if (mbufs > available) return 'no_mbuf';
  const own = packet.bytes.subarray(0, 6).every((byte, i) => byte === OWN_MAC[i]);
  const group = (packet.bytes[0]! & 1) === 1;
  return own || group || agreed.promiscuous ? mbufs : 'filtered_mac';
}

/** What is wrong with the mbufs of a packet to be sent. */
export type Defect = 'pkt_len' | 'nb_segs' | null;

/** The driver's counter for a packet that it can't send; a number: it takes so many buffers of the host. */
export function transmitFate(agreed: Agreed, bytes: number, tagged: boolean, defect: Defect): string | number {
  // The packet length that the head claims is what the checks see.
  const claimed = defect === 'pkt_len' ? bytes + 1 : bytes;
  if (claimed < ETHERNET_HEADER_BYTES) return 'dropped_short';
  if (claimed > MAX_PACKET_BYTES) return 'dropped_long';
  if (defect !== null) return 'dropped_chain';
  const buffers = Math.ceil(bytes / agreed.settings.mbufSize);
  if (buffers > MAX_SEGMENTS) return 'dropped_too_many_buffers';
  if (buffers >= agreed.settings.fifoSlots.alloc) return 'dropped_alloc_small';
  if (tagged && !agreed.vlan) return 'dropped_vlan_off';
  return buffers;
}

/** The frame that goes to the network. */
export function onWire(bytes: Uint8Array, tci: number | null): Uint8Array {
  return tci === null ? bytes : withVlanTag(bytes, tci);
}
