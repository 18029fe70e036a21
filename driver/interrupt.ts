import { BAR_MMIO, INTERRUPT_MIGRATION, REG_INTERRUPT_STATUS } from '../shared/loops/layout';
import { countControl, isPresent, pciOf, type PortContext } from './context';
import { serveMigration } from './migrate';
import { CONTROL_COUNTERS_UNEXPECTED_INTERRUPTS } from './loops/records';

/**
 * Carries out an interrupt: by the holder of the port's lock, never beside a control operation.
 * Bits other than the migration's are counted and get no ack (section 3).
 */
export function serveInterrupt(port: PortContext): void {
  if (!isPresent(port)) return;
  const status = pciOf(port).read32(BAR_MMIO, REG_INTERRUPT_STATUS);
  if (!isPresent(port)) return;
  if ((status & ~INTERRUPT_MIGRATION) !== 0 || status === 0) countControl(port, CONTROL_COUNTERS_UNEXPECTED_INTERRUPTS);
  if ((status & INTERRUPT_MIGRATION) === 0) return;
  serveMigration(port);
}
