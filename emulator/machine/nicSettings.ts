import type { Random } from '../../shared/random';
import { avpDeviceSettings, type AvpDeviceSettings, type DeepPartial } from '../device/settings';

type Partly = DeepPartial<AvpDeviceSettings>;

/** Where the settings of a device come from, the later ones before the earlier ones, field by field. */
export interface SettingsSources {
  /** Number of the NIC within its instance. */
  readonly index: number;
  readonly mac: string;
  readonly random: Random;
  /** Of the node. */
  readonly defaults: Partly;
  /** Of the NIC's spec. */
  readonly spec: Partly;
}

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

/** Settings of a device at its first host. @throws UsageError that names the setting. */
export function settingsAtBoot({ index, mac, random, defaults, spec }: SettingsSources): AvpDeviceSettings {
  const own: Partly = { ifname: `avp${index}`, deviceId: newDeviceId(random) };
  return avpDeviceSettings({ ...[defaults, spec].reduce(joined, own), mac });
}

/**
 * Settings of a device at the host that it migrates to: the node's defaults and the NIC's own, in
 * another place of memory and with another id (section 15), and over all what was asked for.
 * @throws UsageError that names the setting.
 */
export function settingsAtDestination(
  { index, mac, random, defaults, spec }: SettingsSources,
  asked: Partly,
): AvpDeviceSettings {
  const own: Partly = { ifname: `avp${index}` };
  const drawn: Partly = { deviceId: newDeviceId(random), layout: { seed: random.u32() } };
  return avpDeviceSettings({ ...[defaults, spec, drawn, asked].reduce(joined, own), mac });
}

/** Never 0: tools take that for none. */
export function newDeviceId(random: Random): bigint {
  return random.u64() | 1n;
}
