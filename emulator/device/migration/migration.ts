import { countUp } from '../../../shared/loops/counter';
import type { Clock } from '../../../shared/clock';
import { Errno } from '../../../shared/errno';
import { fifoFilled } from '../../../shared/loops/fifo';
import {
  INTERRUPT_MIGRATION,
  MIGRATION_ATTACHED,
  MIGRATION_DETACHED,
  MIGRATION_ERROR,
  MIGRATION_NONE,
  REQ_CONFIG,
  REQ_SHUTDOWN,
} from '../../../shared/loops/layout';
import type { ControlRequest } from '../control/controlRequest';
import type { DeviceFunction } from '../pci/deviceFunction';
import type { HostMemory } from '../memory/hostMemory';
import type { MigrationNote, MigrationState } from './migrationState';
import { Patience } from './patience';
import { carryOut, endGuest, isLive, loseAll, renewAllFifos, undoShutdown } from '../control/portLife';
import {
  HOST_PORT_REQ,
  loadHostDeviceAckDue,
  loadHostDeviceAcked,
  loadHostDeviceAckSeen,
  loadHostDeviceAnswered,
  loadHostDeviceDetaching,
  loadHostDeviceFormerStatus,
  loadHostDeviceReleased,
  loadHostDeviceStatus,
  loadHostPortDetached,
  loadHostPortLive,
  loadHostPortShutdown,
  loadHostPortShutdownLive,
  PORT_COUNTERS_MIGRATION_ACKS,
  PORT_COUNTERS_MIGRATION_ACKS_UNEXPECTED,
  PORT_COUNTERS_MIGRATION_EVENTS,
  PORT_COUNTERS_MIGRATION_RELEASED,
  PORT_COUNTERS_MIGRATION_SHUTDOWNS,
  PORT_COUNTERS_MIGRATION_UNDONE,
  RINGS_GRANTED,
  RINGS_HEADERS,
  RINGS_WITHDRAWN,
  storeHostDeviceAckDue,
  storeHostDeviceAcked,
  storeHostDeviceAckSeen,
  storeHostDeviceAnswered,
  storeHostDeviceDetaching,
  storeHostDeviceFormerStatus,
  storeHostDeviceReleased,
  storeHostDeviceStatus,
  storeHostPortDetached,
} from '../loops/records';

const BUSY = -Errno.EBUSY;

/** What of a port goes from a host that is left to the next one. */
interface Leaving {
  readonly ringRights: number;
  /** The guest of a port that was live is off. */
  readonly away: boolean;
}

/**
 * The host's part of section 15 for one device: events, acks, and what they do to the rings. It
 * outlives the hosts; each call says which one is behind the device. Its state is `host_device`.
 */
export class DeviceMigration {
  /** Told of each thing that happens. */
  onNote: ((note: MigrationNote) => void) | null = null;
  private readonly state: number;
  private readonly patience: Patience;

  constructor(
    private readonly device: DeviceFunction,
    private readonly counters: number,
    clock: Clock,
  ) {
    this.state = device.state;
    this.patience = new Patience(clock);
  }

  get status(): number {
    return loadHostDeviceStatus(this.state);
  }

  /** From a detach event until an attach event, or until the detach is taken back. */
  get detaching(): boolean {
    return loadHostDeviceDetaching(this.state) !== 0;
  }

  get view(): MigrationState {
    return {
      status: this.status,
      ack: this.device.migrationAck,
      shutdown: this.detaching && loadHostDeviceAnswered(this.state) !== 0,
      released: this.detaching && loadHostDeviceReleased(this.state) !== 0,
      bound: this.device.interruptMask !== 0,
    };
  }

  /** An event: ack 0, the status, the interrupt. What the guest had written before is looked at first. */
  announce(host: HostMemory, status: number): void {
    const ack = this.device.takeMigrationAck();
    if (ack !== 0 && ack !== loadHostDeviceAckSeen(this.state)) this.handle(host, ack);
    storeHostDeviceAckSeen(this.state, 0);
    this.setStatus(host, status);
    storeHostDeviceAckDue(this.state, 1);
    this.count(PORT_COUNTERS_MIGRATION_EVENTS);
    this.note('announced', status);
    this.device.interrupts.raise(INTERRUPT_MIGRATION);
  }

  /** Another status, without an event: FIFOs and rights become what they are to be under it. */
  setStatus(host: HostMemory, status: number): void {
    if (status === MIGRATION_DETACHED) this.startDetach(host);
    else if (status === MIGRATION_ATTACHED || status === MIGRATION_NONE) this.endDetach(host);
    this.showStatus(status);
  }

  private showStatus(status: number): void {
    storeHostDeviceStatus(this.state, status);
    this.device.migrationStatus = status;
  }

  private startDetach(host: HostMemory): void {
    if (this.detaching) return;
    const { port } = host;
    const nobody = this.device.interruptMask === 0 && !isLive(host) && loadHostPortShutdown(port) === 0;
    storeHostDeviceFormerStatus(this.state, this.status);
    storeHostDeviceDetaching(this.state, 1);
    storeHostDeviceAnswered(this.state, 0);
    storeHostDeviceAcked(this.state, 0);
    storeHostDeviceReleased(this.state, nobody ? 1 : 0);
    this.patience.looks();
    if (fifoFilled(port + HOST_PORT_REQ) === 0) this.patience.foundEmpty();
    else this.patience.foundSomething();
  }

  /** After ack 1 all FIFOs are made anew; otherwise they lie as they lay. */
  private endDetach(host: HostMemory): void {
    if (this.detaching && loadHostDeviceAcked(this.state) !== 0) {
      renewAllFifos(host);
      this.note('renewed', 0);
    }
    if (host.ringRights === RINGS_WITHDRAWN) host.ringRights = RINGS_HEADERS;
    storeHostDeviceDetaching(this.state, 0);
  }

  /**
   * Takes a detach back without an event. False where the guest has let go already, so that it
   * needs an attach event; nothing has changed then.
   */
  undo(host: HostMemory): boolean {
    this.look(host);
    if (!this.detaching) return true;
    if (loadHostDeviceAcked(this.state) !== 0) return false;
    this.goBack(host);
    return true;
  }

  private goBack(host: HostMemory): void {
    this.resume(host);
    host.ringRights = RINGS_GRANTED;
    storeHostDeviceDetaching(this.state, 0);
    storeHostDeviceAckDue(this.state, 0);
    this.showStatus(loadHostDeviceFormerStatus(this.state));
    this.count(PORT_COUNTERS_MIGRATION_UNDONE);
    this.note('undone', this.status);
  }

  private resume(host: HostMemory): void {
    if (undoShutdown(host)) this.note('resumed', 0);
  }

  /** Looks at the ack register. */
  look(host: HostMemory): void {
    const ack = this.device.migrationAck;
    if (ack === loadHostDeviceAckSeen(this.state)) return;
    storeHostDeviceAckSeen(this.state, ack);
    if (ack !== 0) this.handle(host, ack);
  }

  private handle(host: HostMemory, ack: number): void {
    if (!this.fits(ack)) {
      this.count(PORT_COUNTERS_MIGRATION_ACKS_UNEXPECTED);
      this.note('unexpected-ack', ack);
      // A guest that says so late has not let go: it counts on its rings.
      if (ack === MIGRATION_ERROR && !this.detaching) this.resume(host);
      return;
    }
    storeHostDeviceAckDue(this.state, 0);
    this.count(PORT_COUNTERS_MIGRATION_ACKS);
    this.note('acked', ack);
    if (ack === MIGRATION_DETACHED) this.release(host);
    else if (this.status === MIGRATION_DETACHED) this.goBack(host);
    // Without a request 3 since its shutdown the guest goes on with what it had.
    else if (this.status === MIGRATION_ATTACHED) this.resume(host);
  }

  /** Whether an ack is one that the present event asks for. A probe acks 1 unasked (section 14). */
  private fits(ack: number): boolean {
    if (ack === MIGRATION_DETACHED) return this.detaching;
    const asked = loadHostDeviceAckDue(this.state) !== 0;
    if (ack === MIGRATION_ATTACHED) return asked && this.status === MIGRATION_ATTACHED;
    if (ack !== MIGRATION_ERROR || !asked) return false;
    return this.status !== MIGRATION_DETACHED || loadHostDeviceAcked(this.state) === 0;
  }

  /** Ack 1: whatever the guest held is the host's. */
  private release(host: HostMemory): void {
    if (loadHostDeviceAcked(this.state) !== 0) return;
    const { port } = host;
    if (loadHostPortLive(port) !== 0) storeHostPortDetached(port, 1);
    loseAll(host);
    host.ringRights = RINGS_WITHDRAWN;
    storeHostDeviceAcked(this.state, 1);
    storeHostDeviceReleased(this.state, 1);
    this.count(PORT_COUNTERS_MIGRATION_RELEASED);
    this.note('released', 0);
  }

  /** Carries a request out; a guest that has shut down under this detach gets no config before the attach event. */
  carryOut(host: HostMemory, request: ControlRequest, mask: number): number {
    // Acks and requests are looked at in the order in which a guest writes them, but a shutdown that
    // it gave up waiting for comes before the ack that says so.
    if (request.reqId !== REQ_SHUTDOWN) this.look(host);
    if (request.reqId === REQ_CONFIG && this.hasLetGo(host)) return BUSY;
    // What was given back can't be shut down any more.
    if (request.reqId === REQ_SHUTDOWN && mask !== 0 && this.detaching && loadHostDeviceAcked(this.state) !== 0)
      return 0;
    if (request.reqId === REQ_SHUTDOWN) this.patience.asked();
    const before = loadHostPortShutdown(host.port);
    const result = carryOut(host, request, mask);
    if (result !== 0) return result;
    if (request.reqId === REQ_CONFIG) this.configured();
    else if (request.reqId === REQ_SHUTDOWN) this.shutDown(host, before, mask);
    return result;
  }

  private hasLetGo(host: HostMemory): boolean {
    return this.detaching && (loadHostPortShutdown(host.port) !== 0 || loadHostDeviceAcked(this.state) !== 0);
  }

  private configured(): void {
    storeHostDeviceReleased(this.state, 0);
    this.note('configured', 0);
  }

  private shutDown(host: HostMemory, before: number, mask: number): void {
    const { port } = host;
    if (mask === 0) return this.closed();
    if (before !== 0 || loadHostPortShutdown(port) === 0) return;
    if (this.detaching && loadHostPortShutdownLive(port) !== 0) storeHostPortDetached(port, 1);
    this.count(PORT_COUNTERS_MIGRATION_SHUTDOWNS);
    this.note('shutdown', 0);
  }

  private closed(): void {
    if (!this.detaching) return;
    storeHostDeviceReleased(this.state, 1);
    this.note('closed', 0);
  }

  /**
   * A request is about to be answered with success: rights to the rings end, or come back, before the guest knows.
   * A guest that may have given up waiting goes on with its rings and acks 3: its rights end with an ack 1 only.
   */
  answering(host: HostMemory, reqId: number): void {
    if (reqId === REQ_CONFIG && isLive(host)) host.ringRights = RINGS_GRANTED;
    if (reqId !== REQ_SHUTDOWN) return;
    this.look(host);
    if (!this.detaching || loadHostPortShutdown(host.port) === 0 || loadHostDeviceAnswered(this.state) !== 0) return;
    storeHostDeviceAnswered(this.state, 1);
    if (this.patience.surelyWaits) host.ringRights = RINGS_WITHDRAWN;
    this.note('answered', 0);
  }

  /** Before the host looks at req. */
  looksAtReq(): void {
    if (this.detaching) this.patience.looks();
  }

  /** It was empty then. */
  foundReqEmpty(): void {
    if (this.detaching) this.patience.foundEmpty();
  }

  /**
   * Once in each step, after the requests: acks, and a guest that closes while it is detached. That
   * one sends nothing (section 14), but its mask is 0 then.
   */
  step(host: HostMemory): void {
    this.look(host);
    const { port } = host;
    const shutdown = loadHostPortShutdown(port) !== 0;
    if ((!shutdown && loadHostPortDetached(port) === 0) || this.device.interruptMask !== 0) return;
    if (shutdown) {
      endGuest(host);
      this.closed();
    } else storeHostPortDetached(port, 0);
  }

  /** The host goes, and the guest with it as far as this host's memory is concerned. */
  leaveHost(host: HostMemory): Leaving {
    const { port } = host;
    const away = loadHostPortLive(port) !== 0 || loadHostPortDetached(port) !== 0;
    if (this.detaching) loseAll(host);
    endGuest(host);
    return { ringRights: host.ringRights, away };
  }

  /** Another host has come, behind the one that was left. */
  enterHost(host: HostMemory, { ringRights, away }: Leaving): void {
    host.ringRights = ringRights;
    storeHostPortDetached(host.port, away ? 1 : 0);
    storeHostDeviceReleased(this.state, 1);
    this.note('replaced', 0);
  }

  /** No guest is there any more, and none of its acks counts. */
  guestGone(host: HostMemory): void {
    if (!this.detaching) host.ringRights = RINGS_GRANTED;
    storeHostDeviceAckSeen(this.state, 0);
    storeHostDeviceAckDue(this.state, 0);
    storeHostDeviceAcked(this.state, 0);
    storeHostDeviceReleased(this.state, 1);
  }

  private count(counter: number): void {
    countUp(this.counters + counter, 1);
  }

  private note(what: MigrationNote['what'], value: number): void {
    this.onNote?.({ what, value });
  }
}
