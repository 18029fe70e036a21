import { actAs } from '#mem';
import { VirtualClock, type Clock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import { ACTOR_HOST } from '../../shared/mem/rights';
import type { PciDriver } from '../../shared/pci';
import { Random } from '../../shared/random';
import type { Endpoint } from '../network/endpoint';
import { Instance } from './instance';
import type { NicHost } from './nic';
import { MAX_NICS, resolveNicSpec, type NicSpec } from './nicSpec';
import type { AvpDeviceSettings, DeepPartial } from '../device/settings';
import { VirtualSwitch, type ConnectOptions } from '../network/switch';
import type { SwitchPort } from '../network/switchPort';

export interface ComputeNodeOptions {
  readonly name: string;
  /** With a `VirtualClock` the node steps, and its guests take interrupts, whenever time passes. */
  readonly clock: Clock;
  readonly seed: number;
  /** Settings of every AVP device that its NIC's spec leaves open; a MAC address here has no effect. */
  readonly deviceDefaults?: DeepPartial<AvpDeviceSettings>;
}

export interface BootOptions {
  /** Drivers that the guest has. */
  readonly drivers: readonly PciDriver[];
}

/** An endpoint that a node steps, and that it destroys at its shutdown: a player, a generator, a sink. */
export type NodeEndpoint = Endpoint & { step?(): void; destroy?(): void };

/** A number that follows from a name (FNV-1a). */
function numberOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name, 'utf8')) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return hash >>> 0;
}

/** A compute node: one virtual switch, and instances with their devices (section 18). */
export class ComputeNode {
  readonly name: string;
  readonly clock: Clock;
  readonly switch: VirtualSwitch;
  private readonly host: NicHost;
  private readonly running: Instance[] = [];
  private readonly endpoints: NodeEndpoint[] = [];
  /** What ends the clock's calls of the node's and of each instance's step. */
  private readonly leaveClock = new Map<ComputeNode | Instance, () => void>();

  constructor({ name, clock, seed, deviceDefaults = {} }: ComputeNodeOptions) {
    this.name = name;
    this.clock = clock;
    this.switch = new VirtualSwitch({ clock });
    this.host = { clock, random: new Random(seed ^ numberOf(name)), switch: this.switch, deviceDefaults };
    this.joinClock(this);
  }

  /** Instances that run, in the order in which they were booted. */
  get instances(): readonly Instance[] {
    return this.running;
  }

  /**
   * Starts an instance; NIC i is device 3 + i on its bus. Drivers are asked in their order; one
   * that refuses a device does not keep the instance from starting.
   * @param nics as in `net-id=NET[,vif-model=avp|virtio]`, or with settings; at most 16.
   * @throws UsageError for a bad spec, too many of them or a name in use, ErrnoError ENOMEM;
   * nothing has changed then.
   */
  boot(name: string, nics: readonly (string | NicSpec)[], { drivers }: BootOptions): Instance {
    if (this.running.some((other) => other.name === name))
      throw new UsageError(`instance '${name}' runs on node '${this.name}' already: choose another name`);
    if (nics.length > MAX_NICS)
      throw new UsageError(`instance '${name}' has ${nics.length} NICs: expected at most ${MAX_NICS}`);
    const specs = nics.map(resolveNicSpec);
    const instance = new Instance(name, this.host, drivers);
    this.running.push(instance);
    this.joinClock(instance);
    try {
      for (const spec of specs) instance.hotPlug(spec);
    } catch (error) {
      this.stop(instance);
      throw error;
    }
    return instance;
  }

  /** Stops an instance: its drivers remove their ports, its devices go. */
  stop(instance: Instance): void {
    instance.shutdown();
    const index = this.running.indexOf(instance);
    if (index >= 0) this.running.splice(index, 1);
    this.leaveClock.get(instance)?.();
    this.leaveClock.delete(instance);
  }

  /** Connects an endpoint to a network; it is stepped with the node and destroyed at its shutdown. */
  connect(endpoint: NodeEndpoint, network: string, options: ConnectOptions = {}): SwitchPort {
    const port = this.switch.network(network).connect(endpoint, options);
    this.endpoints.push(endpoint);
    return port;
  }

  /** The host's part of a step: players and generators send, then every device works. */
  step(): void {
    const former = actAs(ACTOR_HOST);
    try {
      for (const endpoint of [...this.endpoints]) endpoint.step?.();
      for (const instance of [...this.running]) for (const nic of [...instance.nics]) nic.device?.step();
    } finally {
      actAs(former);
    }
  }

  /** Stops every instance and gives all memory back. */
  shutdown(): void {
    for (const instance of [...this.running].reverse()) this.stop(instance);
    for (const endpoint of this.endpoints.splice(0)) endpoint.destroy?.();
    this.switch.destroy();
    this.leaveClock.get(this)?.();
    this.leaveClock.delete(this);
  }

  /** Host and guests step apart, so that a handler which waits stops neither the host nor other guests. */
  private joinClock(who: ComputeNode | Instance): void {
    if (this.clock instanceof VirtualClock) this.leaveClock.set(who, this.clock.onStep(() => who.step()));
  }
}
