import type { ErrnoName } from '../../shared/errno';
import type { ClauseContext } from './context';

/**
 * Answers of DPDK's ethdev in a driver's place. Clauses accept them from a target that stands behind ethdev;
 * docs/ethdev.md gives the reasons.
 */

/**
 * Errnos of a control operation on a device that has vanished. rte_ethdev.h has "-EIO: if device is removed", and
 * ethdev turns every error into it where the driver tells that the device is gone.
 */
export function removedErrnos(t: ClauseContext): readonly ErrnoName[] {
  return t.behindEthdev ? ['ENODEV', 'EIO'] : ['ENODEV'];
}

/**
 * Errnos of an offload that is not among the capabilities. `rte_eth_dev_configure()` and
 * `rte_eth_dev_set_vlan_offload()` answer -EINVAL before the driver is asked.
 */
export function offloadErrnos(t: ClauseContext): readonly ErrnoName[] {
  return t.behindEthdev ? ['ENOTSUP', 'EINVAL'] : ['ENOTSUP'];
}

/**
 * Errnos of any operation that AVP lacks. Beside those of offloads: `rte_eth_dev_set_mtu()` has -EBUSY for a running
 * port, and `rte_eth_dev_vlan_filter()` -ENOSYS where VLAN filtering is off.
 */
export function lackingErrnos(t: ClauseContext): readonly ErrnoName[] {
  return t.behindEthdev ? [...offloadErrnos(t), 'EBUSY', 'ENOSYS'] : ['ENOTSUP'];
}
