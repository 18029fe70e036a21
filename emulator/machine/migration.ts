import type { RingEntries } from '../device/memory/bufferAudit';
import type { AvpDeviceSettings } from '../device/settings';
import type { Instance, InstanceMigration, InstanceNode } from './instance';
import {
  DEFAULT_ACK_TIMEOUT_MS,
  DEFAULT_MOVE_MS,
  timeMs,
  type MigrationEvent,
  type MigrationOptions,
  type MigrationOutcome,
  type MigrationPhase,
  type MigrationStep,
  type MigrationResult,
} from './migrationTypes';
import { MovingNic, ringEntries } from './movingNic';
import { newDeviceId } from './nicSettings';

/**
 * The live migration of one instance with all its NICs (section 15). It is advanced by the steps
 * of the two nodes and never waits by itself; `ComputeNode.migrate` makes it.
 *
 * Whatever goes wrong on the way, the instance goes back to the source and is attached there.
 */
export class Migration implements InstanceMigration {
  /** Entries on the rings of all AVP NICs when the detach event was raised. */
  readonly ringsAtDetach: RingEntries;
  private readonly events: MigrationEvent[] = [];
  private readonly nics: readonly MovingNic[];
  private readonly settings: ReadonlyMap<MovingNic, AvpDeviceSettings>;
  private readonly ackTimeoutMs: number;
  private readonly moveMs: number;
  private at: InstanceNode;
  private stage: MigrationPhase = 'detaching';
  private dueMs = 0;
  private cancelling = false;
  private stepping = false;
  /** Why the migration turned back, null as long as it heads for the destination. */
  private turnedBy: MigrationResult | null = null;
  private result: MigrationResult | null = null;

  /** Raises the detach events. @throws UsageError for options out of range; nothing has changed then. */
  constructor(
    /** The instance that migrates. */
    readonly instance: Instance,
    /** The source. */
    readonly from: InstanceNode,
    /** The destination. */
    readonly to: InstanceNode,
    private readonly options: MigrationOptions = {},
  ) {
    const { destination = {}, ackTimeoutMs = DEFAULT_ACK_TIMEOUT_MS, moveMs = DEFAULT_MOVE_MS } = options;
    this.ackTimeoutMs = timeMs('ackTimeoutMs', ackTimeoutMs, 1);
    this.moveMs = timeMs('moveMs', moveMs, 0);
    this.at = from;
    const avp = instance.nics.filter((nic) => nic.device !== null && nic.present);
    const asked = typeof destination === 'function' ? destination : () => destination;
    const settings = avp.map((nic) => nic.settingsAt(to.host, asked(nic)));
    this.nics = avp.map(
      (nic) =>
        new MovingNic(
          nic,
          () => instance.nics.includes(nic),
          (...line) => this.note(...line),
        ),
    );
    this.settings = new Map(this.nics.map((moving, index) => [moving, settings[index]!]));
    this.ringsAtDetach = ringEntries(this.nics.map(({ device }) => device));
    this.note(null, 'started', `instance '${instance.name}' from '${from.name}' to '${to.name}'`);
    for (const moving of this.nics) moving.detach();
    this.enter('detaching', this.ackTimeoutMs);
  }

  /** Present phase. */
  get phase(): MigrationPhase {
    return this.stage;
  }

  /** True once the migration has ended, with whatever outcome. */
  get done(): boolean {
    return this.stage === 'done';
  }

  /** Outcome; null while it is under way. */
  get outcome(): MigrationOutcome | null {
    return this.result?.outcome ?? null;
  }

  /** Why the migration did not complete; null while it is under way and where it did. */
  get cause(): string | null {
    return this.result === null || this.result.outcome === 'completed' ? null : this.result.cause;
  }

  /** The compute node that has the instance now. */
  get node(): InstanceNode {
    return this.at;
  }

  /** Steps so far, in order. */
  get timeline(): readonly MigrationEvent[] {
    return this.events;
  }

  /** Turns the migration back with the next step; does nothing once it is on its way back or has ended. */
  cancel(): void {
    if (!this.done && this.turnedBy === null) this.cancelling = true;
  }

  /** Goes on where the acks or the time that it waits for have come. Called by the nodes, with the host's rights. */
  step(): void {
    // A driver that waits within one of our calls lets the nodes step: this may be such a step.
    if (this.done || this.stepping) return;
    this.stepping = true;
    try {
      if (this.cancelling && this.turnedBy === null) this.turnBack('cancelled', 'it was cancelled');
      else this.advance();
    } finally {
      this.stepping = false;
    }
  }

  /** Ends the migration as failed, because its instance ends. */
  abandon(cause: string): void {
    if (!this.done) this.finish('failed', this.turnedBy === null ? cause : `${this.turnedBy.cause}; ${cause}`);
  }

  private advance(): void {
    if (this.stage === 'moving') {
      if (this.nowMs >= this.dueMs) this.arriveThere();
      return;
    }
    const waiting = this.nics.filter((moving) => moving.outcome() === null);
    const refused = this.nics.filter((moving) => moving.outcome() === 'refused');
    const late = waiting.length > 0 && this.nowMs >= this.dueMs ? waiting : [];
    for (const moving of late) this.note(moving.name, 'timed-out', `no ack in ${this.ackTimeoutMs} ms`);
    if (waiting.length > late.length && (refused.length === 0 || this.turnedBy !== null)) return;
    this.decide(refused, late);
  }

  /** Chooses the next phase once every guest has acked, or once the others' acks can't change the course. */
  private decide(refused: readonly MovingNic[], late: readonly MovingNic[]): void {
    const failed = [...refused, ...late];
    const what = this.stage === 'detaching' ? 'the detach' : 'the attach';
    const causes = [
      ...refused.map(({ name }) => `the guest refused ${what} of ${name} at '${this.at.name}'`),
      ...late.map(({ name }) => `no ack for ${what} of ${name} at '${this.at.name}' in ${this.ackTimeoutMs} ms`),
    ];
    if (this.stage === 'undoing') this.goHome();
    else if (this.stage === 'reattaching') this.finishBack(failed.length === 0 ? [] : causes);
    else if (failed.length > 0) this.turnBack(refused.length > 0 ? 'refused' : 'timed-out', causes.join('; '));
    else if (this.stage === 'detaching') this.leave();
    else this.finish('completed', `at '${this.to.name}'`);
  }

  private leave(): void {
    for (const nic of this.instance.nics) nic.depart();
    this.note(null, 'disconnected', `from '${this.at.name}'`);
    this.enter('moving', this.moveMs);
    if (this.moveMs === 0) this.arriveThere();
  }

  private arriveThere(): void {
    try {
      this.settle(this.to, (moving) => this.settings.get(moving)!);
    } catch (error) {
      this.turnBack('failed', `'${this.to.name}' can't take the instance: ${(error as Error).message}`);
      return;
    }
    for (const moving of this.remaining) {
      this.options.prepare?.(moving.device, moving.nic);
      moving.attach();
    }
    this.enter('attaching', this.ackTimeoutMs);
  }

  /** Heads back for the source; the way there depends on how far the migration got. */
  private turnBack(outcome: MigrationOutcome, cause: string): void {
    this.turnedBy = { outcome, cause };
    this.note(null, 'turned-back', cause);
    if (this.stage === 'attaching') {
      // Some guests may be attached here already; none may use these rings once they are gone.
      for (const moving of this.remaining) moving.detach();
      this.enter('undoing', this.ackTimeoutMs);
    } else if (this.stage === 'detaching') {
      for (const moving of this.remaining) moving.giveBack();
      this.enter('reattaching', this.ackTimeoutMs);
    } else this.goHome();
  }

  /** Puts the instance back at the source, from wherever it is, and attaches it there. */
  private goHome(): void {
    const { random } = this.from.host;
    for (const nic of this.instance.nics) nic.depart();
    try {
      this.settle(this.from, ({ replaced, home }) => (replaced ? { ...home, deviceId: newDeviceId(random) } : null));
    } catch (error) {
      this.strand((error as Error).message);
      return;
    }
    for (const moving of this.remaining) moving.attach();
    this.enter('reattaching', this.ackTimeoutMs);
  }

  /** Leaves the instance where it is, detached but on its networks, because not even the source can take it. */
  private strand(why: string): void {
    const causes = [`'${this.from.name}' can't take the instance back: ${why}`];
    try {
      for (const nic of this.instance.nics) nic.arrive(this.at.host);
    } catch (error) {
      causes.push((error as Error).message);
    }
    this.finishBack(causes);
  }

  /**
   * Puts the instance at a node: a new host behind each device for which `settingsOf` gives
   * settings, and every NIC on its network.
   * @throws UsageError, ErrnoError; the instance counts as still at its former node then, although
   *   some of its NICs may have moved.
   */
  private settle(at: InstanceNode, settingsOf: (moving: MovingNic) => AvpDeviceSettings | null): void {
    at.mustTake(this.instance);
    for (const moving of this.remaining) {
      const settings = settingsOf(moving);
      if (settings !== null) moving.replaceHost(settings);
    }
    for (const nic of this.instance.nics) nic.arrive(at.host);
    if (this.at !== at) at.takeOver(this.instance, this.at.release(this.instance));
    this.at = at;
    this.note(null, 'connected', `at '${at.name}'`);
  }

  private finishBack(causes: readonly string[]): void {
    const { outcome, cause } = this.turnedBy!;
    if (causes.length === 0) this.finish(outcome, cause);
    else this.finish('failed', `${cause}; and on the way back: ${causes.join('; ')}`);
  }

  private finish(outcome: MigrationOutcome, cause: string): void {
    this.result = { outcome, cause };
    this.stage = 'done';
    this.note(null, 'ended', `${outcome}: ${cause}`);
    this.instance.migrationEnded();
  }

  private get remaining(): MovingNic[] {
    return this.nics.filter(({ there }) => there);
  }

  private get nowMs(): number {
    return this.from.host.clock.nowMs();
  }

  private enter(stage: MigrationPhase, limitMs: number): void {
    this.stage = stage;
    this.dueMs = this.nowMs + limitMs;
  }

  private note(nic: string | null, step: MigrationStep, detail: string): void {
    this.events.push({ atMs: this.nowMs, nic, step, detail });
  }
}
