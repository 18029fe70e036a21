import type { Clock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import { parseMac } from '../../shared/ethernet';
import type { Random } from '../../shared/random';
import { AvpDevice } from '../device/device';
import type { Endpoint } from '../network/endpoint';
import { settingsAtBoot, settingsAtDestination } from './nicSettings';
import type { ResolvedNicSpec, VifModel } from './nicSpec';
import { drawMac, takeMac } from './nodeMacs';
import type { PciOwner } from './pciBus';
import type { AvpDeviceSettings, DeepPartial } from '../device/settings';
import { isUnicast } from '../device/settings/schema';
import { macKeyOf } from '../network/macAddress';
import type { ConnectOptions } from '../network/network';
import type { VirtualSwitch } from '../network/switch';
import type { SwitchPort } from '../network/switchPort';
import { VirtioNic } from './virtioNic';

/** The parts of a compute node with which NICs are made. */
export interface NicHost {
  /** Clock of the devices. */
  readonly clock: Clock;
  /** Source of everything that the node draws. */
  readonly random: Random;
  /** Virtual switch to which the NICs are connected. */
  readonly switch: VirtualSwitch;
  /** Settings of AVP devices that a NIC's spec leaves open. */
  readonly deviceDefaults: DeepPartial<AvpDeviceSettings>;
}

/** One NIC of an instance: a device on its bus, and the switch port that it is connected to. */
export class Nic {
  /** Endpoint at the switch port: the device, or a tap before it, which goes along to another node. */
  private far: Endpoint | null;

  constructor(
    /** `INSTANCE.nicN`, also the name of its device and of its end of the switch port. */
    readonly name: string,
    /** Number among all NICs that the instance ever had, counted from 0. */
    readonly index: number,
    private readonly spec: ResolvedNicSpec,
    /** MAC address in lower case, as in `fa:16:3e:00:00:01`. */
    readonly mac: string,
    /** PCI address, as in `0000:00:05.0`. */
    readonly bdf: string,
    /** The device of an AVP NIC, null for another model. */
    readonly device: AvpDevice | null,
    /** Host side of a NIC of any model. */
    readonly owner: NicOwner,
    private at: SwitchPort,
  ) {
    this.far = owner;
  }

  /** Kind of the NIC. */
  get model(): VifModel {
    return this.spec.model;
  }

  /** Name of the network. */
  get network(): string {
    return this.spec.network;
  }

  /** Port on the switch of the present node; the counters go on from one node's port to the next one's. */
  get port(): SwitchPort {
    return this.at;
  }

  /** False after a surprise removal. */
  get present(): boolean {
    return this.owner.function.present;
  }

  /** True for a NIC of a network whose address is this `macKey`, unless it has vanished. */
  isAt(network: string, key: number): boolean {
    return this.present && this.network === network && macKeyOf(parseMac(this.mac)) === key;
  }

  /** Draws settings for the device at another host; `asked` goes before everything else. @throws UsageError */
  settingsAt({ random, deviceDefaults }: NicHost, asked: DeepPartial<AvpDeviceSettings>): AvpDeviceSettings {
    const { index, mac, spec } = this;
    return settingsAtDestination({ index, mac, random, defaults: deviceDefaults, spec: spec.settings ?? {} }, asked);
  }

  /** Leaves the node's switch for another one's. Until `arrive`, the switch drops frames for this NIC. */
  depart(): void {
    if (this.at.endpoint === null) return;
    this.far = this.at.endpoint;
    this.at.depart();
  }

  /** @throws UsageError where another NIC on this one's network at that node has its address. */
  mustBeAlone(host: NicHost): void {
    if (this.present) host.switch.knownNetwork(this.network)?.mustBeFree(parseMac(this.mac), this.at);
  }

  /** Connects to the switch of a node, unless the NIC has vanished. @throws ErrnoError ENOMEM */
  arrive(host: NicHost): void {
    if (this.far === null || !this.present || this.at.endpoint !== null) return;
    this.at = host.switch.network(this.network).connect(this.far, connection(this.spec, this.mac, this.at));
  }
}

function connection({ vlan }: ResolvedNicSpec, mac: string, former: SwitchPort | null): ConnectOptions {
  return { ...(vlan === undefined ? {} : { vlan }), mac: parseMac(mac), former };
}

/** The host's side of a NIC of any model. */
export interface NicOwner extends Endpoint, PciOwner {
  /** Frees the memory; nobody may touch the function afterwards. Further calls do nothing. */
  destroy(): void;
}

function macOf(host: NicHost, spec: ResolvedNicSpec): string {
  const given = spec.mac ?? spec.settings?.mac;
  if (given === undefined) return drawMac(host.clock, host.random);
  if (!isUnicast(given))
    throw new UsageError(
      `NIC on '${spec.network}': MAC address '${given}', expected a unicast one such as fa:16:3e:00:00:01`,
    );
  takeMac(host.clock, given.toLowerCase());
  return given.toLowerCase();
}

/**
 * Makes a device and connects it; it is on no bus yet.
 * @throws UsageError for settings or a VLAN out of range, or an address in use on the network, ErrnoError ENOMEM; nothing
 *   is left then.
 */
export function makeNic(
  host: NicHost,
  spec: ResolvedNicSpec,
  instance: string,
  index: number,
  deviceNumber: number,
): Nic {
  const name = `${instance}.nic${index}`;
  const { clock, random } = host;
  const mac = macOf(host, spec);
  const settings = { index, mac, random, defaults: host.deviceDefaults, spec: spec.settings ?? {} };
  const device =
    spec.model === 'avp'
      ? new AvpDevice({ name, settings: settingsAtBoot(settings), deviceNumber, clock, random: random.fork() })
      : null;
  const owner: NicOwner = device ?? new VirtioNic({ name, deviceNumber });
  try {
    const port = host.switch.network(spec.network).connect(owner, connection(spec, mac, null));
    return new Nic(name, index, spec, mac, owner.function.bdf, device, owner, port);
  } catch (error) {
    owner.destroy();
    throw error;
  }
}
