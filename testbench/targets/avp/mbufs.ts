import { MBUF_RX_VLAN, MBUF_RX_VLAN_STRIPPED, mbufFree, type MbufView } from '../../../driver';
import { hex } from '../../../shared/hex';
import type { ReceivedPacket } from '../target';

const TAG_FLAGS = MBUF_RX_VLAN | MBUF_RX_VLAN_STRIPPED;
const BITS = Array.from({ length: 32 }, (_unused, bit) => (1 << bit) >>> 0);

/**
 * Copies a packet out of our driver's mbufs and frees them.
 * @param view a view to use; it ends on some mbuf of the chain.
 * @param port address of the port that received the packet.
 */
export function takePacket(view: MbufView, mbuf: number, port: number): ReceivedPacket {
  const { pktLen, nbSegs, olFlags, vlanTci, port: named } = view.at(mbuf);
  const bytes = view.data();
  const segments: number[] = [];
  const headroomBytes: number[] = [];
  for (let segment = mbuf; segment !== 0; segment = view.next) {
    segments.push(view.at(segment).dataLen);
    headroomBytes.push(view.headroom);
  }
  mbufFree(mbuf);
  const claims = BITS.filter((bit) => (olFlags & ~TAG_FLAGS & bit) !== 0).map((bit) => hex(bit));
  return {
    bytes,
    vlanTci: (olFlags & MBUF_RX_VLAN) !== 0 ? vlanTci : null,
    vlanStripped: (olFlags & MBUF_RX_VLAN_STRIPPED) !== 0,
    segments,
    pktLen,
    nbSegs,
    fromThisPort: named === port,
    claims,
    headroomBytes,
  };
}
