import { ErrnoError } from '../shared/errors';
import { refusal } from './context';

/** Speed of the link, which the host does not tell. */
export const LINK_SPEED_MBPS = 10_000;

/** Settings that an application asks a port for. */
export interface PortConfig {
  /**
   * Receive queues. One of the two counts may be 0. Both 0 leave the choice to the driver, which takes one queue a
   * direction.
   * @range 0 to 8, and at most `PortInfo.maxRxQueues`
   * @unit queues
   */
  readonly rxQueues: number;
  /**
   * Transmit queues.
   * @range 0 to 8, and at most `PortInfo.maxTxQueues`
   * @unit queues
   */
  readonly txQueues: number;
  /**
   * MTU (section 14).
   * @defaultValue 1,500, or what the host allows if that is less
   * @range 68 to max_rx_pkt_len - 18
   * @unit bytes
   */
  readonly mtu?: number;
  /**
   * Take the VLAN tag out of received frames (section 12).
   * @defaultValue false
   */
  readonly vlanStrip?: boolean;
  /**
   * Insert the VLAN tag that an mbuf asks for (section 12).
   * @defaultValue false
   */
  readonly vlanInsert?: boolean;
  /**
   * Packets may span several mbufs. Asked for or not, a port does that where mbufs or host buffers are short.
   * @defaultValue false
   */
  readonly rxScatter?: boolean;
  /**
   * Packets to be sent may be chains of mbufs. They may be so either way.
   * @defaultValue false
   */
  readonly txMultiSegs?: boolean;
  /**
   * Fixed speed of the link, in Mbit/s. AVP has no other.
   * @defaultValue 10_000
   * @range 10,000
   * @unit Mbit/s
   */
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
