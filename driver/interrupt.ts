import {
  BAR_MMIO,
  INTERRUPT_MIGRATION,
  MIGRATION_ERROR,
  REG_INTERRUPT_STATUS,
  REG_MIGRATION_ACK,
} from '../shared/layout';
import { countControl, isPresent, pciOf, type PortContext } from './context';
import { CONTROL_COUNTERS_REFUSED_MIGRATIONS, CONTROL_COUNTERS_UNEXPECTED_INTERRUPTS } from './records';

/**
 * Carries out an interrupt: by the holder of the port's lock, never beside another control
 * operation. Bits other than the migration's are counted and get no ack (section 3). This
 * driver does not take part in live migrations and says so: the host then takes the guest as
 * attached (section 15).
 */
export function serveInterrupt(port: PortContext): void {
  const pci = pciOf(port);
  const status = pci.read32(BAR_MMIO, REG_INTERRUPT_STATUS);
  if (!isPresent(port)) return;
  if ((status & ~INTERRUPT_MIGRATION) !== 0 || status === 0)
    countControl(port, CONTROL_COUNTERS_UNEXPECTED_INTERRUPTS);
  if ((status & INTERRUPT_MIGRATION) === 0) return;
  countControl(port, CONTROL_COUNTERS_REFUSED_MIGRATIONS);
  pci.write32(BAR_MMIO, REG_MIGRATION_ACK, MIGRATION_ERROR);
}
