import { actAs, compareExchange32, loadAcquire32 } from '#mem';
import { asHost } from '../../../shared/actors';
import { REG_INTERRUPT_STATUS } from '../../../shared/loops/layout';
import { ACTOR_HOST } from '../../../shared/loops/rights';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../../shared/loops/records';
import type { AvpDevice } from '../../device/device';
import type { HostEnd } from '../transport';
import { UIO_LINE_DEPARTURES, UIO_LINE_FIRED, UIO_LINE_GUESTS, UIO_LINE_HANDLED } from './records';

/**
 * The host's end of an exported device's uio socket. It does what the hardware would: ends a guest
 * that has died, and clears the interrupt status that a guest has read, since a read of plain
 * memory clears nothing.
 */
export class HostLine implements HostEnd {
  private departures: number;
  private handled: number;
  private readonly pending: number;
  private readonly status: number;

  /**
   * @param line arena address of the `uio_line`, `ExportedFunction.line`.
   * @param leaving called when a guest has gone, before the device forgets what it wrote last.
   */
  constructor(
    private readonly line: number,
    private readonly device: AvpDevice,
    private readonly leaving: () => void = () => {},
  ) {
    const { base } = device.function;
    this.pending = base + PCI_FUNCTION_INTERRUPT_PENDING;
    this.status = device.function.barAddress(0) + REG_INTERRUPT_STATUS;
    this.departures = asHost(() => this.read(UIO_LINE_DEPARTURES));
    this.handled = asHost(() => this.read(UIO_LINE_HANDLED));
  }

  get hasGuest(): boolean {
    return asHost(() => this.read(UIO_LINE_GUESTS)) !== 0;
  }

  step(): void {
    const former = actAs(ACTOR_HOST);
    try {
      const departures = this.read(UIO_LINE_DEPARTURES);
      if (departures !== this.departures) {
        this.leaving();
        this.device.guestDied();
      }
      this.departures = departures;
      const handled = this.read(UIO_LINE_HANDLED);
      if (handled !== this.handled) this.clearStatus(handled);
      this.handled = handled;
    } finally {
      actAs(former);
    }
  }

  /**
   * Clears the interrupt status once no interrupt is on its way, since the guest has read all bits
   * then. Only this thread raises bits, so none can come between.
   */
  private clearStatus(handled: number): void {
    if (loadAcquire32(this.pending) !== 0 || this.read(UIO_LINE_FIRED) !== handled) return;
    compareExchange32(this.status, loadAcquire32(this.status), 0);
  }

  private read(field: number): number {
    return loadAcquire32(this.line + field);
  }
}
