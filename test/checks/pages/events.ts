/** Writes docs/events.md from the declarations of events. */
import type { Declarations, Documented } from './declarations';
import { cell, code, table } from './table';

const OF_DRIVER = 'driver/events.ts';
const OF_MIGRATION = 'emulator/machine/migrationTypes.ts';
const OF_RUN = 'testbench/api/result.ts';

const HEAD = `# Events

<!-- Written from the declarations by \`make generate\` (test/checks/pages/events.ts). Do not edit. -->

Events that driver, host and bus report during a run, under their names in API and JSON. All times are milliseconds of the run's clock, which is virtual in the modes \`inline\` and \`stepped\`. Sections are those of [PROTOCOL.md](../shared/PROTOCOL.md). [timeline-and-dump.md](timeline-and-dump.md) says where they appear in a timeline.
`;

function rows(named: readonly Documented[]): string[][] {
  return named.map(({ name, doc }) => {
    if (doc === '') throw new Error(`event ${name} has no docstring`);
    return [code(name), cell(doc)];
  });
}

function section(title: string, text: string, head: string, named: readonly Documented[]): string {
  return `\n## ${title}\n\n${text}\n\n${table([head, 'meaning'], rows(named))}`;
}

function migrationSections(sources: Declarations): string[] {
  return [
    section(
      'Migration',
      '`MigrationReport`, which `bench.migrate(...)` returns and the JSON of `avp run` has under `migrations`.',
      'field',
      sources.members(OF_RUN, 'MigrationReport'),
    ),
    section(
      'Outcome of a migration',
      '`outcome` of a report.',
      'outcome',
      sources.union(OF_MIGRATION, 'MigrationOutcome'),
    ),
    section(
      'Steps of a migration',
      '`step` in the `timeline` of a report, with `atMs`, `nic` (null where the step is of the whole instance) and `detail`.',
      'step',
      sources.union(OF_MIGRATION, 'MigrationStep'),
    ),
    section(
      'Phases of a migration',
      '`migration.phase` while it is under way.',
      'phase',
      sources.union(OF_MIGRATION, 'MigrationPhase'),
    ),
    section(
      'Host in a migration',
      '`device.inspect.onMigration(note => ...)`: `what` of each note; its `value` is the status or ack concerned.',
      'what',
      sources.union('emulator/device/migration/migrationState.ts', 'MigrationNote', 'what'),
    ),
  ];
}

/** Returns the text of docs/events.md. */
export function eventsPage(sources: Declarations): string {
  const events = sources.list(OF_DRIVER, 'EVENTS').filter(({ name }) => name !== 'none');
  const states = sources.list('driver/port.ts', 'STATES').filter(({ name }) => name !== 'none');
  return [
    HEAD,
    section(
      'Driver',
      '`PortEvent`: `port.onEvent(listener)` and `port.eventsSince(number)` of the driver, `port.events` of a scenario.',
      'event',
      events,
    ),
    section(
      'Details of an event',
      '`PortEventDetail`; what does not apply is left out.',
      'detail',
      sources.members(OF_DRIVER, 'PortEventDetail'),
    ),
    section(
      'Lost features',
      '`lostFeatures` of an event, and of a migration by port.',
      'feature',
      sources.object(OF_DRIVER, 'LOST'),
    ),
    section('States of a port', '`port.state` of the driver.', 'state', states),
    ...migrationSections(sources),
    section(
      'PCI bus',
      '`PciEvent`: `kind` of each entry of `instance.bus.events`, with `bdf`, `driver` and `error`.',
      'kind',
      sources.union('emulator/machine/pciBus.ts', 'PciEvent', 'kind'),
    ),
    section(
      'Log of a clause or scenario',
      'Subjects of the events in reports and bundles. The log keeps the beginning and the end of a long run.',
      'subject',
      sources.union('testbench/evidence/wireLog.ts', 'WireSubject'),
    ),
  ].join('');
}
