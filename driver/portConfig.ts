import { ErrnoError } from '../shared/errors';
import { refusal } from './context';

/** Speed of the link, which the host does not tell. */
export const LINK_SPEED_MBPS = 10_000;

/** Settings that an application asks a port for. */
export interface PortConfig {
  /** One of the two counts may be 0. Both 0 leave the choice to the driver, which takes one queue a direction. */
  readonly rxQueues: number;
  readonly txQueues: number;
  /** From 68 to max_rx_pkt_len - 18; default 1,500, or what the host allows if that is less. */
  readonly mtu?: number;
  readonly vlanStrip?: boolean;
  readonly vlanInsert?: boolean;
  /** Packets may span several mbufs. Asked for or not, a port does that where mbufs or host buffers are short. */
  readonly rxScatter?: boolean;
  /** Packets to be sent may be chains of mbufs. They may be so either way. */
  readonly txMultiSegs?: boolean;
  /** Fixed speed of the link. AVP has 10,000 alone; default: the driver's choice. */
  readonly speedMbps?: number;
}

const CONFIG_FIELDS: ReadonlySet<string> = new Set<keyof PortConfig>([
  'rxQueues',
  'txQueues',
  'mtu',
  'vlanStrip',
  'vlanInsert',
  'rxScatter',
  'txMultiSegs',
  'speedMbps',
]);

/**
 * Refuses settings that AVP lacks, which a caller would take for accepted.
 * @throws ErrnoError EINVAL.
 */
export function checkSettings(config: PortConfig): void {
  for (const field of Object.keys(config))
    if (!CONFIG_FIELDS.has(field))
      throw new ErrnoError(
        'EINVAL',
        `configure: AVP has no setting '${field}': expected ${[...CONFIG_FIELDS].join(', ')}`,
      );
  const { speedMbps = LINK_SPEED_MBPS } = config;
  if (speedMbps !== LINK_SPEED_MBPS) throw refusal('EINVAL', 'speedMbps', speedMbps, String(LINK_SPEED_MBPS));
}
