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
import type { Netdev } from './netdev';

/** The Linux driver's part in a migration (section 15). */

function acknowledge(netdev: Netdev, status: number): void {
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
function detach(netdev: Netdev): void {
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
function attach(netdev: Netdev): void {
  if (!netdev.detached && netdev.isSameHost()) return;
  netdev.detached = true;
  netdev.renew();
  netdev.detached = false;
}

/** Handles the interrupt. Reading its status clears it. */
export function onInterrupt(netdev: Netdev): void {
  const bits = netdev.pci.read32(BAR_MMIO, REG_INTERRUPT_STATUS);
  if ((bits & INTERRUPT_MIGRATION) !== 0) onMigration(netdev);
  else netdev.counts.unknownEvents++;
}

/** Carries out the migration status. An unknown status is only counted, without an ack. */
export function onMigration(netdev: Netdev): void {
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
