import { load8 } from '#mem';
import { allocate, release } from '../../shared/arena';
import type { Clock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import { ETHERNET_HEADER_BYTES, MAC_BYTES } from '../../shared/ethernet';
import { MAX_PACKET_BYTES } from '../../shared/layout';
import { HOST_ONLY } from '../../shared/mem/rights';
import type { Endpoint } from './endpoint';
import { MacTable, UNKNOWN_PORT } from './macTable';
import { VlanRule, type PortVlan } from './portVlan';
import { PORT_FLOODED, PORT_FORWARDED, PORT_GROUP_SOURCE, SwitchPort, type PortOwner } from './switchPort';
import { Transit, TRANSIT_SCRATCH_BYTES } from './transit';

/** Deliveries within deliveries: an endpoint that answers at once makes two. */
const MAX_DEPTH = 8;

const DEFAULT_AGEING_MS = 300_000;
const DEFAULT_MAX_MACS = 8_192;

export interface SwitchOptions {
  readonly clock: Clock;
  /** How long an address stays known after it was last seen. Default 300,000, as IEEE 802.1Q recommends. */
  readonly ageingMs?: number;
  /** Addresses that each network knows at most. Default 8,192. */
  readonly maxMacs?: number;
}

export interface ConnectOptions {
  /** Default: a trunk that carries everything. */
  readonly vlan?: PortVlan;
}

export interface NetworkStats {
  /** Addresses known now. */
  readonly macs: number;
  /** Addresses forgotten because the table was full. */
  readonly evicted: number;
  /** Addresses forgotten because they had not been seen for `ageingMs`. */
  readonly aged: number;
}

/**
 * A virtual Ethernet switch with any number of networks that know nothing of each other.
 * It keeps no frame: everything happens within `deliver` of the port that a frame comes in at.
 */
export class VirtualSwitch {
  readonly clock: Clock;
  readonly ageingMs: number;
  readonly maxMacs: number;
  private readonly byId = new Map<string, Network>();
  private readonly transits = Array.from({ length: MAX_DEPTH }, () => new Transit(0));
  private depth = 0;
  private scratch = 0;

  constructor({ clock, ageingMs = DEFAULT_AGEING_MS, maxMacs = DEFAULT_MAX_MACS }: SwitchOptions) {
    if (!(ageingMs > 0)) throw new UsageError(`ageingMs ${ageingMs}: expected more than 0 milliseconds`);
    this.clock = clock;
    this.ageingMs = ageingMs;
    this.maxMacs = maxMacs;
  }

  /** The network of that name, made when first asked for. */
  network(id: string): Network {
    const known = this.byId.get(id);
    if (known !== undefined) return known;
    const made = new Network(this, id);
    this.byId.set(id, made);
    return made;
  }

  /** All networks, in the order in which they were made. */
  networks(): Network[] {
    return [...this.byId.values()];
  }

  /** Gets the memory in which tags are put in and taken out. @throws ErrnoError ENOMEM */
  needScratch(): void {
    if (this.scratch !== 0) return;
    this.scratch = allocate(MAX_DEPTH * TRANSIT_SCRATCH_BYTES, { rights: HOST_ONLY, label: 'switch: tag scratch' });
    this.transits.forEach((transit, depth) => (transit.scratch = this.scratch + depth * TRANSIT_SCRATCH_BYTES));
  }

  /** A place for one more frame on its way, null if too many are; `leave` gives it back. */
  enter(): Transit | null {
    return this.depth < MAX_DEPTH ? this.transits[this.depth++]! : null;
  }

  leave(): void {
    this.depth--;
  }

  /** Disconnects every port and gives the memory back. */
  destroy(): void {
    for (const network of this.networks()) for (const port of network.ports) port.disconnect();
    this.byId.clear();
    if (this.scratch !== 0) release(this.scratch);
    this.scratch = 0;
  }
}

/**
 * One network: a broadcast domain for each VLAN.
 *
 * Learns source addresses per VLAN and follows an address that moves to another port. Floods
 * unknown, multicast and broadcast destinations (the reserved bridge addresses too: this switch
 * takes part in no protocol) to all other ports that carry the VLAN, never back.
 * A full table forgets the address not seen for the longest time, so that newcomers are served;
 * each network has a table of its own, so that none can push out another's addresses.
 */
export class Network implements PortOwner {
  /**
   * False makes it a hub: addresses are not learned, and all goes everywhere. For the frames of
   * a capture, which holds both ends of its conversations and is played in at one port.
   */
  learns = true;
  /** Replaced as a whole when it changes: a frame being flooded goes on with the former list. */
  private connected: readonly SwitchPort[] = [];
  private readonly portById: (SwitchPort | null)[] = [];
  private readonly table: MacTable;
  private evicted = 0;
  private aged = 0;

  constructor(
    private readonly owner: VirtualSwitch,
    readonly id: string,
  ) {
    this.table = new MacTable(owner.maxMacs);
  }

  /** The ports, in the order in which they were connected. */
  get ports(): readonly SwitchPort[] {
    return this.connected;
  }

  /** @throws UsageError where the endpoint is connected already, or a VLAN is out of range. */
  connect(endpoint: Endpoint, { vlan = { trunk: 'all' } }: ConnectOptions = {}): SwitchPort {
    if (endpoint.uplink !== null)
      throw new UsageError(`'${endpoint.name}' is connected already: disconnect it before network '${this.id}'`);
    const rule = new VlanRule(vlan);
    if (rule.access !== 0) this.owner.needScratch();
    const unused = this.portById.indexOf(null);
    const id = unused < 0 ? this.portById.length : unused;
    const port = new SwitchPort(this, id, rule, endpoint);
    this.portById[id] = port;
    this.connected = [...this.connected, port];
    return port;
  }

  /** Called by a port that was disconnected. */
  release(port: SwitchPort): void {
    this.table.forgetPort(port.id);
    this.portById[port.id] = null;
    this.connected = this.connected.filter((other) => other !== port);
  }

  /** Called by a port for each frame that comes in. */
  forward(from: SwitchPort, address: number, bytes: number): void {
    if (from.endpoint === null) return from.drop('disconnected');
    if (bytes < ETHERNET_HEADER_BYTES) return from.drop('tooShort');
    if (bytes > MAX_PACKET_BYTES) return from.drop('tooLong');
    const transit = this.owner.enter();
    if (transit === null) return from.drop('loop');
    try {
      transit.begin(address, bytes);
      if (transit.admit(from.rule)) this.route(from, transit, address);
      else from.drop('vlan');
    } finally {
      this.owner.leave();
    }
  }

  stats(): NetworkStats {
    return { macs: this.table.size, evicted: this.evicted, aged: this.aged };
  }

  private route(from: SwitchPort, transit: Transit, address: number): void {
    if (this.learns) this.learn(from, transit.vlan, address + MAC_BYTES);
    const to = isGroup(address)
      ? UNKNOWN_PORT
      : this.table.lookup(transit.vlan, macHigh(address), macLow(address));
    if (to === from.id) return from.drop('ownPort');
    const port = to === UNKNOWN_PORT ? null : this.portById[to]!;
    if (port === null) return this.flood(from, transit);
    from.counters[PORT_FORWARDED]!++;
    transit.shape(port.rule);
    port.emit(transit.outAddress, transit.outBytes);
  }

  private learn(from: SwitchPort, vlan: number, source: number): void {
    const nowMs = this.owner.clock.nowMs();
    this.aged += this.table.expire(nowMs - this.owner.ageingMs);
    if (isGroup(source)) from.counters[PORT_GROUP_SOURCE]!++;
    else if (this.table.learn(vlan, macHigh(source), macLow(source), from.id, nowMs)) this.evicted++;
  }

  private flood(from: SwitchPort, transit: Transit): void {
    const ports = this.connected;
    let reached = 0;
    for (let i = 0; i < ports.length; i++) {
      const port = ports[i]!;
      // An endpoint served before may have disconnected this one.
      if (port === from || port.endpoint === null || !port.rule.carries(transit.vlan)) continue;
      reached++;
      transit.shape(port.rule);
      port.emit(transit.outAddress, transit.outBytes);
    }
    if (reached > 0) from.counters[PORT_FLOODED]!++;
    else from.drop('noReceiver');
  }
}

/** First two bytes of a MAC address in the arena. */
function macHigh(at: number): number {
  return (load8(at) << 8) | load8(at + 1);
}

/** The other four. */
function macLow(at: number): number {
  return ((load8(at + 2) << 24) | (load8(at + 3) << 16) | (load8(at + 4) << 8) | load8(at + 5)) >>> 0;
}

function isGroup(at: number): boolean {
  return (load8(at) & 1) === 1;
}
