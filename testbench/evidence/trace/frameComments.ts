import type { MigrationEvent, MigrationPhase } from '../../../emulator';
import type { FrameComments } from '../../traffic/recorder';
import type { MigrationHistory, NumberedMigration } from './migrationHistory';

/** Steps of one NIC, in words. */
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
  const stage = phase === 'done' ? 'ended' : phaseText(phase, from.name, to.name);
  return `migration ${number} of ${instance.name}: ${stage} (${STEPS[step] ?? step})`;
}

function ended({ number, migration }: NumberedMigration): string {
  return `migration ${number} of ${migration.instance.name}: ${migration.outcome}, first frame after it, at ${migration.node.name}`;
}

/**
 * Marks the frames that cross a port of an instance with the step of the migration that is under
 * way, and the first one after it with how it ended.
 * @param nic name of the NIC at that port.
 */
export function migrationComments(history: MigrationHistory, nic: string): FrameComments {
  let told = 0;
  return () => {
    const newest = history.look();
    if (newest === null || newest.number === told) return [];
    if (!newest.migration.done) return [underWay(newest, nic)];
    told = newest.number;
    return [ended(newest)];
  };
}
