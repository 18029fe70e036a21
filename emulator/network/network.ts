import type { Clock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import { ETHERNET_HEADER_BYTES, formatMac, MAC_BYTES } from '../../shared/ethernet';
import { MAX_PACKET_BYTES } from '../../shared/loops/layout';
import type { Endpoint } from './endpoint';
import { isGroup, macHigh, macKey, macKeyOf, macLow } from './macAddress';
import { MacTable, UNKNOWN_PORT } from './macTable';
import { VlanRule, type PortVlan } from './portVlan';
import {
  PORT_FLOODED,
  PORT_FORWARDED,
  PORT_GROUP_SOURCE,
  SwitchPort,
  type PortChange,
  type PortOwner,
} from './switchPort';
import type { Transit } from './transit';

/** Options of an endpoint's connection to a network. */
export interface ConnectOptions {
  /**
   * Treatment of VLANs at the port.
   * @defaultValue { trunk: 'all' }
   */
  readonly vlan?: PortVlan;
  /**
   * Address that lives at this port, 6 bytes, for a controller to make known.
   * @defaultValue null
   */
  readonly mac?: Uint8Array | null;
  /**
   * The port that the endpoint was at before: its counters go on at the new one.
   * @defaultValue null
   */
  readonly former?: SwitchPort | null;
}

/** Counters of a network's table of addresses. */
export interface NetworkStats {
  /** Addresses known now. */
  readonly macs: number;
  /** Addresses forgotten because the table was full. */
  readonly evicted: number;
  /** Addresses forgotten because they had not been seen for `ageingMs`. */
  readonly aged: number;
}

/** The switch that a network belongs to, as the network deals with it. */
export interface NetworkOwner {
  /** Clock by which addresses age. */
  readonly clock: Clock;
  /** Time for which an address stays known after its last frame. */
  readonly ageingMs: number;
  /** Largest number of addresses that the network knows. */
  readonly maxMacs: number;
  /** Allocates the memory in which tags are put in and taken out. @throws ErrnoError ENOMEM */
  needScratch(): void;
  /** Takes a `Transit` for one more frame on its way, null if too many are; `leave` gives it back. */
  enter(): Transit | null;
  /** Takes back the `Transit` that `enter` handed out last. */
  leave(): void;
  /** Finds the place where an address lives, or will live, among all reachable networks of this name; null if none. */
  holderOf(network: Network, key: number): AddressHolder | null;
  /** Called when a port changes whose endpoint has an address of its own. */
  changed(network: Network, port: SwitchPort, change: PortChange): void;
}

/** The port at which an address lives: connected, or left for another node. */
export interface AddressHolder {
  /** The port, which has no endpoint while that is on its way. */
  readonly port: SwitchPort;
  /** The endpoint's name. */
  readonly name: string;
}

/** Place of an address that a controller knows to be on its way from one port to another. */
export const NOWHERE = null;

/**
 * One network: a broadcast domain for each VLAN.
 *
 * Learns source addresses per VLAN and follows an address that moves to another port. Floods
 * unknown, multicast and broadcast destinations (the reserved bridge addresses too: this switch
 * takes part in no protocol) to all other ports that carry the VLAN, never back.
 * A full table forgets the address not seen for the longest time, so that newcomers are served;
 * each network has a table of its own, so that none can push out another's addresses.
 *
 * Addresses that a controller has placed (`place`) take precedence over learned ones.
 */
export class Network implements PortOwner {
  /**
   * False makes the network a hub, which learns no address and floods every frame. A capture needs
   * that: it holds both ends of its conversations and is played in at one port.
   */
  learns = true;
  /** Replaced as a whole when a port comes or goes, so that a frame being flooded goes on with the former list. */
  private connected: readonly SwitchPort[] = [];
  private readonly portById: (SwitchPort | null)[] = [];
  private readonly table: MacTable;
  /** Ports of addresses as a controller has placed them, by `macKey`. Valid for all VLANs that the port carries. */
  private readonly placed = new Map<number, SwitchPort | typeof NOWHERE>();
  /**
   * Owners of addresses here, by `macKey`. An endpoint on its way to another node keeps its address until it arrives.
   */
  private readonly holders = new Map<number, AddressHolder>();
  private evicted = 0;
  private aged = 0;

  constructor(
    /** The switch that the network belongs to. */
    readonly owner: NetworkOwner,
    /** Name of the network. */
    readonly id: string,
  ) {
    this.table = new MacTable(owner.maxMacs);
  }

  /** Ports, in the order in which they were connected. */
  get ports(): readonly SwitchPort[] {
    return this.connected;
  }

  /**
   * Connects an endpoint.
   * @throws UsageError where it is connected already, a VLAN is out of range, or its address lives at another port.
   */
  connect(endpoint: Endpoint, options: ConnectOptions = {}): SwitchPort {
    const { vlan = { trunk: 'all' }, mac = null, former = null } = options;
    if (endpoint.uplink !== null)
      throw new UsageError(`'${endpoint.name}' is connected already: disconnect it before network '${this.id}'`);
    if (mac !== null) this.mustBeFree(mac, former);
    const rule = new VlanRule(vlan);
    if (rule.access !== 0) this.owner.needScratch();
    const unused = this.portById.indexOf(null);
    const id = unused < 0 ? this.portById.length : unused;
    const port = new SwitchPort(this, id, rule, endpoint, { mac, former });
    this.portById[id] = port;
    this.connected = [...this.connected, port];
    if (mac !== null) this.holders.set(macKeyOf(mac), { port, name: endpoint.name });
    this.report(port, 'connected');
    return port;
  }

  /** Takes a port off the network; called by the port when it is disconnected. */
  release(port: SwitchPort, change: PortChange): void {
    this.forgetLearned(port);
    this.portById[port.id] = null;
    this.connected = this.connected.filter((other) => other !== port);
    this.report(port, change);
  }

  /** Finds the owner of an address here; null if there is none. */
  holder(key: number): AddressHolder | null {
    return this.holders.get(key) ?? null;
  }

  /** Owners of the addresses here, by `macKey`. */
  get addresses(): ReadonlyMap<number, AddressHolder> {
    return this.holders;
  }

  /**
   * Two ports with one address can't both be reached, so the second one is refused.
   * @param mac the address, 6 bytes.
   * @param former the port that has the address before it moves, null for none.
   * @throws UsageError where the address lives at another port of a network of this name.
   */
  mustBeFree(mac: Uint8Array, former: SwitchPort | null): void {
    const holder = this.owner.holderOf(this, macKeyOf(mac));
    if (holder !== null && holder.port !== former)
      throw new UsageError(
        `network '${this.id}': MAC address ${formatMac(mac)} belongs to '${holder.name}' already: choose another one`,
      );
  }

  /** Called by a port whose endpoint has arrived elsewhere. */
  arrivedElsewhere(port: SwitchPort): void {
    this.forgetHolder(port);
  }

  private forgetHolder(port: SwitchPort): void {
    const key = port.mac === null ? -1 : macKeyOf(port.mac);
    if (this.holders.get(key)?.port === port) this.holders.delete(key);
  }

  /** Reports a change at a port, if its endpoint has an address of its own. */
  report(port: SwitchPort, change: PortChange): void {
    if (change === 'withdrawn') this.forgetHolder(port);
    if (port.mac !== null) this.owner.changed(this, port, change);
  }

  /** Fixes where an address is, whatever was or will be learned. */
  place(key: number, where: SwitchPort | typeof NOWHERE): void {
    this.placed.set(key, where);
  }

  /** Undoes `place` for an address. */
  unplace(key: number): void {
    this.placed.delete(key);
  }

  /** Forgets every address that was learned at a port. */
  forgetLearned(port: SwitchPort): void {
    this.table.forgetPort(port.id);
  }

  nowMs(): number {
    return this.owner.clock.nowMs();
  }

  /** Forwards or floods a frame that came in at a port; true if it went out anywhere. */
  forward(from: SwitchPort, address: number, bytes: number, horizon: number, nowMs: number): boolean {
    if (from.endpoint === null) return from.drop('disconnected');
    if (bytes < ETHERNET_HEADER_BYTES) return from.drop('tooShort');
    if (bytes > MAX_PACKET_BYTES) return from.drop('tooLong');
    const transit = this.owner.enter();
    if (transit === null) return from.drop('loop');
    try {
      transit.begin(address, bytes);
      if (!transit.admit(from.rule)) return from.drop('vlan');
      if (this.learns) this.learn(from, transit.vlan, address + MAC_BYTES, nowMs);
      return this.route(from, transit, address, horizon);
    } finally {
      this.owner.leave();
    }
  }

  /** Returns the counters of the table of addresses. */
  stats(): NetworkStats {
    return { macs: this.table.size, evicted: this.evicted, aged: this.aged };
  }

  private route(from: SwitchPort, transit: Transit, address: number, horizon: number): boolean {
    if (isGroup(address)) return this.flood(from, transit, horizon);
    const to = this.locate(transit.vlan, address);
    if (to === NOWHERE) return from.drop('moving');
    if (to === undefined) return this.flood(from, transit, horizon);
    if (to === from) return from.drop('ownPort');
    transit.shape(to.rule);
    if (!to.emit(transit.outAddress, transit.outBytes, horizon)) return from.drop('noReceiver');
    from.counters[PORT_FORWARDED]!++;
    return true;
  }

  /** Finds the port of a destination; undefined where it is unknown. */
  private locate(vlan: number, address: number): SwitchPort | typeof NOWHERE | undefined {
    if (!this.learns) return undefined;
    if (this.placed.size > 0) {
      const placed = this.placed.get(macKey(address));
      if (placed !== undefined && (placed === NOWHERE || placed.rule.carries(vlan))) return placed;
    }
    const learned = this.table.lookup(vlan, macHigh(address), macLow(address));
    return learned === UNKNOWN_PORT ? undefined : this.portById[learned]!;
  }

  private learn(from: SwitchPort, vlan: number, source: number, nowMs: number): void {
    this.aged += this.table.expire(nowMs - this.owner.ageingMs);
    if (isGroup(source)) from.counters[PORT_GROUP_SOURCE]!++;
    else if (this.table.learn(vlan, macHigh(source), macLow(source), from.id, nowMs)) this.evicted++;
  }

  private flood(from: SwitchPort, transit: Transit, horizon: number): boolean {
    const ports = this.connected;
    let reached = 0;
    for (let i = 0; i < ports.length; i++) {
      const port = ports[i]!;
      // An endpoint that was served before may have disconnected this port.
      if (port === from || port.endpoint === null || !port.rule.carries(transit.vlan)) continue;
      transit.shape(port.rule);
      if (port.emit(transit.outAddress, transit.outBytes, horizon)) reached++;
    }
    if (reached === 0) return from.drop('noReceiver');
    from.counters[PORT_FLOODED]!++;
    return true;
  }
}
