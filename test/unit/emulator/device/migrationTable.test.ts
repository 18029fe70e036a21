import { expect } from 'chai';
import {
  ackEvent,
  IMPOSSIBLE_ACK,
  MIGRATION_TABLE,
  phaseOf,
  PHASES,
  REQUEST_TABLE,
  type MigrationEvent,
  type Phase,
  type Transition,
} from '../../../../emulator/device/migration/table';

const PHASE_NAMES = Object.keys(PHASES) as Phase[];
const EVENTS = Object.keys(MIGRATION_TABLE) as MigrationEvent[];
const STATUSES = [0, 1, 2, 3, 7];
const ACKS = [1, 2, 3, 9];

/** A device with a guest, as far as acks depend on it. */
interface Standing {
  readonly phase: Phase;
  readonly status: number;
  /** Status before the present detach. */
  readonly former: number;
  readonly due: boolean;
}

function after(standing: Standing, { next, actions }: Transition): Standing {
  const { status, former, due } = standing;
  return {
    phase: next ?? standing.phase,
    status: actions.includes('cancelDetach') ? former : status,
    former: actions.includes('beginDetach') ? status : former,
    due: due && !actions.includes('acceptAck') && !actions.includes('cancelDetach'),
  };
}

function raised(standing: Standing, status: number): Standing {
  const event = ({ 0: 'attach', 1: 'detach', 2: 'attach' } as const)[status];
  const moved = event === undefined ? standing : after(standing, MIGRATION_TABLE[event][standing.phase]);
  return { ...moved, status, due: true };
}

/** Lists every state that hosts and guests can reach, by events with any status, any acks, and all other events. */
function reachable(): Standing[] {
  const found = new Map<string, Standing>();
  const open: Standing[] = [{ phase: 'attached', status: 0, former: 0, due: false }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const standing = at;
    if (found.has(JSON.stringify(standing))) continue;
    found.set(JSON.stringify(standing), standing);
    open.push(...STATUSES.map((status) => raised(standing, status)));
    open.push(...ACKS.map((ack) => after(standing, MIGRATION_TABLE[ackEvent(ack, at.status, at.due)][standing.phase])));
    for (const event of ['undo', 'configured', 'closed', 'hostReplaced', 'guestGone'] as const)
      open.push(after(standing, MIGRATION_TABLE[event][standing.phase]));
  }
  return [...found.values()];
}

describe('table of a migration', () => {
  it('has a cell for every event in every phase, and for every request', () => {
    for (const event of EVENTS) expect(MIGRATION_TABLE[event], event).to.have.all.keys(PHASE_NAMES);
    for (const [request, row] of Object.entries(REQUEST_TABLE)) expect(row, request).to.have.all.keys(PHASE_NAMES);
  });

  it('names each value of the phase, which is 0 in a new device', () => {
    expect(PHASE_NAMES.map((name) => phaseOf(PHASES[name]))).to.deep.equal(PHASE_NAMES);
    expect(phaseOf(0)).to.equal('attached');
  });

  it('leads from every phase back to attached, by an attach event', () => {
    for (const phase of PHASE_NAMES) expect(MIGRATION_TABLE.attach[phase].next ?? phase).to.equal('attached');
  });

  it('starts a detach by a detach event only', () => {
    const starting = EVENTS.filter((event) => MIGRATION_TABLE[event].attached.next !== null);
    expect(starting).to.have.members(['detach', 'detachWithoutGuest']);
  });

  it('empties the FIFOs after an ack 1 only', () => {
    for (const event of EVENTS)
      for (const phase of PHASE_NAMES)
        expect(MIGRATION_TABLE[event][phase].actions.includes('renewFifos'), `${event} in ${phase}`).to.equal(
          event === 'attach' && phase === 'released',
        );
  });

  it('counts every ack once, as an answer or as stray', () => {
    const acks = [
      'ackDetached',
      'ackAttached',
      'refuseDetach',
      'refuseAttach',
      'refuseOther',
      'refuseLate',
      'ackStray',
    ];
    for (const event of EVENTS)
      for (const phase of PHASE_NAMES) {
        const counted = MIGRATION_TABLE[event][phase].actions.filter(
          (one) => one === 'acceptAck' || one === 'countStray',
        );
        expect(counted.length, `${event} in ${phase}`).to.equal(acks.includes(event) ? 1 : 0);
      }
  });

  it('has all phases within reach, and no ack in a phase in which it cannot come', () => {
    const standings = reachable();
    expect(new Set(standings.map(({ phase }) => phase))).to.deep.equal(new Set(PHASE_NAMES));
    for (const { phase, status, due } of standings)
      for (const ack of ACKS) {
        const event = ackEvent(ack, status, due);
        expect(MIGRATION_TABLE[event][phase], `${event} in ${phase}, status ${status}`).not.to.equal(IMPOSSIBLE_ACK);
      }
  });
});
