import { UsageError } from '../../shared/errors';
import { nearest } from '../../shared/nearest';
import type { PortVlan } from '../network/portVlan';
import type { AvpDeviceSettings, DeepPartial } from '../device/settings';

/** Kinds of virtual NIC that an instance can have. */
export const VIF_MODELS = ['avp', 'virtio'] as const;
/** Kind of a virtual NIC, as `vif-model` names it. */
export type VifModel = (typeof VIF_MODELS)[number];

/** Largest number of NICs of one instance (section 5). */
export const MAX_NICS = 16;

const EXPECTED = 'expected net-id=NET[,vif-model=avp|virtio]';

/** One network attachment of an instance. */
export interface NicSpec {
  /** Network of the node's switch. */
  readonly network: string;
  /**
   * Kind of the NIC. A cloud that is not told otherwise takes virtio too (section 18).
   * @defaultValue 'virtio'
   */
  readonly model?: VifModel;
  /**
   * Unicast MAC address as six hexadecimal pairs with colons.
   * @defaultValue one that the node draws
   */
  readonly mac?: string;
  /**
   * Treatment of VLANs at its switch port.
   * @defaultValue { trunk: 'all' }
   */
  readonly vlan?: PortVlan;
  /**
   * Settings of the device, for `avp` alone; they override the node's defaults.
   * @defaultValue those of the node
   */
  readonly settings?: DeepPartial<AvpDeviceSettings>;
}

function hint(text: string, names: readonly string[]): string {
  const near = nearest(text, names);
  return near === null ? '' : ` (did you mean '${near}'?)`;
}

/** A NIC spec with its model filled in. */
export interface ResolvedNicSpec extends NicSpec {
  /** Kind of the NIC. */
  readonly model: VifModel;
}

/**
 * Parses the argument of `--nic`: `net-id=NET[,vif-model=avp|virtio]`, keys in any order.
 * @throws UsageError that names the text and what was expected.
 */
export function parseNicSpec(text: string): ResolvedNicSpec {
  const refuse = (why: string): never => {
    // Replace control characters, so that the message stays one line.
    throw new UsageError(`NIC '${text}': ${why}; ${EXPECTED}`.replace(/\p{Cc}/gu, '?'));
  };
  if (text.trim() === '') refuse('it is empty');
  const values = new Map<string, string>();
  for (const part of text.split(',')) {
    const [key = '', ...rest] = part.split('=');
    if (rest.length === 0) refuse(`'${part}' is no KEY=VALUE`);
    if (key !== 'net-id' && key !== 'vif-model') refuse(`unknown key '${key}'${hint(key, ['net-id', 'vif-model'])}`);
    if (values.has(key)) refuse(`${key} comes twice`);
    values.set(key, rest.join('='));
  }
  const network = values.get('net-id') ?? refuse('net-id is missing');
  if (network === '') refuse('net-id is empty');
  const named = values.get('vif-model') ?? 'virtio';
  const model =
    VIF_MODELS.find((known) => known === named) ?? refuse(`unknown vif-model '${named}'${hint(named, VIF_MODELS)}`);
  return { network, model };
}

/** Parses a spec's text and fills in its model. @throws UsageError for an invalid spec. */
export function resolveNicSpec(spec: string | NicSpec): ResolvedNicSpec {
  if (typeof spec === 'string') return parseNicSpec(spec);
  const { network, model = 'virtio', settings } = spec;
  if (network === '') throw new UsageError('NIC without a network: expected the name of one');
  if (!VIF_MODELS.includes(model))
    throw new UsageError(`NIC on '${network}': unknown model '${String(model)}', expected avp or virtio`);
  if (model !== 'avp' && settings !== undefined)
    throw new UsageError(`NIC on '${network}': settings are for the model avp, and this one is ${model}`);
  return { ...spec, model };
}
