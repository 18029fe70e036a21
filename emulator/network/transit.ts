import { copy, load8, store8 } from '#mem';
import { ETHERNET_HEADER_BYTES, ETHERTYPE_VLAN, VLAN_TAG_BYTES, VLAN_TAG_OFFSET } from '../../shared/ethernet';
import { MAX_PACKET_BYTES } from '../../shared/loops/layout';
import type { VlanRule } from './portVlan';

const VLAN_MASK = 0xfff;
const PRIORITY_MASK = 0xf000;
const FORM_BYTES = MAX_PACKET_BYTES + 1 + 64;

/** Bytes of arena memory that a transit needs where there is an access port, for which it may change a frame. */
export const TRANSIT_SCRATCH_BYTES = 2 * FORM_BYTES;

/**
 * A frame in transit through the switch, in up to three forms: as it came, without a tag, and with
 * the tag of its VLAN. The second and third form are made at most once, in scratch memory, and only
 * if a port needs them. One object serves many frames, one after the other.
 */
export class Transit {
  vlan = 0;
  /** Arena address and length of the form that `shape` chose last. */
  outAddress = 0;
  outBytes = 0;
  private address = 0;
  private bytes = 0;
  /** Tag control information, -1 where the frame came without a tag. */
  private tci = -1;
  private untaggedReady = false;
  private taggedReady = false;

  /** @param scratch arena address of `TRANSIT_SCRATCH_BYTES` of the host's own, 0 while no access port exists. */
  constructor(public scratch: number) {}

  /** Starts with a frame of at least 14 bytes. Only an outermost 802.1Q tag counts, and only a whole one. */
  begin(address: number, bytes: number): void {
    this.address = address;
    this.bytes = bytes;
    this.tci = -1;
    this.untaggedReady = false;
    this.taggedReady = false;
    if (bytes >= ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES && this.wire16(VLAN_TAG_OFFSET) === ETHERTYPE_VLAN)
      this.tci = this.wire16(VLAN_TAG_OFFSET + 2);
  }

  /** Decides the frame's VLAN by the rule of the port that it came in at; false if it may not come in there. */
  admit(rule: VlanRule): boolean {
    const own = this.tci < 0 ? 0 : this.tci & VLAN_MASK;
    this.vlan = rule.access !== 0 && own === 0 ? rule.access : own;
    return rule.access === 0 ? rule.carries(own) : own === 0;
  }

  /** Sets `outAddress` and `outBytes` to the form in which the frame leaves at a port with this rule. */
  shape(rule: VlanRule): void {
    if (rule.access !== 0) this.shapeUntagged();
    else if (this.vlan === 0 || this.tci === this.taggedTci()) this.shapeAs(this.address, this.bytes);
    else this.shapeTagged();
  }

  private taggedTci(): number {
    return this.tci < 0 ? this.vlan : (this.tci & PRIORITY_MASK) | this.vlan;
  }

  private shapeAs(address: number, bytes: number): void {
    this.outAddress = address;
    this.outBytes = bytes;
  }

  private shapeUntagged(): void {
    if (this.tci < 0) return this.shapeAs(this.address, this.bytes);
    const rest = VLAN_TAG_OFFSET + VLAN_TAG_BYTES;
    if (!this.untaggedReady) {
      copy(this.scratch, this.address, VLAN_TAG_OFFSET);
      copy(this.scratch + VLAN_TAG_OFFSET, this.address + rest, this.bytes - rest);
      this.untaggedReady = true;
    }
    this.shapeAs(this.scratch, this.bytes - VLAN_TAG_BYTES);
  }

  private shapeTagged(): void {
    const to = this.scratch + FORM_BYTES;
    const from = this.tci < 0 ? VLAN_TAG_OFFSET : VLAN_TAG_OFFSET + VLAN_TAG_BYTES;
    const rest = this.bytes - from;
    if (!this.taggedReady) {
      const tci = this.taggedTci();
      copy(to, this.address, VLAN_TAG_OFFSET);
      store8(to + VLAN_TAG_OFFSET, ETHERTYPE_VLAN >>> 8);
      store8(to + VLAN_TAG_OFFSET + 1, ETHERTYPE_VLAN & 0xff);
      store8(to + VLAN_TAG_OFFSET + 2, tci >>> 8);
      store8(to + VLAN_TAG_OFFSET + 3, tci & 0xff);
      copy(to + VLAN_TAG_OFFSET + VLAN_TAG_BYTES, this.address + from, rest);
      this.taggedReady = true;
    }
    this.shapeAs(to, VLAN_TAG_OFFSET + VLAN_TAG_BYTES + rest);
  }

  private wire16(offset: number): number {
    return (load8(this.address + offset) << 8) | load8(this.address + offset + 1);
  }
}
