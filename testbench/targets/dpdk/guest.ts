import { refusalOf, wasAttached, wasProbed } from './testpmdOutput';
import type { DpdkHost } from './host';
import { DpdkNic } from './nic';
import { DpdkPort, type PortOwner } from './port';
import { TestpmdSession, type TestpmdArguments, type SessionSettings } from './testpmdSession';
import type { HostNic } from '../host';
import type { Guest, GuestPort, Refusal, Result } from '../target';

const DATA_ROOM_BYTES = 2_176;
/**
 * Both sides are idle after a time without a change. The time depends on what may be on its way: nothing
 * known, a frame that may be lost, or an interrupt. Time in which a forwarding thread has no CPU does not count.
 */
const QUIET_MS = 5;
const LOST_FRAME_MS = 30;
const LOST_INTERRUPT_MS = 150;
const SETTLE_LIMIT_MS = 6_000;
const DEATH_LIMIT_MS = 5_000;

/** The guest with the real C driver: a testpmd for each open port, and a spare one without a port. */
export class DpdkGuest implements Guest, PortOwner {
  private readonly sessions: TestpmdSession[] = [];
  private idle: TestpmdSession | null = null;
  /** The device that a session has, or had last. */
  private readonly served = new WeakMap<TestpmdSession, HostNic>();
  /** The signature when both sides were last idle. */
  private atRest = '';
  /** Devices that the driver attached when `binds` asked. */
  private readonly bound = new Map<HostNic, Result<GuestPort>>();

  constructor(
    private readonly host: DpdkHost,
    private readonly settings: Omit<SessionSettings, 'env'>,
  ) {
    host.guestPids = () => this.sessions.map(({ pid }) => pid);
  }

  /** Finds or starts a testpmd. One that had another device is not reused, so that no state is left over. */
  private async sessionFor(nic: HostNic, args: TestpmdArguments): Promise<TestpmdSession> {
    const { idle } = this;
    this.idle = null;
    const former = idle === null ? undefined : this.served.get(idle);
    if (idle?.serves(args) === true && (former === undefined || former === nic)) {
      if (former === nic) await idle.ask(`device detach ${nic.bdf}`);
      return idle;
    }
    if (idle !== null) await this.dismiss(idle);
    const session = await TestpmdSession.start({ ...this.settings, env: this.host.tree.env }, args);
    this.sessions.push(session);
    return session;
  }

  private async dismiss(session: TestpmdSession): Promise<void> {
    this.sessions.splice(this.sessions.indexOf(session), 1);
    await session.kill();
  }

  private argumentsFor(nic: HostNic): TestpmdArguments {
    const longest = nic instanceof DpdkNic ? nic.settings.maxRxPacketBytes : 1_518;
    return { maxPacketBytes: longest, dataRoomBytes: DATA_ROOM_BYTES };
  }

  /** Attaches a device; returns the session, testpmd's output, and whether the driver took the device. */
  private async attach(
    nic: HostNic,
    args: TestpmdArguments,
  ): Promise<{ session: TestpmdSession; output: string; taken: boolean }> {
    const session = await this.sessionFor(nic, args);
    this.host.export(nic);
    const output = await session.ask(`port attach ${nic.bdf}`);
    const taken = wasAttached(output);
    if (taken) {
      this.served.set(session, nic);
      // testpmd makes every port that it attaches promiscuous.
      await session.ask('set promisc 0 off');
      (nic as DpdkNic).seesAll = false;
    } else await this.rest(session);
    await this.settle();
    return { session, output, taken };
  }

  async binds(nic: HostNic): Promise<boolean> {
    const { session, output, taken } = await this.attach(nic, this.argumentsFor(nic));
    if (taken) this.bound.set(nic, { ok: true, value: new DpdkPort(nic as DpdkNic, session, this) });
    return wasProbed(output);
  }

  async probe(nic: HostNic): Promise<Result<GuestPort>> {
    const bound = this.bound.get(nic);
    if (bound !== undefined && this.bound.delete(nic)) return bound;
    const { session, output, taken } = await this.attach(nic, this.argumentsFor(nic));
    return taken
      ? { ok: true, value: new DpdkPort(nic as DpdkNic, session, this) }
      : (refusalOf(output) satisfies Refusal);
  }

  async replaceSession(port: DpdkPort, args: TestpmdArguments): Promise<TestpmdSession> {
    const { nic } = port;
    await this.killed(port);
    const { session, output, taken } = await this.attach(nic, args);
    if (!taken) throw new Error(`the device that was taken before is refused now:\n${output}`);
    return session;
  }

  async killed({ nic, session }: DpdkPort): Promise<void> {
    await this.dismiss(session);
    await this.host.until(() => !this.host.hasGuest(nic), DEATH_LIMIT_MS);
  }

  async released({ session }: DpdkPort): Promise<void> {
    await this.rest(session);
  }

  /** Keeps the session as the spare one, for a device that the same guest probes again. */
  private async rest(session: TestpmdSession): Promise<void> {
    const { idle } = this;
    this.idle = session;
    if (idle !== null && idle !== session) await this.dismiss(idle);
  }

  /** @throws DriverCrashed where a testpmd has ended by itself. */
  check(): void {
    this.sessions.forEach((session) => session.check());
  }

  /** Everything that changes while host or guest is active. */
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

  /** Time without any change after which both sides count as idle. */
  private get patienceMs(): number {
    const shown = this.host.nics.filter(({ line }) => line !== 0);
    if (shown.some(({ interruptUnderWay }) => interruptUnderWay)) return LOST_INTERRUPT_MS;
    return shown.some(({ given, returned, paused }) => given > returned && !paused) ? LOST_FRAME_MS : QUIET_MS;
  }

  /** Real time, and the CPU time of each forwarding thread. */
  private times(): number[] {
    const lcores = this.sessions.filter(({ forwarding }) => forwarding).map(({ lcore }) => lcore.ranMs);
    return [performance.now(), ...lcores];
  }

  /** Returns once both sides are idle. A frame that has not come back by then is lost, unless its port is paused. */
  async settle(): Promise<void> {
    await this.releaseHeld();
    // Publishes what was delivered since the last round.
    this.host.step();
    this.check();
    let last = this.signature();
    // Both sides are still idle: no state has changed since the last look.
    if (last === this.atRest && this.patienceMs === QUIET_MS) return void (await this.host.until(() => true, 0));
    let since = this.times();
    await this.host.until(() => {
      this.check();
      const now = this.signature();
      const times = this.times();
      if (now !== last || times.length !== since.length) since = times;
      last = now;
      // A thread that has ended (NaN) counts as idle.
      if (!times.every((time, one) => !(time - since[one]! < this.patienceMs))) return false;
      // The host is idle if a round of its own changes nothing: for want of a CPU it may have had none since the guest
      // took a buffer, and the guest's next frame would find none.
      this.host.step();
      return this.signature() === last;
    }, SETTLE_LIMIT_MS);
    for (const nic of this.host.nics) if (!nic.paused) nic.given = nic.returned;
    this.atRest = last;
  }

  private async releaseHeld(): Promise<void> {
    for (const nic of this.host.nics.filter(({ held }) => held.length > 0)) {
      await nic.beforeHeld();
      nic.held.splice(0).forEach((deliver) => deliver());
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.sessions.splice(0).map((session) => session.kill()));
  }
}
