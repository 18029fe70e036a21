import { UsageError } from '../../shared/errors';
import type { Endpoint, FrameSink } from './endpoint';
import { isGroup, macKey, macKeyOf } from './macAddress';
import { type AddressHolder, NOWHERE, type Network, type NetworkOwner } from './network';
import type { PortChange, SwitchPort } from './switchPort';
import type { SwitchController, VirtualSwitch } from './switch';

/** The part of a compute node that a fabric uses. */
export interface FabricNode {
  /** Name of the node. */
  readonly name: string;
  /** Virtual switch of the node, whose networks the fabric joins with those of the same name on other nodes. */
  readonly switch: VirtualSwitch;
}

/** One node's part of a network, and the port through which it reaches the other nodes. */
class Member implements Endpoint {
  uplink: FrameSink | null = null;
  readonly port: SwitchPort;

  constructor(
    readonly name: string,
    readonly network: Network,
    private readonly segment: Segment,
  ) {
    this.port = network.connect(this);
  }

  /** A switch calls `relay` instead. */
  deliver(): void {}

  relay(address: number, bytes: number, horizon: number): boolean {
    return this.segment.relay(this, address, bytes, horizon);
  }
}

/** A network on all nodes that have one of its name. */
class Segment {
  private readonly members: Member[] = [];
  /** Member where an address lives, by `macKey`. */
  private readonly locations = new Map<number, Member | typeof NOWHERE>();

  join(node: FabricNode, network: Network): void {
    const member = new Member(`${node.name}.fabric`, network, this);
    this.members.push(member);
    for (const [key, location] of this.locations) network.place(key, location === NOWHERE ? NOWHERE : member.port);
    for (const port of network.ports) if (port.mac !== null) this.changed(network, port, 'connected');
  }

  leave(network: Network): void {
    const index = this.members.findIndex((member) => member.network === network);
    const [member] = this.members.splice(index, 1);
    for (const [key, location] of [...this.locations]) if (location === member) this.withdraw(key);
    member!.port.disconnect();
  }

  changed(network: Network, port: SwitchPort, change: PortChange): void {
    const key = macKeyOf(port.mac!);
    const here = this.members.find((member) => member.network === network)!;
    if (change === 'connected') this.locate(key, here, port);
    else if (change === 'withdrawn') this.withdraw(key);
    else this.hold(key);
  }

  holderOf(key: number): AddressHolder | null {
    for (const { network } of this.members) {
      const holder = network.holder(key);
      if (holder !== null) return holder;
    }
    return null;
  }

  /** Passes a frame out of one node's network on to the node of its destination, or to every other node. */
  relay(from: Member, address: number, bytes: number, horizon: number): boolean {
    const to = from.network.learns && !isGroup(address) ? this.locations.get(macKey(address)) : undefined;
    if (to !== undefined) return to !== NOWHERE && to !== from && to.port.pass(address, bytes, horizon);
    let reached = false;
    // A member may leave while it is being served.
    for (const member of [...this.members])
      if (member !== from && member.port.pass(address, bytes, horizon)) reached = true;
    return reached;
  }

  private locate(key: number, here: Member, port: SwitchPort): void {
    this.locations.set(key, here);
    for (const member of this.members) {
      member.network.place(key, member === here ? port : member.port);
      // An endpoint that has moved may have taken further addresses along: learn them again.
      member.network.forgetLearned(member.port);
    }
  }

  private hold(key: number): void {
    this.locations.set(key, NOWHERE);
    for (const { network } of this.members) network.place(key, NOWHERE);
  }

  private withdraw(key: number): void {
    this.locations.delete(key);
    for (const { network } of this.members) network.unplace(key);
  }
}

/**
 * Joins the networks of several compute nodes: networks of one name become one. Like the
 * controller of a software-defined network, the fabric is told when a NIC is connected,
 * disconnected or on its way, and so knows where each NIC's address lives. A migration therefore
 * needs no announcement on the network. Frames to unknown and to group addresses go once to each
 * other node; no frame goes back to where it came from.
 *
 * The fabric keeps no frame: a frame arrives within the call that sent it, or is dropped and
 * counted at the port where it was sent. Frames to a NIC that is on its way are dropped as `moving`.
 */
export class Fabric implements SwitchController {
  private readonly nodes = new Map<NetworkOwner, FabricNode>();
  private readonly segments = new Map<string, Segment>();

  /**
   * @throws UsageError where the node has been joined already, to this fabric or another one, or has a NIC with the
   *   address of a NIC that is on the same network; nothing has changed then.
   */
  join(node: FabricNode): void {
    if (node.switch.controller !== null)
      throw new UsageError(`node '${node.name}' is part of a fabric already: join it once`);
    for (const { id, addresses } of node.switch.networks())
      for (const [key, { name }] of addresses) {
        const holder = this.segments.get(id)?.holderOf(key) ?? null;
        if (holder !== null)
          throw new UsageError(
            `node '${node.name}', network '${id}': '${name}' has the MAC address of '${holder.name}': give it another one`,
          );
      }
    node.switch.controller = this;
    this.nodes.set(node.switch, node);
    for (const network of node.switch.networks()) this.made(network);
  }

  made(network: Network): void {
    this.segment(network.id).join(this.nodes.get(network.owner)!, network);
  }

  holderOf(network: Network, key: number): AddressHolder | null {
    return this.segment(network.id).holderOf(key);
  }

  changed(network: Network, port: SwitchPort, change: PortChange): void {
    this.segment(network.id).changed(network, port, change);
  }

  leaving(bridge: VirtualSwitch): void {
    for (const network of bridge.networks()) this.segment(network.id).leave(network);
    this.nodes.delete(bridge);
    bridge.controller = null;
  }

  private segment(id: string): Segment {
    const known = this.segments.get(id);
    if (known !== undefined) return known;
    const made = new Segment();
    this.segments.set(id, made);
    return made;
  }
}
