import { countUp } from '../../../shared/loops/counter';
import type { Clock } from '../../../shared/clock';
import { fifoCount } from '../../../shared/loops/fifo';
import { isLive, loseAll, renewAllFifos, undoShutdown } from '../control/portLife';
import {
  HOST_PORT_REQ,
  LIFE_SHUT_DOWN,
  loadHostDeviceFormerStatus,
  loadHostDevicePhase,
  loadHostDeviceStatus,
  loadHostPortLife,
  PORT_COUNTERS_MIGRATION_ACKS,
  PORT_COUNTERS_MIGRATION_ACKS_UNEXPECTED,
  PORT_COUNTERS_MIGRATION_RELEASED,
  PORT_COUNTERS_MIGRATION_UNDONE,
  RINGS_GRANTED,
  RINGS_HEADERS,
  RINGS_WITHDRAWN,
  storeHostDeviceAckDue,
  storeHostDeviceFormerStatus,
  storeHostDevicePhase,
  storeHostDeviceShutdownAnswered,
  storeHostDeviceStatus,
  storeHostPortDetached,
} from '../loops/records';
import type { HostMemory } from '../memory/hostMemory';
import type { DeviceFunction } from '../pci/deviceFunction';
import type { MigrationNote } from './migrationState';
import { Patience } from './patience';
import { MIGRATION_TABLE, phaseOf, PHASES, type MigrationAction, type MigrationEvent, type Phase } from './table';

type Actions = Readonly<Record<MigrationAction, (host: HostMemory, ack: number) => void>>;

/** Moves a device through the phases of `table.ts` and carries out the actions there. Its state is in `host_device`. */
export class MigrationMachine {
  /** Called with each step of a migration. */
  onNote: ((note: MigrationNote) => void) | null = null;
  readonly patience: Patience;
  private readonly state: number;

  constructor(
    private readonly pci: DeviceFunction,
    private readonly counters: number,
    clock: Clock,
  ) {
    this.state = pci.state;
    this.patience = new Patience(pci.state, clock);
  }

  get phase(): Phase {
    return phaseOf(loadHostDevicePhase(this.state));
  }

  get status(): number {
    return loadHostDeviceStatus(this.state);
  }

  /** Sets the status and the register that shows it to the guest. */
  set status(value: number) {
    storeHostDeviceStatus(this.state, value);
    this.pci.migrationStatus = value;
  }

  /** @param ack value of an ack event. */
  fire(event: MigrationEvent, host: HostMemory, ack = 0): void {
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
      this.status = loadHostDeviceFormerStatus(this.state);
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

  /** Adds one to a migration counter. @param counter its offset among the counters. */
  count(counter: number): void {
    countUp(this.counters + counter, 1);
  }

  /** Tells the observer of a step. */
  note(what: MigrationNote['what'], value: number): void {
    this.onNote?.({ what, value });
  }
}
