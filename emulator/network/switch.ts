import { allocate, release } from '../../shared/arena';
import type { Clock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import { HOST_ONLY } from '../../shared/loops/rights';
import { Network, type NetworkOwner } from './network';
import type { PortChange, SwitchPort } from './switchPort';
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

/** Who is told what happens at the ports of a switch, and places addresses in its networks. */
export interface SwitchController {
  /** A network has been made, and has no ports yet. */
  made(network: Network): void;
  /** Of ports whose endpoint has an address of its own. */
  changed(network: Network, port: SwitchPort, change: PortChange): void;
  /** The switch is going away, its ports are still connected. */
  leaving(bridge: VirtualSwitch): void;
}

/**
 * A virtual Ethernet switch with any number of networks that know nothing of each other.
 * It keeps no frame: everything happens within `deliver` of the port that a frame comes in at.
 */
export class VirtualSwitch implements NetworkOwner {
  readonly clock: Clock;
  readonly ageingMs: number;
  readonly maxMacs: number;
  controller: SwitchController | null = null;
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
    this.controller?.made(made);
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

  /** Tells the controller, where there is one, what became of a port. */
  changed(network: Network, port: SwitchPort, change: PortChange): void {
    this.controller?.changed(network, port, change);
  }

  /** Disconnects every port and gives the memory back. */
  destroy(): void {
    this.controller?.leaving(this);
    for (const network of this.networks()) for (const port of network.ports) port.disconnect();
    this.byId.clear();
    if (this.scratch !== 0) release(this.scratch);
    this.scratch = 0;
  }
}
