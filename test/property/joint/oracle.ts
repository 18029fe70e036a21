/**
 * Predicts the outcome of each packet from sections 9 to 12 and the settings alone: the bytes that arrive, or the
 * cause under which it is dropped.
 */
import { ETHERNET_HEADER_BYTES, vlanTciOf, withoutVlanTag, withVlanTag } from '../../../shared/ethernet';
import { MAX_PACKET_BYTES, MAX_SEGMENTS } from '../../../shared/loops/layout';
import type { AvpDeviceSettings } from '../../../emulator/device/settings';
import { OWN_MAC } from './frames';

/** The negotiated settings and the application's choices. */
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

/** Tracks the host's free buffers and ring slots for packets to the guest between two steps. */
export class HostRoom {
  private out: number;
  private readonly waiting: number[];

  /**
   * @param pooled buffers in the host's pool at the start.
   * @param onRx the packets on each receive FIFO at the start.
   */
  constructor(
    private readonly agreed: Agreed,
    private pooled: number,
    onRx: readonly (readonly OnRing[])[],
  ) {
    this.waiting = onRx.map((packets) => packets.length);
    this.out = onRx.flat().reduce((sum, packet) => sum + packet.segments, 0);
  }

  /** Returns the packet as it lies on the FIFO, or the cause of its drop. */
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

/** The most buffers that one transmit queue can have at a time. */
export function lendable({ settings, txQueues }: Agreed): number {
  return Math.min(settings.fifoSlots.alloc - 1, Math.max(1, Math.floor(allocShare(settings) / Math.max(1, txQueues))));
}

/** The number of mbufs that a packet on rx takes, or the driver's counter if it is not delivered. */
export function receiveOutcome(agreed: Agreed, packet: OnRing, mbufBytes: number, available: number): string | number {
  const mbufs = Math.ceil(packet.bytes.length / mbufBytes);
  if (!agreed.scattered && (mbufs > 1 || packet.segments > 1)) return 'dropped_not_simple';
  if (mbufs > MAX_SEGMENTS) return 'dropped_too_many_mbufs';
  if (mbufs > available) return 'no_mbuf';
  const own = packet.bytes.subarray(0, 6).every((byte, i) => byte === OWN_MAC[i]);
  const group = (packet.bytes[0]! & 1) === 1;
  return own || group || agreed.promiscuous ? mbufs : 'filtered_mac';
}

/** The invalid field of a packet to send, or null. */
export type Defect = 'pkt_len' | 'nb_segs' | null;

/** The number of host buffers that a packet to send takes, or the driver's counter if it is dropped. */
export function transmitOutcome(agreed: Agreed, bytes: number, tagged: boolean, defect: Defect): string | number {
  // The length checks see the packet length that the head claims.
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

/** The frame that the network receives. */
export function onWire(bytes: Uint8Array, tci: number | null): Uint8Array {
  return tci === null ? bytes : withVlanTag(bytes, tci);
}
