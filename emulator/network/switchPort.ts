import { actAs } from '#mem';
import { ACTOR_HOST } from '../../shared/loops/rights';
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
  /** Its destination is on its way from one node to another. */
  'moving',
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

/** What became of a port whose endpoint has an address of its own. */
export type PortChange = 'connected' | 'departed' | 'withdrawn';

/** What a port needs of the network that it belongs to. */
export interface PortOwner {
  /** True if the frame went out anywhere. */
  forward(from: SwitchPort, address: number, bytes: number, horizon: number): boolean;
  release(port: SwitchPort, change: PortChange): void;
  report(port: SwitchPort, change: PortChange): void;
}

export interface PortOptions {
  /** Address that lives here, null for none that anybody has to know of. */
  readonly mac: Uint8Array | null;
  /** The port whose counters go on here. */
  readonly former: SwitchPort | null;
}

/** Ports connected so far in this thread. */
let connections = 0;

/** One port of a virtual network; `Network.connect` makes it. */
export class SwitchPort implements FrameSink {
  /** Written by the switch alone; doubles in a typed array, so that counting allocates nothing. */
  readonly counters: Float64Array;
  readonly mac: Uint8Array | null;
  /** Which of all ports this is. */
  private readonly ordinal = ++connections;
  private far: Endpoint | null;
  /** Its endpoint left for another node, and did not arrive anywhere else so far. */
  private departed = false;

  /** @param id the port's number within its network. */
  constructor(
    private readonly owner: PortOwner,
    readonly id: number,
    readonly rule: VlanRule,
    endpoint: Endpoint,
    { mac, former }: PortOptions = { mac: null, former: null },
  ) {
    this.counters = former?.counters ?? new Float64Array(PORT_DROPS + SWITCH_DROPS.length);
    if (former !== null) former.departed = false;
    this.mac = mac;
    this.far = endpoint;
    endpoint.uplink = this;
  }

  /** What is connected here, null after `disconnect`. */
  get endpoint(): Endpoint | null {
    return this.far;
  }

  /** A frame from the endpoint. */
  deliver(address: number, bytes: number): void {
    this.pass(address, bytes, connections);
  }

  /**
   * The same; true if it went out anywhere.
   * @param horizon number of the last port that may get it: an endpoint that moves while the
   *   frame is being flooded must not get it a second time.
   */
  pass(address: number, bytes: number, horizon: number): boolean {
    const former = actAs(ACTOR_HOST);
    try {
      this.counters[PORT_IN]!++;
      return this.owner.forward(this, address, bytes, horizon);
    } finally {
      actAs(former);
    }
  }

  /** A frame to the endpoint; true if it reached one that is not only a way to others. The switch alone calls this. */
  emit(address: number, bytes: number, horizon: number): boolean {
    if (this.far === null || this.ordinal > horizon) return false;
    this.counters[PORT_OUT]!++;
    if (this.far.relay !== undefined) return this.far.relay(address, bytes, horizon);
    this.far.deliver(address, bytes);
    return true;
  }

  /** Counts a frame that goes nowhere, hence false. */
  drop(cause: SwitchDrop): false {
    this.counters[PORT_DROPS + SWITCH_DROPS.indexOf(cause)]!++;
    return false;
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
    if (this.departed) this.owner.report(this, 'withdrawn');
    this.departed = false;
    this.leave('withdrawn');
  }

  /**
   * The same for an endpoint that is to appear at another node: until then, frames for it are
   * dropped and counted. `disconnect` says that it will not.
   */
  depart(): void {
    if (this.far === null) return;
    this.departed = true;
    this.leave('departed');
  }

  private leave(change: PortChange): void {
    if (this.far === null) return;
    this.far.uplink = null;
    this.far = null;
    this.owner.release(this, change);
  }

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
