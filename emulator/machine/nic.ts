import type { Clock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import { isGroupMac, parseMac } from '../../shared/ethernet';
import type { Random } from '../../shared/random';
import { AvpDevice } from '../device/device';
import type { Endpoint } from '../network/endpoint';
import type { ResolvedNicSpec, VifModel } from './nicSpec';
import { drawMac } from './nodeMacs';
import type { PciOwner } from './pciBus';
import { avpDeviceSettings, type AvpDeviceSettings, type DeepPartial } from '../device/settings';
import type { VirtualSwitch } from '../network/switch';
import type { SwitchPort } from '../network/switchPort';
import { VirtioNic } from './virtioNic';

/** What a NIC is made from, besides its spec. */
export interface NicHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly switch: VirtualSwitch;
  readonly deviceDefaults: DeepPartial<AvpDeviceSettings>;
}

/** One NIC of an instance: a device on its bus, and the switch port that it is connected to. */
export class Nic {
  constructor(
    /** `INSTANCE.nicN`, by which its device and its end of the switch port are called. */
    readonly name: string,
    /** Number among all NICs that the instance ever had, from 0. */
    readonly index: number,
    readonly model: VifModel,
    readonly network: string,
    readonly mac: string,
    /** PCI slot, as in `0000:00:05.0`. */
    readonly slot: string,
    /** The device of an AVP NIC, null for another model. */
    readonly device: AvpDevice | null,
    /** Its host side, whatever the model. */
    readonly owner: NicOwner,
    readonly port: SwitchPort,
  ) {}
}

/** The host's side of a NIC of any model. */
export type NicOwner = Endpoint & PciOwner & { destroy(): void };

/** Joins settings; those of `over` go before, field by field, arrays as a whole. */
function joined<T extends object>(under: T, over: T): T {
  const result = { ...under } as Record<string, unknown>;
  for (const [key, value] of Object.entries(over)) {
    const former = result[key];
    const both = isPlain(value) && isPlain(former);
    if (value !== undefined) result[key] = both ? joined(former, value) : value;
  }
  return result as T;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function settingsOf(host: NicHost, spec: ResolvedNicSpec, index: number, mac: string): AvpDeviceSettings {
  const own = { ifname: `avp${index}`, deviceId: host.random.u64() | 1n };
  const asked = joined(joined<DeepPartial<AvpDeviceSettings>>(own, host.deviceDefaults), spec.settings ?? {});
  return avpDeviceSettings({ ...asked, mac });
}

function macOf(host: NicHost, spec: ResolvedNicSpec): string {
  const given = spec.mac ?? spec.settings?.mac;
  if (given === undefined) return drawMac(host.clock, host.random);
  if (!isUnicast(given))
    throw new UsageError(
      `NIC on '${spec.network}': MAC address '${given}', expected a unicast one such as fa:16:3e:00:00:01`,
    );
  return given.toLowerCase();
}

function isUnicast(text: string): boolean {
  try {
    const mac = parseMac(text);
    return !isGroupMac(mac) && mac.some((byte) => byte !== 0);
  } catch {
    return false;
  }
}

/**
 * Makes a device and connects it; it is on no bus yet.
 * @throws UsageError for settings or a VLAN out of range, ErrnoError ENOMEM; nothing is left then.
 */
export function makeNic(host: NicHost, spec: ResolvedNicSpec, instance: string, index: number, slot: number): Nic {
  const name = `${instance}.nic${index}`;
  const { clock, random } = host;
  const mac = macOf(host, spec);
  const device =
    spec.model === 'avp'
      ? new AvpDevice({ name, settings: settingsOf(host, spec, index, mac), slot, clock, random: random.fork() })
      : null;
  const owner: NicOwner = device ?? new VirtioNic({ name, slot });
  try {
    const port = host.switch.network(spec.network).connect(owner, spec.vlan === undefined ? {} : { vlan: spec.vlan });
    return new Nic(name, index, spec.model, spec.network, mac, owner.function.slot, device, owner, port);
  } catch (error) {
    owner.destroy();
    throw error;
  }
}
