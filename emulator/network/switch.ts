import { allocate, release } from '../../shared/arena';
import type { Clock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import { HOST_ONLY } from '../../shared/loops/rights';
import { type AddressHolder, Network, type NetworkOwner } from './network';
import type { PortChange, SwitchPort } from './switchPort';
import { Transit, TRANSIT_SCRATCH_BYTES } from './transit';

/** Limit of nested deliveries. An endpoint that answers within a delivery makes two. */
const MAX_DEPTH = 8;

const DEFAULT_AGEING_MS = 300_000;
const DEFAULT_MAX_MACS = 8_192;

/** Limits and surroundings of a virtual switch. */
export interface SwitchOptions {
  /** Clock by which addresses age. */
  readonly clock: Clock;
  /**
   * Time for which an address stays known after its last frame.
   * @defaultValue 300_000, as IEEE 802.1Q recommends
   * @range above 0
   */
  readonly ageingMs?: number;
  /**
   * Largest number of addresses that each network knows.
   * @defaultValue 8_192
   * @range 1 or more
   * @unit addresses
   */
  readonly maxMacs?: number;
  /**
   * Finds the owner of an address (a `macKey`) that is on its way to a network of the switch.
   * @defaultValue nobody does
   */
  readonly awaited?: (network: string, key: number) => AddressHolder | null;
}

/** Observes the ports of a switch, and may place addresses in its networks. */
export interface SwitchController {
  /** Called when a network has been made, before it has ports. */
  made(network: Network): void;
  /** Called when a port whose endpoint has an address of its own changes. */
  changed(network: Network, port: SwitchPort, change: PortChange): void;
  /** Finds the place of an address among all networks of a name; null if none knows it. */
  holderOf(network: Network, key: number): AddressHolder | null;
  /** Called when the switch is about to be destroyed, while its ports are still connected. */
  leaving(bridge: VirtualSwitch): void;
}

/**
 * A virtual Ethernet switch with any number of networks, which are isolated from each other.
 * It queues nothing: a frame arrives within the `deliver` call of the port that it came in at.
 */
export class VirtualSwitch implements NetworkOwner {
  readonly clock: Clock;
  readonly ageingMs: number;
  readonly maxMacs: number;
  /** Observer of the ports, which may place addresses; null for none. A fabric sets itself. */
  controller: SwitchController | null = null;
  private readonly byId = new Map<string, Network>();
  private readonly transits = Array.from({ length: MAX_DEPTH }, () => new Transit(0));
  private depth = 0;
  private scratch = 0;
  private readonly awaited: NonNullable<SwitchOptions['awaited']>;

  constructor(options: SwitchOptions) {
    const { clock, ageingMs = DEFAULT_AGEING_MS, maxMacs = DEFAULT_MAX_MACS, awaited = () => null } = options;
    if (!(ageingMs > 0)) throw new UsageError(`ageingMs ${ageingMs}: expected more than 0 milliseconds`);
    this.clock = clock;
    this.ageingMs = ageingMs;
    this.maxMacs = maxMacs;
    this.awaited = awaited;
  }

  /** Returns the network of a name. The first call makes it. */
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

  /** Allocates the memory in which tags are put in and taken out. @throws ErrnoError ENOMEM */
  needScratch(): void {
    if (this.scratch !== 0) return;
    this.scratch = allocate(MAX_DEPTH * TRANSIT_SCRATCH_BYTES, { rights: HOST_ONLY, label: 'switch: tag scratch' });
    this.transits.forEach((transit, depth) => (transit.scratch = this.scratch + depth * TRANSIT_SCRATCH_BYTES));
  }

  /** Takes a `Transit` for one more frame on its way, null if too many are; `leave` gives it back. */
  enter(): Transit | null {
    return this.depth < MAX_DEPTH ? this.transits[this.depth++]! : null;
  }

  leave(): void {
    this.depth--;
  }

  holderOf(network: Network, key: number): AddressHolder | null {
    const present = this.controller === null ? network.holder(key) : this.controller.holderOf(network, key);
    return present ?? this.awaited(network.id, key);
  }

  /** The network of a name, undefined where there is none yet. */
  knownNetwork(id: string): Network | undefined {
    return this.byId.get(id);
  }

  /** Tells the controller, if there is one, about a change at a port. */
  changed(network: Network, port: SwitchPort, change: PortChange): void {
    this.controller?.changed(network, port, change);
  }

  /** Disconnects every port and frees the memory. */
  destroy(): void {
    this.controller?.leaving(this);
    for (const network of this.networks()) for (const port of network.ports) port.disconnect();
    this.byId.clear();
    if (this.scratch !== 0) release(this.scratch);
    this.scratch = 0;
  }
}
