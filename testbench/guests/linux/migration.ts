import { ErrnoError } from '../../../shared/errors';
import {
  BAR_MMIO,
  INTERRUPT_MIGRATION,
  MIGRATION_ATTACHED,
  MIGRATION_DETACHED,
  MIGRATION_ERROR,
  REG_INTERRUPT_STATUS,
  REG_MIGRATION_ACK,
  REG_MIGRATION_STATUS,
} from '../../../shared/loops/layout';
import type { PciFunction } from '../../../shared/pci';

/** The Linux driver's part in a migration (section 15), and what it needs of the driver. */
interface MigratingNetdev {
  readonly pci: PciFunction;
  readonly counts: { unknownEvents: number };
  detached: boolean;
  /** Called during a detach, after the cached buffers are back on alloc and before the ack. */
  readonly beforeAck: (() => void) | null;
  /** Sends request 4, then returns the cached buffers. @throws ErrnoError of the request. */
  shutDown(): void;
  /** True while the device info is unchanged. */
  isSameHost(): boolean;
  /** Reads the host again and repeats the configuration. Changes nothing if it throws. */
  renew(): void;
}

function acknowledge(netdev: MigratingNetdev, status: number): void {
  netdev.pci.write32(BAR_MMIO, REG_MIGRATION_ACK, status);
}

/** Returns the ack: the status that was carried out, or 3 where that failed. */
function outcome(carriedOut: number, carryOut: () => void): number {
  try {
    carryOut();
    return carriedOut;
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    return MIGRATION_ERROR;
  }
}

/** Detaches. The cached buffers go back after the response to request 4 and before the ack. */
function detach(netdev: MigratingNetdev): void {
  if (netdev.detached) return;
  netdev.detached = true;
  try {
    netdev.shutDown();
  } catch (error) {
    netdev.detached = false;
    throw error;
  }
  netdev.beforeAck?.();
}

/** Attaches. A failure leaves the device detached, even after a missed detach: its rings are another host's. */
function attach(netdev: MigratingNetdev): void {
  if (!netdev.detached && netdev.isSameHost()) return;
  netdev.detached = true;
  netdev.renew();
  netdev.detached = false;
}

/** Handles the interrupt. Reading its status clears it. */
export function onInterrupt(netdev: MigratingNetdev): void {
  const bits = netdev.pci.read32(BAR_MMIO, REG_INTERRUPT_STATUS);
  if ((bits & INTERRUPT_MIGRATION) !== 0) onMigration(netdev);
  else netdev.counts.unknownEvents++;
}

/** Carries out the migration status. An unknown status is only counted, without an ack. */
export function onMigration(netdev: MigratingNetdev): void {
  const status = netdev.pci.read32(BAR_MMIO, REG_MIGRATION_STATUS);
  if (status === MIGRATION_DETACHED)
    acknowledge(
      netdev,
      outcome(status, () => detach(netdev)),
    );
  else if (status === MIGRATION_ATTACHED)
    acknowledge(
      netdev,
      outcome(status, () => attach(netdev)),
    );
  else netdev.counts.unknownEvents++;
}
