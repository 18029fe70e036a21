import type { Clock } from '../../../shared/clock';
import { Errno } from '../../../shared/errno';
import {
  INTERRUPT_MIGRATION,
  MIGRATION_ATTACHED,
  MIGRATION_DETACHED,
  MIGRATION_NONE,
  REQ_CONFIG,
  REQ_SHUTDOWN,
} from '../../../shared/loops/layout';
import type { ControlRequest } from '../control/controlRequest';
import { carryOut, endGuest, isLive, isShutDown } from '../control/portLife';
import {
  loadHostDeviceAckDue,
  loadHostDeviceAckSeen,
  loadHostDevicePhase,
  loadHostDeviceShutdownAnswered,
  loadHostPortDetached,
  PHASE_ATTACHED,
  PORT_COUNTERS_MIGRATION_EVENTS,
  PORT_COUNTERS_MIGRATION_SHUTDOWNS,
  RINGS_GRANTED,
  storeHostDeviceAckDue,
  storeHostDeviceAckSeen,
  storeHostPortDetached,
} from '../loops/records';
import type { HostMemory } from '../memory/hostMemory';
import type { DeviceFunction } from '../pci/deviceFunction';
import { MigrationMachine } from './machine';
import type { MigrationNote, MigrationState } from './migrationState';
import { ackEvent, REQUEST_TABLE, type Treatment } from './table';

/** State that a port passes on from its former host to the next one. */
interface Leaving {
  readonly ringRights: number;
  /** True if the guest was live, or detached after it was live. */
  readonly away: boolean;
}

/**
 * The host's part of section 15 for one device: turns what host and guest do into the events of `table.ts`.
 * It outlives the hosts, so each call says which one is behind the device.
 */
export class DeviceMigration {
  private readonly machine: MigrationMachine;
  private readonly state: number;

  constructor(
    private readonly pci: DeviceFunction,
    counters: number,
    clock: Clock,
  ) {
    this.state = pci.state;
    this.machine = new MigrationMachine(pci, counters, clock);
  }

  /** Sets the function to call with each step of a migration. */
  set onNote(hook: ((note: MigrationNote) => void) | null) {
    this.machine.onNote = hook;
  }

  /** True from a detach event until an attach event, or until the detach is cancelled. */
  get detaching(): boolean {
    return loadHostDevicePhase(this.state) !== PHASE_ATTACHED;
  }

  get view(): MigrationState {
    const { phase, status } = this.machine;
    return {
      status,
      ack: this.pci.migrationAck,
      shutdown: this.detaching && loadHostDeviceShutdownAnswered(this.state) !== 0,
      released: phase === 'vacant' || phase === 'released',
      bound: this.pci.interruptMask !== 0,
    };
  }

  /** Raises an event: ack 0, status, interrupt. An ack to the event before that was not looked at yet counts first. */
  raise(host: HostMemory, status: number): void {
    const ack = this.pci.takeMigrationAck();
    if (ack !== 0 && ack !== loadHostDeviceAckSeen(this.state)) this.takeAck(host, ack);
    storeHostDeviceAckSeen(this.state, 0);
    this.setStatus(host, status);
    storeHostDeviceAckDue(this.state, 1);
    this.machine.count(PORT_COUNTERS_MIGRATION_EVENTS);
    this.machine.note('announced', status);
    this.pci.interrupts.raise(INTERRUPT_MIGRATION);
  }

  /** Sets the status without an interrupt. Rings and rights become what they are under that status. */
  setStatus(host: HostMemory, status: number): void {
    if (status === MIGRATION_DETACHED) this.machine.fire(this.hasGuest(host) ? 'detach' : 'detachWithoutGuest', host);
    else if (status === MIGRATION_ATTACHED || status === MIGRATION_NONE) this.machine.fire('attach', host);
    this.machine.status = status;
  }

  private hasGuest(host: HostMemory): boolean {
    return this.pci.interruptMask !== 0 || isLive(host) || isShutDown(host);
  }

  /** Cancels a detach without an event. Returns false if ack 1 has come; nothing has changed then. */
  undo(host: HostMemory): boolean {
    this.look(host);
    if (this.machine.phase === 'released') return false;
    this.machine.fire('undo', host);
    return true;
  }

  /** Reads the ack register. */
  private look(host: HostMemory): void {
    const ack = this.pci.migrationAck;
    if (ack === loadHostDeviceAckSeen(this.state)) return;
    storeHostDeviceAckSeen(this.state, ack);
    if (ack !== 0) this.takeAck(host, ack);
  }

  private takeAck(host: HostMemory, ack: number): void {
    this.machine.fire(ackEvent(ack, this.machine.status, loadHostDeviceAckDue(this.state) !== 0), host, ack);
  }

  /** Carries a request out, if the phase allows it. Returns the value for `result`. */
  carryOut(host: HostMemory, request: ControlRequest, mask: number): number {
    const { reqId } = request;
    // The host takes acks and requests in the order in which a guest writes them. Only a shutdown comes
    // before an ack already written: the guest gave up waiting for it, and the ack says so.
    if (reqId !== REQ_SHUTDOWN) this.look(host);
    const treatment = this.treatmentOf(reqId, mask);
    if (treatment === 'confirm') return 0;
    if (treatment === 'refuse' || (treatment === 'refuseAfterShutdown' && isShutDown(host))) return -Errno.EBUSY;
    if (reqId === REQ_SHUTDOWN) this.machine.patience.asked();
    const again = isShutDown(host);
    const result = carryOut(host, request, mask);
    if (result !== 0) return result;
    if (reqId === REQ_CONFIG) this.configured(host);
    else if (reqId === REQ_SHUTDOWN && mask === 0) this.closed(host);
    else if (reqId === REQ_SHUTDOWN && !again) this.shutDown(host);
    return result;
  }

  private treatmentOf(reqId: number, mask: number): Treatment {
    if (reqId === REQ_CONFIG) return REQUEST_TABLE.config[this.machine.phase];
    return reqId === REQ_SHUTDOWN && mask !== 0 ? REQUEST_TABLE.shutdown[this.machine.phase] : 'carryOut';
  }

  private configured(host: HostMemory): void {
    this.machine.fire('configured', host);
    this.machine.note('configured', 0);
  }

  /** A guest may have written over any of the host's words, and the next one need not be another process. */
  private closed(host: HostMemory): void {
    this.machine.fire('closed', host);
    this.pci.restore();
    for (const kind of ['req', 'resp'] as const) host.restoreHeader(kind, 0);
  }

  private shutDown(host: HostMemory): void {
    this.machine.fire('shutDown', host);
    this.machine.count(PORT_COUNTERS_MIGRATION_SHUTDOWNS);
    this.machine.note('shutdown', 0);
  }

  /** Called right before a request is answered with success: ring rights change before the guest knows. */
  answering(host: HostMemory, reqId: number): void {
    if (reqId === REQ_CONFIG && isLive(host)) host.ringRights = RINGS_GRANTED;
    if (reqId !== REQ_SHUTDOWN) return;
    this.look(host);
    if (isShutDown(host) && loadHostDeviceShutdownAnswered(this.state) === 0)
      this.machine.fire('shutdownAnswered', host);
  }

  /** Called right before the host looks at req. */
  looksAtReq(): void {
    if (this.detaching) this.machine.patience.looks();
  }

  /** Called if that look found req empty. */
  foundReqEmpty(): void {
    if (this.detaching) this.machine.patience.foundEmpty();
  }

  /**
   * Runs once in each round, after the requests: reads the ack, and detects a guest that closed while
   * detached. Such a guest sends no request (section 14), but its mask is 0.
   */
  step(host: HostMemory): void {
    this.look(host);
    const { port } = host;
    const shutDown = isShutDown(host);
    if ((!shutDown && loadHostPortDetached(port) === 0) || this.pci.interruptMask !== 0) return;
    if (shutDown) {
      endGuest(host);
      this.closed(host);
    } else storeHostPortDetached(port, 0);
  }

  /** Takes back what the guest holds of a host that is about to be replaced. */
  leaveHost(host: HostMemory): Leaving {
    const away = isLive(host) || loadHostPortDetached(host.port) !== 0;
    this.machine.fire('hostLeaves', host);
    endGuest(host);
    return { ringRights: host.ringRights, away };
  }

  /** Takes over a host that replaces the one that was left. */
  enterHost(host: HostMemory, { ringRights, away }: Leaving): void {
    host.ringRights = ringRights;
    storeHostPortDetached(host.port, away ? 1 : 0);
    this.machine.fire('hostReplaced', host);
    this.machine.note('replaced', 0);
  }

  /** Forgets the guest, which died or lost the device: none of its acks counts. */
  guestGone(host: HostMemory): void {
    this.machine.fire('guestGone', host);
    storeHostDeviceAckSeen(this.state, 0);
    storeHostDeviceAckDue(this.state, 0);
  }
}
