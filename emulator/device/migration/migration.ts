import { countUp } from '../../../shared/loops/counter';
import type { Clock } from '../../../shared/clock';
import { Errno } from '../../../shared/errno';
import { fifoCount } from '../../../shared/loops/fifo';
import {
  INTERRUPT_MIGRATION,
  MIGRATION_ATTACHED,
  MIGRATION_DETACHED,
  MIGRATION_NONE,
  REQ_CONFIG,
  REQ_SHUTDOWN,
} from '../../../shared/loops/layout';
import type { ControlRequest } from '../control/controlRequest';
import { carryOut, endGuest, isLive, isShutDown, loseAll, renewAllFifos, undoShutdown } from '../control/portLife';
import {
  HOST_PORT_REQ,
  LIFE_SHUT_DOWN,
  loadHostDeviceAckDue,
  loadHostDeviceAckSeen,
  loadHostDeviceFormerStatus,
  loadHostDevicePhase,
  loadHostDeviceShutdownAnswered,
  loadHostDeviceStatus,
  loadHostPortDetached,
  loadHostPortLife,
  PHASE_ATTACHED,
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
  storeHostDeviceAckSeen,
  storeHostDeviceFormerStatus,
  storeHostDevicePhase,
  storeHostDeviceShutdownAnswered,
  storeHostDeviceStatus,
  storeHostPortDetached,
} from '../loops/records';
import type { HostMemory } from '../memory/hostMemory';
import type { DeviceFunction } from '../pci/deviceFunction';
import type { MigrationNote, MigrationState } from './migrationState';
import { Patience } from './patience';
import {
  ackEvent,
  MIGRATION_TABLE,
  phaseOf,
  PHASES,
  REQUEST_TABLE,
  type MigrationAction,
  type MigrationEvent,
  type Phase,
  type Treatment,
} from './table';

/** What a port passes on from its former host to the next one. */
interface Leaving {
  readonly ringRights: number;
  /** True if the guest was live, or detached after it was live. */
  readonly away: boolean;
}

type Actions = Readonly<Record<MigrationAction, (host: HostMemory, ack: number) => void>>;

/**
 * The host's part of section 15 for one device. It turns what host and guest do into the events of `table.ts`
 * and carries out the actions there. It outlives the hosts, so each call says which one is behind the
 * device. Its state is in `host_device`.
 */
export class DeviceMigration {
  /** Called with each step of a migration. */
  onNote: ((note: MigrationNote) => void) | null = null;
  private readonly state: number;
  private readonly patience: Patience;

  constructor(
    private readonly pci: DeviceFunction,
    private readonly counters: number,
    clock: Clock,
  ) {
    this.state = pci.state;
    this.patience = new Patience(pci.state, clock);
  }

  /** True from a detach event until an attach event, or until the detach is cancelled. */
  get detaching(): boolean {
    return loadHostDevicePhase(this.state) !== PHASE_ATTACHED;
  }

  get view(): MigrationState {
    const { phase } = this;
    return {
      status: this.status,
      ack: this.pci.migrationAck,
      shutdown: this.detaching && loadHostDeviceShutdownAnswered(this.state) !== 0,
      released: phase === 'vacant' || phase === 'released',
      bound: this.pci.interruptMask !== 0,
    };
  }

  private get status(): number {
    return loadHostDeviceStatus(this.state);
  }

  private get phase(): Phase {
    return phaseOf(loadHostDevicePhase(this.state));
  }

  private fire(event: MigrationEvent, host: HostMemory, ack = 0): void {
    const { next, actions } = MIGRATION_TABLE[event][this.phase];
    if (next !== null) storeHostDevicePhase(this.state, PHASES[next]);
    for (const action of actions) this.actions[action](host, ack);
  }

  private readonly actions: Actions = {
    acceptAck: (_host, ack) => {
      storeHostDeviceAckDue(this.state, 0);
      this.count(PORT_COUNTERS_MIGRATION_ACKS);
      this.note('acked', ack);
    },
    countStray: (_host, ack) => {
      this.count(PORT_COUNTERS_MIGRATION_ACKS_UNEXPECTED);
      this.note('unexpected-ack', ack);
    },
    beginDetach: (host) => {
      storeHostDeviceFormerStatus(this.state, this.status);
      storeHostDeviceShutdownAnswered(this.state, 0);
      this.patience.looks();
      if (fifoCount(host.port + HOST_PORT_REQ) === 0) this.patience.foundEmpty();
      else this.patience.foundSomething();
    },
    cancelDetach: (host) => {
      this.resume(host);
      host.ringRights = RINGS_GRANTED;
      storeHostDeviceAckDue(this.state, 0);
      this.showStatus(loadHostDeviceFormerStatus(this.state));
      this.count(PORT_COUNTERS_MIGRATION_UNDONE);
      this.note('undone', this.status);
    },
    release: (host) => {
      if (isLive(host)) storeHostPortDetached(host.port, 1);
      loseAll(host);
      host.ringRights = RINGS_WITHDRAWN;
      this.count(PORT_COUNTERS_MIGRATION_RELEASED);
      this.note('released', 0);
    },
    resume: (host) => this.resume(host),
    renewFifos: (host) => {
      renewAllFifos(host);
      this.note('renewed', 0);
    },
    grantHeaders: (host) => {
      if (host.ringRights === RINGS_WITHDRAWN) host.ringRights = RINGS_HEADERS;
    },
    grantRings: (host) => {
      host.ringRights = RINGS_GRANTED;
    },
    markDetached: ({ port }) => {
      if (loadHostPortLife(port) === LIFE_SHUT_DOWN) storeHostPortDetached(port, 1);
    },
    answerShutdown: (host) => {
      storeHostDeviceShutdownAnswered(this.state, 1);
      // A guest that may have given up waiting goes on with its rings and acks 3, so it loses them with ack 1 only.
      if (this.patience.surelyWaits) host.ringRights = RINGS_WITHDRAWN;
      this.note('answered', 0);
    },
    loseAll: (host) => loseAll(host),
    noteClosed: () => this.note('closed', 0),
  };

  private resume(host: HostMemory): void {
    if (undoShutdown(host)) this.note('resumed', 0);
  }

  /** Raises an event: ack 0, status, interrupt. An ack to the event before that was not looked at yet counts first. */
  raise(host: HostMemory, status: number): void {
    const ack = this.pci.takeMigrationAck();
    if (ack !== 0 && ack !== loadHostDeviceAckSeen(this.state)) this.takeAck(host, ack);
    storeHostDeviceAckSeen(this.state, 0);
    this.setStatus(host, status);
    storeHostDeviceAckDue(this.state, 1);
    this.count(PORT_COUNTERS_MIGRATION_EVENTS);
    this.note('announced', status);
    this.pci.interrupts.raise(INTERRUPT_MIGRATION);
  }

  /** Sets the status without an interrupt. Rings and rights become what they are under that status. */
  setStatus(host: HostMemory, status: number): void {
    if (status === MIGRATION_DETACHED) this.fire(this.hasGuest(host) ? 'detach' : 'detachWithoutGuest', host);
    else if (status === MIGRATION_ATTACHED || status === MIGRATION_NONE) this.fire('attach', host);
    this.showStatus(status);
  }

  private hasGuest(host: HostMemory): boolean {
    return this.pci.interruptMask !== 0 || isLive(host) || isShutDown(host);
  }

  private showStatus(status: number): void {
    storeHostDeviceStatus(this.state, status);
    this.pci.migrationStatus = status;
  }

  /** Cancels a detach without an event. Returns false if ack 1 has come; nothing has changed then. */
  undo(host: HostMemory): boolean {
    this.look(host);
    if (this.phase === 'released') return false;
    this.fire('undo', host);
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
    this.fire(ackEvent(ack, this.status, loadHostDeviceAckDue(this.state) !== 0), host, ack);
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
    if (reqId === REQ_SHUTDOWN) this.patience.asked();
    const again = isShutDown(host);
    const result = carryOut(host, request, mask);
    if (result !== 0) return result;
    if (reqId === REQ_CONFIG) this.configured(host);
    else if (reqId === REQ_SHUTDOWN && mask === 0) this.fire('closed', host);
    else if (reqId === REQ_SHUTDOWN && !again) this.shutDown(host);
    return result;
  }

  private treatmentOf(reqId: number, mask: number): Treatment {
    if (reqId === REQ_CONFIG) return REQUEST_TABLE.config[this.phase];
    return reqId === REQ_SHUTDOWN && mask !== 0 ? REQUEST_TABLE.shutdown[this.phase] : 'carryOut';
  }

  private configured(host: HostMemory): void {
    this.fire('configured', host);
    this.note('configured', 0);
  }

  private shutDown(host: HostMemory): void {
    this.fire('shutDown', host);
    this.count(PORT_COUNTERS_MIGRATION_SHUTDOWNS);
    this.note('shutdown', 0);
  }

  /** Called right before a request is answered with success: ring rights change before the guest knows. */
  answering(host: HostMemory, reqId: number): void {
    if (reqId === REQ_CONFIG && isLive(host)) host.ringRights = RINGS_GRANTED;
    if (reqId !== REQ_SHUTDOWN) return;
    this.look(host);
    if (isShutDown(host) && loadHostDeviceShutdownAnswered(this.state) === 0) this.fire('shutdownAnswered', host);
  }

  /** Called right before the host looks at req. */
  looksAtReq(): void {
    if (this.detaching) this.patience.looks();
  }

  /** Called if that look found req empty. */
  foundReqEmpty(): void {
    if (this.detaching) this.patience.foundEmpty();
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
      this.fire('closed', host);
    } else storeHostPortDetached(port, 0);
  }

  /** Takes back what the guest holds of a host that is about to be replaced. */
  leaveHost(host: HostMemory): Leaving {
    const away = isLive(host) || loadHostPortDetached(host.port) !== 0;
    this.fire('hostLeaves', host);
    endGuest(host);
    return { ringRights: host.ringRights, away };
  }

  /** Takes over a host that replaces the one that was left. */
  enterHost(host: HostMemory, { ringRights, away }: Leaving): void {
    host.ringRights = ringRights;
    storeHostPortDetached(host.port, away ? 1 : 0);
    this.fire('hostReplaced', host);
    this.note('replaced', 0);
  }

  /** Forgets the guest, which died or lost the device: none of its acks counts. */
  guestGone(host: HostMemory): void {
    this.fire('guestGone', host);
    storeHostDeviceAckSeen(this.state, 0);
    storeHostDeviceAckDue(this.state, 0);
  }

  private count(counter: number): void {
    countUp(this.counters + counter, 1);
  }

  private note(what: MigrationNote['what'], value: number): void {
    this.onNote?.({ what, value });
  }
}
