import { UsageError } from '../../shared/errors';

/** Highest VLAN that frames can be put in; 4,095 is reserved by IEEE 802.1Q. */
const MAX_VLAN = 4_094;

/**
 * Treatment of VLANs at a port of a virtual switch.
 *
 * - `access`: the endpoint sends and receives untagged frames, which belong to this VLAN (1 to
 *   4,094) inside the switch. A frame that comes in with another VLAN's tag is dropped. A priority
 *   tag (VLAN 0) counts as no tag, but its priority is kept.
 * - `trunk`: frames of the VLANs in the list pass with their tags. 0 in the list stands for
 *   untagged and priority-tagged frames. `all` carries everything.
 */
export type PortVlan =
  | {
      /** VLAN of the endpoint's frames, 1 to 4,094. */
      readonly access: number;
    }
  | {
      /** VLANs whose frames pass, each 0 to 4,094; `all` for every VLAN. */
      readonly trunk: readonly number[] | 'all';
    };

/** The VLAN rule of a port, checked and prepared for a look-up per frame. */
export class VlanRule {
  /** VLAN of an access port, 0 for a trunk. */
  readonly access: number;
  /** By VLAN, 1 where a trunk carries it; null where a trunk carries all. */
  private readonly carried: Uint8Array | null;

  /** @throws UsageError for a VLAN outside 1 to 4,094 (0 to 4,094 on a trunk). */
  constructor(vlan: PortVlan) {
    this.access = 'access' in vlan ? checkVlan(vlan.access, 1) : 0;
    this.carried = 'trunk' in vlan && vlan.trunk !== 'all' ? new Uint8Array(MAX_VLAN + 2) : null;
    if ('trunk' in vlan && vlan.trunk !== 'all') for (const id of vlan.trunk) this.carried![checkVlan(id, 0)] = 1;
  }

  /** Whether the port carries frames of a VLAN; 0 stands for untagged frames. */
  carries(vlan: number): boolean {
    if (this.access !== 0) return vlan === this.access;
    return this.carried === null || this.carried[vlan] === 1;
  }
}

function checkVlan(id: number, least: number): number {
  if (!Number.isInteger(id) || id < least || id > MAX_VLAN)
    throw new UsageError(`VLAN ${id} on a switch port: expected ${least} to ${MAX_VLAN}`);
  return id;
}
