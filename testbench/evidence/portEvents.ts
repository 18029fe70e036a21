import { loadAcquire32 } from '#mem';
import { avpDriver } from '../../driver';
import type { Instance, Nic, PciBus } from '../../emulator';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../shared/loops/records';
import { DeviceWatch } from './deviceWatch';
import type { EvidenceLog } from './evidenceLog';
import { GuestTrace } from './trace/guestTrace';
import { HostTrace } from './trace/hostTrace';

/** Traces of both sides of a NIC. */
interface Sides {
  readonly host: HostTrace;
  readonly guest: GuestTrace;
}

/**
 * Logs what happens to one AVP NIC of an instance besides its traffic: hot plug, control operations of
 * the driver, requests and responses, registers, and interrupts. With a timeline it also traces the fill
 * of the rings and the flow of packets.
 */
export class PortEvents {
  private readonly watch: DeviceWatch;
  private readonly sides: Sides | null;
  /** The driver has released its port record. */
  private released = false;
  /** The NIC has been unplugged. */
  private gone = false;
  private pending = false;

  constructor(
    private readonly evidence: EvidenceLog,
    /** Name in the log, `INSTANCE/NETWORK`. */
    private readonly name: string,
    private readonly nic: Nic,
    instance: Instance,
  ) {
    const device = nic.device!;
    this.watch = new DeviceWatch(device, name, evidence.log);
    device.inspect.onRequest((request) => this.watch.request(request));
    const { trace } = evidence;
    this.sides =
      trace === null
        ? null
        : {
            host: new HostTrace(trace, device, name, () => evidence.nodeOf(instance.name)),
            guest: new GuestTrace(trace, nic.owner.function, instance.portOf(nic, avpDriver)!, name),
          };
    for (const event of instance.bus.events) this.onBus(event);
    instance.bus.onEvent((event) => this.onBus(event));
  }

  private onBus({ kind, bdf, driver, error }: PciBus['events'][number]): void {
    if (bdf !== this.nic.bdf || this.gone) return;
    const who = driver === null ? '' : ` by driver ${driver}`;
    const what = `${kind}${who} in slot ${bdf}`;
    this.evidence.log.event(driver === null ? 'host' : 'guest', this.name, what, error?.message ?? null);
    this.sides?.[driver === null ? 'host' : 'guest'].note(what, error === null ? {} : { error: error.message });
    if (kind === 'removed') {
      this.released = true;
      this.sides?.guest.end();
    }
    if (kind === 'unplugged') {
      this.gone = true;
      this.sides?.host.end();
    }
  }

  /** Runs a control operation of the driver and logs its result. @throws what the operation throws */
  operation(what: string, operation: () => void): void {
    const event = this.evidence.log.event('guest', this.name, what);
    const span = this.sides?.guest.operation(what);
    try {
      operation();
      event.result = 'success';
    } catch (error) {
      event.result = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      span?.end({ result: event.result ?? 'none' });
      // While an instance boots, nothing else calls observe.
      this.observe();
    }
  }

  /** Traces the fill of the rings. Call it after a round of the guest, before time passes. */
  observeRings(): void {
    if (!this.gone) this.sides?.host.observeRings();
  }

  /** Logs and traces changes. Call it between a round of the host and a round of the guest. */
  observe(): void {
    if (this.gone) return;
    this.watch.observe();
    const pending = loadAcquire32(this.nic.owner.function.base + PCI_FUNCTION_INTERRUPT_PENDING) !== 0;
    if (pending && !this.pending) this.watch.note('interrupt', 'pending');
    this.pending = pending;
    this.sides?.host.observe();
    this.sides?.host.observeSwitch(this.nic.port.stats().dropped);
    if (!this.released) this.sides?.guest.observe();
  }
}
