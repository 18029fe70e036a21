import { actAs, load32 } from '#mem';
import { ETHERNET_HEADER_BYTES, MAC_BYTES, VLAN_TAG_BYTES } from '../../shared/ethernet';
import { MAX_PACKET_BYTES } from '../../shared/loops/layout';
import { ACTOR_HOST } from '../../shared/loops/rights';
import type { Endpoint, FrameSink } from './endpoint';
import { HOST_FRAME_BYTES, loadHostFrameAddress, loadHostFrameLength } from './frameRecord';
import { isGroup } from './macAddress';
import type { VlanRule } from './portVlan';

/** Why a switch port dropped a frame that came in. */
export const SWITCH_DROPS = [
  /** The frame is shorter than an Ethernet header. */
  'tooShort',
  /** The frame is longer than 65,535 bytes. */
  'tooLong',
  /** The port does not carry the frame's VLAN. */
  'vlan',
  /** The destination is at the port that the frame came from. */
  'ownPort',
  /** No other port carries the frame's VLAN. */
  'noReceiver',
  /** Endpoints that answer within a delivery have nested too many deliveries. */
  'loop',
  /** The frame was sent through a port that is disconnected. */
  'disconnected',
  /** The destination is on its way from one node to another. */
  'moving',
] as const;
/** Why a switch port dropped a frame that came in. */
export type SwitchDrop = (typeof SWITCH_DROPS)[number];

/** Counters of a port: `in` = `forwarded` + `flooded` + the sum of `dropped`. */
export interface SwitchPortStats {
  /** Frames that the endpoint sent. */
  readonly in: number;
  /** Frames handed to the endpoint. */
  readonly out: number;
  /** Frames that came in here and went out at one port, because it was known. */
  readonly forwarded: number;
  /** Frames that came in here and went out at all others: unknown, multicast or broadcast. */
  readonly flooded: number;
  /** Frames that came in with a group address as their source, which was not learned. */
  readonly groupSource: number;
  /** Frames that came in here and went nowhere, by cause. */
  readonly dropped: Readonly<Record<SwitchDrop, number>>;
}

/** Indices of the counters; those of `SWITCH_DROPS` follow. */
export const PORT_IN = 0;
export const PORT_OUT = 1;
export const PORT_FORWARDED = 2;
export const PORT_FLOODED = 3;
export const PORT_GROUP_SOURCE = 4;
const PORT_DROPS = 5;

/** A change at a port: `departed` for another node, `withdrawn` for good. */
export type PortChange = 'connected' | 'departed' | 'withdrawn';

/** The network of a port, as the port deals with it. */
export interface PortOwner {
  /** The time at which a frame that comes in now is seen. */
  nowMs(): number;
  /** Forwards a frame that came in at a port; true if it went out anywhere. */
  forward(from: SwitchPort, address: number, bytes: number, horizon: number, nowMs: number): boolean;
  release(port: SwitchPort, change: PortChange): void;
  report(port: SwitchPort, change: PortChange): void;
  /** Called when the endpoint that had departed from a port is connected to another one. */
  arrivedElsewhere(port: SwitchPort): void;
}

/** Options of a switch port. */
export interface PortOptions {
  /** Address that lives at the port and that a controller must know; null for none. */
  readonly mac: Uint8Array | null;
  /** Port whose counters go on at this one, null for none. */
  readonly former: SwitchPort | null;
}

/** Number of ports connected so far in this thread. */
let connections = 0;

/** Bytes at the start of a frame by which the switch decides: both addresses, and a tag if there is one. */
const HEADER_BYTES = 16;
/** A shorter frame has no whole tag, whatever its type says. */
const TAGGED_BYTES = ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES;

/** True if two frames of a single sender agree in all bytes by which the switch decides. */
function isAddressedAlike(frame: number, other: number): boolean {
  if (((frame | other) & 3) !== 0 || isGroup(frame + MAC_BYTES)) return false;
  for (let at = 0; at < HEADER_BYTES; at += 4) if (load32(frame + at) !== load32(other + at)) return false;
  return true;
}

/** One port of a virtual network; `Network.connect` makes it. */
export class SwitchPort implements FrameSink {
  /** Counters by index. The switch alone writes them; a typed array lets it count without allocating. */
  readonly counters: Float64Array;
  /** Address that lives at the port, 6 bytes; null for none. */
  readonly mac: Uint8Array | null;
  /** Number of this port among all ports of the thread. */
  private readonly ordinal = ++connections;
  private far: Endpoint | null;
  /** Index of the counter of the last drop. */
  private lastDrop = PORT_DROPS;
  /** True while the endpoint has left for another node and has not arrived anywhere. */
  private departed = false;

  /** @param id the port's number within its network. */
  constructor(
    private readonly owner: PortOwner,
    readonly id: number,
    /** Rule by which frames of a VLAN pass. */
    readonly rule: VlanRule,
    endpoint: Endpoint,
    { mac, former }: PortOptions = { mac: null, former: null },
  ) {
    this.counters = former?.counters ?? new Float64Array(PORT_DROPS + SWITCH_DROPS.length);
    former?.succeed();
    this.mac = mac;
    this.far = endpoint;
    endpoint.uplink = this;
  }

  /** The endpoint that is connected, null after `disconnect`. */
  get endpoint(): Endpoint | null {
    return this.far;
  }

  /** Takes a frame from the endpoint. */
  deliver(address: number, bytes: number): void {
    this.pass(address, bytes, connections);
  }

  /**
   * Takes a frame from the endpoint; true if it went out anywhere.
   * @param address arena address of the frame.
   * @param bytes length of the frame.
   * @param horizon number of the last port that may get the frame. An endpoint that moves while the
   *   frame is being flooded gets a new port, at which it must not get the frame a second time.
   */
  pass(address: number, bytes: number, horizon: number): boolean {
    const former = actAs(ACTOR_HOST);
    try {
      this.counters[PORT_IN]!++;
      return this.owner.forward(this, address, bytes, horizon, this.owner.nowMs());
    } finally {
      actAs(former);
    }
  }

  /**
   * Takes a table of frames from the endpoint, all of which are seen at one time. A frame that is addressed like a
   * dropped one just before it is dropped too, without asking the network again: nothing can have changed in between.
   */
  deliverTable(table: number, count: number): void {
    const former = actAs(ACTOR_HOST);
    const nowMs = this.owner.nowMs();
    const end = table + count * HOST_FRAME_BYTES;
    let dropped = 0;
    try {
      for (let frame = table; frame < end; frame += HOST_FRAME_BYTES) {
        const address = loadHostFrameAddress(frame);
        const bytes = loadHostFrameLength(frame);
        const isUsual = bytes >= TAGGED_BYTES && bytes <= MAX_PACKET_BYTES;
        this.counters[PORT_IN]!++;
        if (isUsual && dropped !== 0 && isAddressedAlike(address, dropped)) this.counters[this.lastDrop]!++;
        else dropped = !this.owner.forward(this, address, bytes, connections, nowMs) && isUsual ? address : 0;
      }
    } finally {
      actAs(former);
    }
  }

  /** Hands a frame to the endpoint; true if it reached anybody. The switch alone calls this. */
  emit(address: number, bytes: number, horizon: number): boolean {
    if (this.far === null || this.ordinal > horizon) return false;
    this.counters[PORT_OUT]!++;
    if (this.far.relay !== undefined) return this.far.relay(address, bytes, horizon);
    this.far.deliver(address, bytes);
    return true;
  }

  /** Counts a dropped frame. Returns false, because the frame went nowhere. */
  drop(cause: SwitchDrop): false {
    this.lastDrop = PORT_DROPS + SWITCH_DROPS.indexOf(cause);
    this.counters[this.lastDrop]!++;
    return false;
  }

  /** Replaces the endpoint. Returns the former one, null if there was none. Learned addresses and counters stay. */
  exchangeEndpoint(next: Endpoint): Endpoint | null {
    const former = this.far;
    if (former === null) return null;
    former.uplink = null;
    this.far = next;
    next.uplink = this;
    return former;
  }

  /** Takes the endpoint off the network and forgets the addresses there. Does nothing the second time. */
  disconnect(): void {
    if (this.departed) this.owner.report(this, 'withdrawn');
    this.departed = false;
    this.leave('withdrawn');
  }

  /**
   * Takes an endpoint off the network that is to appear at another node. Until it does, frames for
   * it are dropped and counted. `disconnect` says that it will not appear.
   */
  depart(): void {
    if (this.far === null) return;
    this.departed = true;
    this.leave('departed');
  }

  /** Called by the port at which the endpoint has arrived. */
  private succeed(): void {
    this.departed = false;
    this.owner.arrivedElsewhere(this);
  }

  private leave(change: PortChange): void {
    if (this.far === null) return;
    this.far.uplink = null;
    this.far = null;
    this.owner.release(this, change);
  }

  /** Returns the counters. They go on from a former port of the endpoint. */
  stats(): SwitchPortStats {
    const at = (index: number): number => this.counters[index]!;
    return {
      in: at(PORT_IN),
      out: at(PORT_OUT),
      forwarded: at(PORT_FORWARDED),
      flooded: at(PORT_FLOODED),
      groupSource: at(PORT_GROUP_SOURCE),
      dropped: Object.fromEntries(SWITCH_DROPS.map((cause, i) => [cause, at(PORT_DROPS + i)])) as Record<
        SwitchDrop,
        number
      >,
    };
  }
}
