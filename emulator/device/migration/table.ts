/**
 * The states of a device in a migration and what each event does in each of them (section 15). The type of
 * the table forces a cell for every pair. Facts that hold beside the state, such as the ring rights, are
 * fields of `host_device` and `host_port` in `emulator/abi/records.ts`.
 */
import { MIGRATION_ATTACHED, MIGRATION_DETACHED, MIGRATION_ERROR } from '../../../shared/loops/layout';
import { PHASE_ATTACHED, PHASE_DETACHING, PHASE_RELEASED, PHASE_VACANT } from '../loops/records';

/** The phases by name, with the value that `host_device.phase` holds. */
export const PHASES = {
  /** No detach is under way. */
  attached: PHASE_ATTACHED,
  /** A detach is under way, and the guest may hold buffers. */
  detaching: PHASE_DETACHING,
  /** A detach is under way, and no guest holds a buffer: there is none, or it closed, died, or lost its host. */
  vacant: PHASE_VACANT,
  /** Ack 1 has come: the guest has given everything back and waits for the attach event. */
  released: PHASE_RELEASED,
} as const;
/** Name of a phase: a row of the table. */
export type Phase = keyof typeof PHASES;

const PHASE_NAMES = new Map(Object.entries(PHASES).map(([name, value]) => [value, name as Phase]));

/** Returns the phase of a value of `host_device.phase`. */
export function phaseOf(value: number): Phase {
  return PHASE_NAMES.get(value)!;
}

export type MigrationEvent =
  /** The host raises a detach event, or sets status 1, for a guest that is bound, configured or shut down. */
  | 'detach'
  /** The host does so without such a guest. */
  | 'detachWithoutGuest'
  /** The host raises an attach event, or sets status 2 or 0. */
  | 'attach'
  /** The host cancels the detach without an event. */
  | 'undo'
  /** Ack 1. */
  | 'ackDetached'
  /** Ack 2, as the answer to an attach event. */
  | 'ackAttached'
  /** Ack 3, as the answer to a detach event. */
  | 'refuseDetach'
  /** Ack 3, as the answer to an attach event. */
  | 'refuseAttach'
  /** Ack 3, as the answer to an event with another status. */
  | 'refuseOther'
  /** Ack 3 while no event waits for an answer. */
  | 'refuseLate'
  /** Any other ack. */
  | 'ackStray'
  /** A request 3 was carried out. */
  | 'configured'
  /** A request 4 was carried out under an open mask, and no earlier one was in force. */
  | 'shutDown'
  /** The first request 4 of a detach is about to be answered with success. */
  | 'shutdownAnswered'
  /** The guest closed: by request 4 under mask 0, or by mask 0 after a shutdown. */
  | 'closed'
  /** The host is about to be replaced. */
  | 'hostLeaves'
  /** Another host has come. */
  | 'hostReplaced'
  /** The guest died, or the device vanished. */
  | 'guestGone';

/** Action of a cell of the table; `DeviceMigration` carries it out. */
export type MigrationAction =
  /** Counts an ack that answers its event; no further answer is due. */
  | 'acceptAck'
  /** Counts an ack that answers nothing. */
  | 'countStray'
  /** Remembers the status to return to, and starts to watch req. */
  | 'beginDetach'
  /** Ends a detach without an event: the former status, and the rings as they are. */
  | 'cancelDetach'
  /** Takes back all buffers and withdraws the ring rights. */
  | 'release'
  /** Undoes a shutdown, if one is in force: the guest goes on with its rings. */
  | 'resume'
  /** Empties all FIFOs. */
  | 'renewFifos'
  /** Lets the guest read the headers of withdrawn rings, which an attach checks. */
  | 'grantHeaders'
  /** Grants the ring rights to the next guest. */
  | 'grantRings'
  /** Counts drops as caused by the detach from now on, if the guest was live. */
  | 'markDetached'
  /** Withdraws the ring rights before the guest learns that its shutdown succeeded. */
  | 'answerShutdown'
  /** Takes back all buffers and counts what is on the rings as lost at the detach. */
  | 'loseAll'
  | 'noteClosed';

/** A cell of the table: the next phase, null to stay, then the actions, which run in the new phase. */
export interface Transition {
  readonly next: Phase | null;
  readonly actions: readonly MigrationAction[];
}

function to(next: Phase, ...actions: MigrationAction[]): Transition {
  return { next, actions };
}

function stay(...actions: MigrationAction[]): Transition {
  return { next: null, actions };
}

function inEachPhase(cell: Transition): Readonly<Record<Phase, Transition>> {
  return { attached: cell, detaching: cell, vacant: cell, released: cell };
}

/** The cell of an ack that cannot come in a phase; it counts as stray. The comment beside it says why. */
export const IMPOSSIBLE_ACK = stay('countStray');

/** Transition for each event in each phase (section 15). */
export const MIGRATION_TABLE: Readonly<Record<MigrationEvent, Readonly<Record<Phase, Transition>>>> = {
  detach: {
    attached: to('detaching', 'beginDetach'),
    detaching: stay(),
    vacant: stay(),
    released: stay(),
  },
  detachWithoutGuest: {
    attached: to('vacant', 'beginDetach'),
    detaching: stay(),
    vacant: stay(),
    released: stay(),
  },
  attach: {
    attached: stay(),
    detaching: to('attached', 'grantHeaders'),
    vacant: to('attached', 'grantHeaders'),
    released: to('attached', 'renewFifos', 'grantHeaders'),
  },
  undo: {
    attached: stay(),
    detaching: to('attached', 'cancelDetach'),
    vacant: to('attached', 'cancelDetach'),
    // Only an attach event tells the guest that it has the device back.
    released: stay(),
  },
  ackDetached: {
    // A probe acks 1 unasked (section 14).
    attached: stay('countStray'),
    detaching: to('released', 'acceptAck', 'release'),
    vacant: to('released', 'acceptAck', 'release'),
    released: stay('acceptAck'),
  },
  ackAttached: {
    // Without a request 3 since its shutdown, the guest goes on with what it had.
    attached: stay('acceptAck', 'resume'),
    // Status 2 stands only while attached.
    detaching: IMPOSSIBLE_ACK,
    vacant: IMPOSSIBLE_ACK,
    released: IMPOSSIBLE_ACK,
  },
  refuseDetach: {
    // Status 1 stands only under a detach.
    attached: IMPOSSIBLE_ACK,
    detaching: to('attached', 'acceptAck', 'cancelDetach'),
    vacant: to('attached', 'acceptAck', 'cancelDetach'),
    // The guest has given everything back and can't refuse any more.
    released: stay('countStray'),
  },
  refuseAttach: {
    attached: stay('acceptAck', 'resume'),
    // Status 2 stands only while attached.
    detaching: IMPOSSIBLE_ACK,
    vacant: IMPOSSIBLE_ACK,
    released: IMPOSSIBLE_ACK,
  },
  refuseOther: inEachPhase(stay('acceptAck')),
  refuseLate: {
    // A guest that refuses a detach after its end has kept its rings.
    attached: stay('countStray', 'resume'),
    detaching: stay('countStray'),
    vacant: stay('countStray'),
    released: stay('countStray'),
  },
  ackStray: inEachPhase(stay('countStray')),
  configured: {
    attached: stay(),
    detaching: stay(),
    vacant: to('detaching'),
    // Request 3 is answered with EBUSY (`REQUEST_TABLE`).
    released: stay(),
  },
  shutDown: {
    attached: stay(),
    detaching: stay('markDetached'),
    vacant: stay('markDetached'),
    // Request 4 is not carried out (`REQUEST_TABLE`).
    released: stay(),
  },
  shutdownAnswered: {
    attached: stay(),
    detaching: stay('answerShutdown'),
    vacant: stay('answerShutdown'),
    // No shutdown is in force after ack 1.
    released: stay(),
  },
  closed: {
    attached: stay(),
    detaching: to('vacant', 'noteClosed'),
    vacant: stay('noteClosed'),
    released: stay('noteClosed'),
  },
  hostLeaves: {
    attached: stay(),
    detaching: stay('loseAll'),
    vacant: stay('loseAll'),
    released: stay('loseAll'),
  },
  hostReplaced: {
    attached: stay(),
    detaching: to('vacant'),
    vacant: stay(),
    released: stay(),
  },
  guestGone: {
    attached: stay('grantRings'),
    detaching: to('vacant'),
    vacant: stay(),
    // The ack of a dead guest counts no more.
    released: to('vacant'),
  },
};

/** Treatment of a request by the host. */
export type Treatment =
  | 'carryOut'
  /** EBUSY: no config before the attach event. */
  | 'refuse'
  /** EBUSY if a shutdown is in force, else carried out. */
  | 'refuseAfterShutdown'
  /** Success without any effect: there is nothing left to shut down. */
  | 'confirm';

/** Treatment of the requests that depend on the phase: request 3, and request 4 under an open mask. */
export const REQUEST_TABLE: Readonly<Record<'config' | 'shutdown', Readonly<Record<Phase, Treatment>>>> = {
  config: {
    attached: 'carryOut',
    detaching: 'refuseAfterShutdown',
    vacant: 'refuseAfterShutdown',
    released: 'refuse',
  },
  shutdown: {
    attached: 'carryOut',
    detaching: 'carryOut',
    vacant: 'carryOut',
    released: 'confirm',
  },
};

/**
 * Returns the event of an ack.
 * @param ack value of the register, not 0.
 * @param status migration status of the last event.
 * @param due whether that event still waits for an answer.
 */
export function ackEvent(ack: number, status: number, due: boolean): MigrationEvent {
  if (ack === MIGRATION_DETACHED) return 'ackDetached';
  if (ack === MIGRATION_ATTACHED) return due && status === MIGRATION_ATTACHED ? 'ackAttached' : 'ackStray';
  if (ack !== MIGRATION_ERROR) return 'ackStray';
  if (!due) return 'refuseLate';
  if (status === MIGRATION_DETACHED) return 'refuseDetach';
  return status === MIGRATION_ATTACHED ? 'refuseAttach' : 'refuseOther';
}
