import type { MigrationEvent, MigrationPhase } from '../../../emulator';
import type { FrameComments } from '../../traffic/recorder';
import type { MigrationHistory, NumberedMigration } from './migrationHistory';

/** Texts for the steps of a NIC. */
const STEPS: Readonly<Record<string, string>> = {
  'detach-event': 'told to detach',
  'shut-down': 'shut down',
  acked: 'acknowledged',
  refused: 'refused',
  'not-driven': 'nobody answers',
  'timed-out': 'no answer in time',
  'host-replaced': 'given another host',
  'attach-event': 'told to attach',
};

function phaseText(phase: Exclude<MigrationPhase, 'done'>, from: string, to: string): string {
  switch (phase) {
    case 'detaching':
      return `detaching, from ${from} to ${to}`;
    case 'moving':
      return `detached, moving ${from} -> ${to}`;
    case 'attaching':
      return `attaching at ${to}, come from ${from}`;
    case 'undoing':
      return `turned back, detaching at ${to}`;
    case 'reattaching':
      return `turned back, attaching at ${from}`;
  }
}

function underWay({ number, migration }: NumberedMigration, nic: string): string {
  const { phase, instance, from, to, timeline } = migration;
  const step = timeline.findLast((event: MigrationEvent) => event.nic === nic)?.step ?? '';
  const progress = phase === 'done' ? 'ended' : phaseText(phase, from.name, to.name);
  return `migration ${number} of ${instance.name}: ${progress} (${STEPS[step] ?? step})`;
}

function ended({ number, migration }: NumberedMigration): string {
  return `migration ${number} of ${migration.instance.name}: ${migration.outcome}, first frame after it, at ${migration.node.name}`;
}

/**
 * Comments the frames at a port of an instance: during a migration with its current step, and the first
 * frame after a migration with the outcome.
 * @param nic name of the NIC at that port.
 */
export function migrationComments(history: MigrationHistory, nic: string): FrameComments {
  let commented = 0;
  return () => {
    const newest = history.look();
    if (newest === null || newest.number === commented) return [];
    if (!newest.migration.done) return [underWay(newest, nic)];
    commented = newest.number;
    return [ended(newest)];
  };
}
