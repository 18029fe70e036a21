import { loadAcquire32 } from '#mem';
import type { Nic, PciBus } from '../../emulator';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../shared/records';
import { DeviceWatch } from '../targets/deviceWatch';
import type { WireLog } from '../targets/wireLog';

/**
 * Notes down what happens to one AVP NIC of an instance besides its traffic: hot plug, the
 * driver's control operations, requests and their answers, registers, interrupts.
 */
export class PortEvents {
  private readonly watch: DeviceWatch;
  private gone = false;
  private pending = false;

  constructor(
    private readonly log: WireLog,
    /** `INSTANCE/NETWORK`. */
    private readonly name: string,
    private readonly nic: Nic,
    bus: PciBus,
  ) {
    const device = nic.device!;
    this.watch = new DeviceWatch(device, name, log);
    device.onRequest((request) => this.watch.request(request));
    for (const event of bus.events) this.onBus(event);
    bus.onEvent((event) => this.onBus(event));
  }

  private onBus({ kind, slot, driver, error }: PciBus['events'][number]): void {
    if (slot !== this.nic.slot) return;
    if (kind === 'unplugged') this.gone = true;
    const who = driver === null ? '' : ` by driver ${driver}`;
    this.log.event(driver === null ? 'host' : 'guest', this.name, `${kind}${who} in slot ${slot}`, error?.message ?? null);
  }

  /** Carries out a control operation of the driver and notes how it ended. */
  operation(what: string, operation: () => void): void {
    const event = this.log.event('guest', this.name, what);
    try {
      operation();
      event.result = 'success';
    } catch (error) {
      event.result = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  /** To be called between a round of the host and one of the guest. */
  observe(): void {
    if (this.gone) return;
    this.watch.observe();
    const pending = loadAcquire32(this.nic.owner.function.base + PCI_FUNCTION_INTERRUPT_PENDING) !== 0;
    if (pending && !this.pending) this.watch.note('interrupt', 'pending');
    this.pending = pending;
  }
}
