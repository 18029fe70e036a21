import { actAs, protect } from '#mem';
import type { Clock } from '../../shared/clock';
import { ErrnoError, UsageError } from '../../shared/errors';
import { BAR_MEMORY, MIGRATION_ATTACHED, MIGRATION_DETACHED } from '../../shared/loops/layout';
import { ACTOR_HOST, BOTH } from '../../shared/loops/rights';
import type { PciFunction } from '../../shared/pci';
import type { Random } from '../../shared/random';
import { auditBuffers, ringEntries, type BufferAudit, type RingEntries } from './memory/bufferAudit';
import type { AnswerPlan, LoggedRequest } from './control/controlChannel';
import type { ControlRequest } from './control/controlRequest';
import { changeHost, makeDevice, releaseParts, type DeviceParts } from './deviceParts';
import { portActivity, portStats, type PortStats } from './deviceStats';
import type { Endpoint, FrameSink } from '../network/endpoint';
import type { HostMemory } from './memory/hostMemory';
import { hostRound } from './hostRound';
import { planMemory } from './memory/memoryPlan';
import { overwrite, type OverwriteOptions } from './overwrite';
import { brokenCanaries, type BrokenCanary } from './memory/canaries';
import type { MigrationNote, MigrationState } from './migration/migrationState';
import { endGuest, isLive, renewAllFifos } from './control/portLife';
import {
  loadHostPortFeatures,
  loadHostPortLinkUp,
  loadHostPortPaused,
  loadHostPortRemoved,
  loadHostPortRxQueues,
  loadHostPortTxQueues,
  storeHostPortPaused,
  storeHostPortRemoved,
} from './loops/records';
import { deliverFrame, deliverFrames } from './rings';
import type { AvpDeviceSettings } from './settings';

const MAX_SLOT = 31;

export interface AvpDeviceOptions {
  /** How messages, captures and dumps call it. */
  readonly name: string;
  readonly settings: AvpDeviceSettings;
  /** PCI device number, 0 to 31. */
  readonly slot: number;
  readonly clock: Clock;
  /** For what the settings leave to chance: junk, gaps. */
  readonly random: Random;
}

/** What guest and host agreed on with request 3; zeros before. */
export interface Negotiated {
  readonly rxQueues: number;
  readonly txQueues: number;
  readonly features: number;
}

/** Runs `body` as the host, whoever called. */
function asHost<T>(body: () => T): T {
  const former = actAs(ACTOR_HOST);
  try {
    return body();
  } finally {
    actAs(former);
  }
}

/**
 * An AVP device with the host behind it: PCI function, registers, exported memory, control
 * channel, rings. It acts only when `step` or `deliver` is called.
 */
export class AvpDevice implements Endpoint {
  readonly name: string;
  /** Where packets from the guest go; without one they are dropped and counted. */
  uplink: FrameSink | null = null;
  private readonly parts: DeviceParts;
  private memory: HostMemory;
  private destroyed = false;

  /**
   * @throws UsageError for a slot that does not exist or memory that BAR 2 can't hold,
   *   ErrnoError ENOMEM where the arena has no room. Nothing is left behind then.
   */
  constructor({ name, settings, slot, clock, random }: AvpDeviceOptions) {
    if (!Number.isInteger(slot) || slot < 0 || slot > MAX_SLOT)
      throw new UsageError(`PCI device number ${slot} of ${name}: expected 0 to ${MAX_SLOT}`);
    const plan = planMemory(settings);
    this.name = name;
    const former = actAs(ACTOR_HOST);
    try {
      const { parts, host } = makeDevice({ name, slot, clock, random, settings, plan });
      this.parts = parts;
      this.memory = host;
    } finally {
      actAs(former);
    }
  }

  /** What the guest sees of it. */
  get function(): PciFunction {
    return this.parts.device.function;
  }

  /** The memory of the present host. */
  get host(): HostMemory {
    return this.memory;
  }

  get settings(): AvpDeviceSettings {
    return this.memory.settings;
  }

  /**
   * Another host takes the device over: other memory, map and info behind the same function and
   * registers (section 15). What the guest held is lost and counted; counters go on. The guest
   * learns of it from an attach event only.
   * @throws UsageError where the memory exceeds BAR 2, ErrnoError ENOMEM, ENODEV after a removal;
   *   nothing has changed then.
   */
  replaceHost(settings: AvpDeviceSettings): void {
    if (this.gone) throw new ErrnoError('ENODEV', `${this.name} is gone: expected a device that is plugged in`);
    asHost(() => (this.memory = changeHost(this.parts, settings, this.memory)));
  }

  /** A detach event: ack 0, status 1, interrupt. The guest is to shut down and to ack 1 (section 15). */
  beginDetach(): void {
    this.announce(MIGRATION_DETACHED);
  }

  /**
   * An attach event: ack 0, status 2, interrupt. After ack 1 all FIFOs are empty by then, otherwise
   * they lie as they lay. It also ends a detach that the guest did not answer in time, for it
   * serves a guest that let go and one that did not.
   */
  beginAttach(): void {
    this.announce(MIGRATION_ATTACHED);
  }

  /** An event with any status; repeated, or without giving the guest time, it is coalesced with the one before. */
  announce(status: number): void {
    if (this.gone) return;
    asHost(() => this.parts.migration.announce(this.memory, status >>> 0));
  }

  /**
   * Takes a detach back without an event: the former status, and the rings as they lie. For a guest
   * that can't have let go; where it could, `beginAttach`.
   * @returns false where ack 1 has come; nothing has changed then.
   */
  undoDetach(): boolean {
    return this.gone || asHost(() => this.parts.migration.undo(this.memory));
  }

  /** Where the device stands in a migration. */
  get migration(): MigrationState {
    return asHost(() => this.parts.migration.view);
  }

  /** Called with each thing that happens in a migration, `null` to end that. */
  onMigration(hook: ((note: MigrationNote) => void) | null): void {
    this.parts.migration.onNote = hook;
  }

  private get gone(): boolean {
    return this.destroyed || !this.function.present;
  }

  /** A frame from the switch to the guest; it gets there with the next step. */
  deliver(address: number, bytes: number): void {
    if (this.destroyed) return;
    const former = actAs(ACTOR_HOST);
    try {
      deliverFrame(this.memory.port, address, bytes);
    } finally {
      actAs(former);
    }
  }

  /** The same for several frames at once. */
  deliverTable(table: number, count: number): void {
    if (this.destroyed) return;
    const former = actAs(ACTOR_HOST);
    try {
      deliverFrames(this.memory.port, table, count);
    } finally {
      actAs(former);
    }
  }

  /** One round of the host: registers, control channel, free, tx, rx, alloc. */
  step(): void {
    if (this.destroyed) return;
    const former = actAs(ACTOR_HOST);
    try {
      const { port } = this.memory;
      if (loadHostPortRemoved(port) === 0 && loadHostPortPaused(port) === 0)
        hostRound(this.memory, this.parts, this.uplink);
    } finally {
      actAs(former);
    }
  }

  /** The host stalls: it does nothing, and what the switch delivers is dropped and counted. */
  pause(): void {
    asHost(() => storeHostPortPaused(this.memory.port, 1));
  }

  resume(): void {
    asHost(() => storeHostPortPaused(this.memory.port, 0));
  }

  /** True from a successful request 3 to request 4. */
  get configured(): boolean {
    return asHost(() => isLive(this.memory));
  }

  get linkUp(): boolean {
    return asHost(() => isLive(this.memory) && loadHostPortLinkUp(this.memory.port) !== 0);
  }

  get negotiated(): Negotiated {
    return asHost(() => {
      const { port } = this.memory;
      if (!isLive(this.memory)) return { rxQueues: 0, txQueues: 0, features: 0 };
      return {
        rxQueues: loadHostPortRxQueues(port),
        txQueues: loadHostPortTxQueues(port),
        features: loadHostPortFeatures(port),
      };
    });
  }

  get interruptMask(): number {
    return asHost(() => this.parts.device.interruptMask);
  }

  /** Migration ack, as the guest wrote it last. */
  get ack(): number {
    return asHost(() => this.parts.device.migrationAck);
  }

  get migrationStatus(): number {
    return asHost(() => this.parts.migration.status);
  }

  /** Sets it without an event; `announce` is the way to tell the guest. */
  set migrationStatus(value: number) {
    if (!this.gone) asHost(() => this.parts.migration.setStatus(this.memory, value >>> 0));
  }

  /** Raises bits of the interrupt status, whatever they mean. */
  raiseInterrupt(statusBits: number): void {
    if (!this.gone) asHost(() => this.parts.device.interrupts.raise(statusBits >>> 0));
  }

  /** The guest died without a word: registers go back, all it held is the host's, every FIFO is made anew at once. */
  guestDied(): void {
    if (this.gone) return;
    asHost(() => {
      endGuest(this.memory);
      renewAllFifos(this.memory);
      this.parts.control.dropAnswers();
      this.parts.device.reset();
      this.parts.migration.guestGone(this.memory);
    });
  }

  /** A number that changes whenever a frame has moved or a request has been taken: for who wants to rest meanwhile. */
  get activity(): number {
    const former = actAs(ACTOR_HOST);
    try {
      return portActivity(this.memory);
    } finally {
      actAs(former);
    }
  }

  stats(): PortStats {
    return asHost(() => portStats(this.memory, loadHostPortRemoved(this.memory.port) !== 0));
  }

  /** Where each packet buffer is; the sum is constant. */
  buffers(): BufferAudit {
    return asHost(() => auditBuffers(this.memory));
  }

  /** How many entries lie on tx, rx, alloc and free, all queues together. */
  ringEntries(): RingEntries {
    return asHost(() => ringEntries(this.memory));
  }

  /** Buffers round which somebody wrote where nobody may. Looks at every buffer: for tests. */
  brokenCanaries(): BrokenCanary[] {
    return asHost(() => brokenCanaries(this.memory));
  }

  /** The last requests of the guest, oldest first, and how they were answered. */
  get requests(): readonly LoggedRequest[] {
    return this.parts.control.log;
  }

  /** Has the next matching request answered otherwise: late, never, twice, with another result or entry. */
  planAnswer(plan: AnswerPlan): void {
    this.parts.control.plan(plan);
  }

  /** Called when a request has been taken and not been carried out yet. */
  onRequest(hook: ((request: ControlRequest) => void) | null): void {
    this.parts.control.onRequest = hook;
  }

  /** Called when a FIFO has been made empty, after the device was made. */
  onFifoInit(hook: HostMemory['onFifoInit']): void {
    this.memory.onFifoInit = hook;
  }

  /** Puts any entry on resp. False where it has no room. */
  putResponse(entry: bigint): boolean {
    return asHost(() => this.parts.control.respond(this.memory, entry));
  }

  /** Writes a wrong value into what the guest reads, by the names of the protocol (`overwrite.ts`). */
  overwrite(struct: string, field: string, value: bigint | number, options: OverwriteOptions = {}): void {
    asHost(() => overwrite(this.parts.device, this.memory, struct, field, value, options));
  }

  /** Vanishes: registers and BARs read as all ones, nothing has an effect any more (section 16). */
  surpriseRemove(): void {
    asHost(() => {
      const { port } = this.memory;
      if (loadHostPortRemoved(port) !== 0) return;
      endGuest(this.memory);
      storeHostPortRemoved(port, 1);
      // A guest in the middle of a burst still reads and writes; nothing it does has an effect.
      this.parts.migration.guestGone(this.memory);
      protect(this.parts.device.bar(BAR_MEMORY), this.parts.device.memoryBytes, BOTH);
      this.parts.device.remove();
    });
  }

  /** Gives all memory back; nobody may touch the device afterwards. Does nothing the second time. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    asHost(() => {
      this.memory.release();
      releaseParts(this.parts);
    });
  }
}
