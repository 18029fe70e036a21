import type { Random } from '../../shared/random';
import { avpDeviceSettings, type AvpDeviceSettings, type DeepPartial } from '../device/settings';

type Partly = DeepPartial<AvpDeviceSettings>;

/** Sources of a device's settings. The NIC's spec overrides the node's defaults, field by field. */
export interface SettingsSources {
  /** Number of the NIC within its instance. */
  readonly index: number;
  readonly mac: string;
  readonly random: Random;
  /** Defaults of the node. */
  readonly defaults: Partly;
  /** Settings in the NIC's spec. */
  readonly spec: Partly;
}

/** Merges settings; `over` overrides `under` field by field, arrays as a whole. */
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

/** Makes the settings of a device at its first host. @throws UsageError that names the setting. */
export function settingsAtBoot({ index, mac, random, defaults, spec }: SettingsSources): AvpDeviceSettings {
  const own: Partly = { ifname: `avp${index}`, deviceId: newDeviceId(random) };
  return avpDeviceSettings({ ...[defaults, spec].reduce(joined, own), mac });
}

/**
 * Makes the settings of a device at the host that it migrates to. The node's defaults and the NIC's
 * own settings hold, but the memory layout and the device id are new (section 15). `asked` overrides
 * all of these.
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

/** Draws a device id. It is never 0, which tools take for no id. */
export function newDeviceId(random: Random): bigint {
  return random.u64() | 1n;
}
