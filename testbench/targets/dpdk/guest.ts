import { refusalOf } from './answers';
import type { DpdkHost } from './host';
import { DpdkNic } from './nic';
import { DpdkPort, type PortHome } from './port';
import { DpdkSeat, type SeatArguments, type SeatSettings } from './seat';
import type { HostNic } from '../host';
import type { Guest, GuestPort, Refusal, Result } from '../target';

const DATA_ROOM_BYTES = 2_176;
/**
 * At rest after a time without a change: where nothing is known to be on its way, a frame that may
 * never come back, or an interrupt. The time that a forwarding thread has no CPU does not count.
 */
const QUIET_MS = 5;
const LOST_FRAME_MS = 30;
const LOST_INTERRUPT_MS = 150;
const SETTLE_LIMIT_MS = 6_000;
const DEATH_LIMIT_MS = 5_000;

/** The real C driver's side: a testpmd for each port that is open, and one without a port. */
export class DpdkGuest implements Guest, PortHome {
  private readonly seats: DpdkSeat[] = [];
  private idle: DpdkSeat | null = null;
  /** The device that the driver in a seat has taken, or had. */
  private readonly served = new WeakMap<DpdkSeat, HostNic>();
  /** What all looked like when both sides came to rest. */
  private atRest = '';
  /** Devices that the driver took when it was asked whether it would. */
  private readonly bound = new Map<HostNic, Result<GuestPort>>();

  constructor(
    private readonly host: DpdkHost,
    private readonly settings: Omit<SeatSettings, 'env'>,
  ) {}

  /** One that has had another device is none: what the driver left behind there is no fault at this one. */
  private async seatFor(nic: HostNic, args: SeatArguments): Promise<DpdkSeat> {
    const { idle } = this;
    this.idle = null;
    const former = idle === null ? undefined : this.served.get(idle);
    if (idle?.serves(args) === true && (former === undefined || former === nic)) {
      if (former === nic) await idle.ask(`device detach ${nic.slot}`);
      return idle;
    }
    if (idle !== null) await this.dismiss(idle);
    const seat = await DpdkSeat.start({ ...this.settings, env: this.host.tree.env }, args);
    this.seats.push(seat);
    return seat;
  }

  private async dismiss(seat: DpdkSeat): Promise<void> {
    this.seats.splice(this.seats.indexOf(seat), 1);
    await seat.kill();
  }

  private argumentsFor(nic: HostNic): SeatArguments {
    const longest = nic instanceof DpdkNic ? nic.settings.maxRxPacketBytes : 1_518;
    return { maxPacketBytes: longest, dataRoomBytes: DATA_ROOM_BYTES };
  }

  /** What the attempt to attach a device wrote, and the seat that made it. */
  private async attach(nic: HostNic, args: SeatArguments): Promise<{ seat: DpdkSeat; output: string; taken: boolean }> {
    const seat = await this.seatFor(nic, args);
    await this.host.export(nic);
    const output = await seat.ask(`port attach ${nic.slot}`);
    const taken = /is attached/.test(output);
    if (taken) this.served.set(seat, nic);
    else await this.rest(seat);
    await this.settle();
    return { seat, output, taken };
  }

  async binds(nic: HostNic): Promise<boolean> {
    const { seat, output, taken } = await this.attach(nic, this.argumentsFor(nic));
    if (taken) this.bound.set(nic, { ok: true, value: new DpdkPort(nic as DpdkNic, seat, this) });
    return /Probe PCI driver: net_avp /.test(output);
  }

  async probe(nic: HostNic): Promise<Result<GuestPort>> {
    const bound = this.bound.get(nic);
    if (bound !== undefined && this.bound.delete(nic)) return bound;
    const { seat, output, taken } = await this.attach(nic, this.argumentsFor(nic));
    return taken
      ? { ok: true, value: new DpdkPort(nic as DpdkNic, seat, this) }
      : (refusalOf(output) satisfies Refusal);
  }

  async reseat(port: DpdkPort, args: SeatArguments): Promise<DpdkSeat> {
    const { nic } = port;
    await this.dismiss(port.seat);
    await this.host.until(() => !this.host.hasGuest(nic), DEATH_LIMIT_MS);
    const { seat, output, taken } = await this.attach(nic, args);
    if (!taken) throw new Error(`the device that was taken before is refused now:\n${output}`);
    return seat;
  }

  async left({ seat }: DpdkPort): Promise<void> {
    seat.queues = { rxq: 1, txq: 1 };
    await this.rest(seat);
  }

  /** One is kept, for a device that is taken anew by the same guest. */
  private async rest(seat: DpdkSeat): Promise<void> {
    const { idle } = this;
    this.idle = seat;
    if (idle !== null && idle !== seat) await this.dismiss(idle);
  }

  /** All that changes while host or guest has something left to do. */
  private signature(): string {
    return this.host.nics
      .filter(({ line }) => line !== 0)
      .map((nic) =>
        [
          ...nic.indices(),
          nic.returned,
          nic.migrationAck,
          nic.interruptMask,
          nic.requests.length,
          nic.interruptUnderWay,
        ].join(' '),
      )
      .join('\n');
  }

  /** How long nothing may change until all are at rest. */
  private get patienceMs(): number {
    const shown = this.host.nics.filter(({ line }) => line !== 0);
    if (shown.some(({ interruptUnderWay }) => interruptUnderWay)) return LOST_INTERRUPT_MS;
    return shown.some(({ given, returned }) => given > returned) ? LOST_FRAME_MS : QUIET_MS;
  }

  /** How long everybody has had the time to do something, by each one's own clock. */
  private times(): number[] {
    const lcores = this.seats.filter(({ forwarding }) => forwarding).map(({ lcore }) => lcore?.ranMs ?? Number.NaN);
    return [performance.now(), ...lcores];
  }

  /** Returns once neither side moves any more; a frame that has not come back by then is lost. */
  async settle(): Promise<void> {
    await this.releaseHeld();
    this.seats.forEach((seat) => seat.check());
    let last = this.signature();
    // Nothing has happened since both were at rest.
    if (last === this.atRest && this.patienceMs === QUIET_MS) return void (await this.host.until(() => true, 0));
    let since = this.times();
    await this.host.until(() => {
      this.seats.forEach((seat) => seat.check());
      const now = this.signature();
      const times = this.times();
      if (now !== last || times.length !== since.length) since = times;
      last = now;
      // Whose clock is out of reach has the time that passes.
      return times.every((time, one) => !(time - since[one]! < this.patienceMs));
    }, SETTLE_LIMIT_MS);
    for (const nic of this.host.nics) nic.given = nic.returned;
    this.atRest = last;
  }

  private async releaseHeld(): Promise<void> {
    for (const nic of this.host.nics.filter(({ held }) => held.length > 0)) {
      await nic.beforeHeld();
      nic.held.splice(0).forEach((deliver) => deliver());
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.seats.splice(0).map((seat) => seat.kill()));
  }
}
