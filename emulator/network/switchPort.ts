import { actAs } from '#mem';
import { ACTOR_HOST } from '../../shared/mem/rights';
import type { Endpoint, FrameSink } from './endpoint';
import type { VlanRule } from './portVlan';

/** Why a switch port dropped a frame that came in. */
export const SWITCH_DROPS = [
  /** Shorter than an Ethernet header. */
  'tooShort',
  /** Longer than 65,535 bytes. */
  'tooLong',
  /** Of a VLAN that the port does not carry. */
  'vlan',
  /** Its destination is at the port that it came from. */
  'ownPort',
  /** No other port carries its VLAN. */
  'noReceiver',
  /** Sent on and on by endpoints that answer while they are being delivered to. */
  'loop',
  /** Sent through a port that is disconnected. */
  'disconnected',
] as const;
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
  readonly dropped: Readonly<Record<SwitchDrop, number>>;
}

/** Places of the counters that are no drops; the drops follow. */
export const PORT_IN = 0;
export const PORT_OUT = 1;
export const PORT_FORWARDED = 2;
export const PORT_FLOODED = 3;
export const PORT_GROUP_SOURCE = 4;
const PORT_DROPS = 5;

/** What a port needs of the network that it belongs to. */
export interface PortOwner {
  forward(from: SwitchPort, address: number, bytes: number): void;
  release(port: SwitchPort): void;
}

/** One port of a virtual network; `Network.connect` makes it. */
export class SwitchPort implements FrameSink {
  /** Written by the switch alone; doubles in a typed array, so that counting allocates nothing. */
  readonly counters = new Float64Array(PORT_DROPS + SWITCH_DROPS.length);
  private far: Endpoint | null;

  /** @param id the port's number within its network. */
  constructor(
    private readonly owner: PortOwner,
    readonly id: number,
    readonly rule: VlanRule,
    endpoint: Endpoint,
  ) {
    this.far = endpoint;
    endpoint.uplink = this;
  }

  /** What is connected here, null after `disconnect`. */
  get endpoint(): Endpoint | null {
    return this.far;
  }

  /** A frame from the endpoint. */
  deliver(address: number, bytes: number): void {
    const former = actAs(ACTOR_HOST);
    try {
      this.counters[PORT_IN]!++;
      this.owner.forward(this, address, bytes);
    } finally {
      actAs(former);
    }
  }

  /** A frame to the endpoint. The switch alone calls this. */
  emit(address: number, bytes: number): void {
    this.counters[PORT_OUT]!++;
    this.far?.deliver(address, bytes);
  }

  drop(cause: SwitchDrop): void {
    this.counters[PORT_DROPS + SWITCH_DROPS.indexOf(cause)]!++;
  }

  /** Puts another endpoint in the present one's place; learned addresses and counters stay. Gives the former. */
  exchangeEndpoint(next: Endpoint): Endpoint | null {
    const former = this.far;
    if (former === null) return null;
    former.uplink = null;
    this.far = next;
    next.uplink = this;
    return former;
  }

  /** Takes the endpoint off the network and forgets its addresses. Does nothing the second time. */
  disconnect(): void {
    if (this.far === null) return;
    this.far.uplink = null;
    this.far = null;
    this.owner.release(this);
  }

  stats(): SwitchPortStats {
    const at = (index: number): number => this.counters[index]!;
    return {
      in: at(PORT_IN),
      out: at(PORT_OUT),
      forwarded: at(PORT_FORWARDED),
      flooded: at(PORT_FLOODED),
      groupSource: at(PORT_GROUP_SOURCE),
      dropped: Object.fromEntries(
        SWITCH_DROPS.map((cause, i) => [cause, at(PORT_DROPS + i)]),
      ) as Record<SwitchDrop, number>,
    };
  }
}
