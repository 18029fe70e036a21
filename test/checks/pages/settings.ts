/** Writes docs/settings.md from the declarations of settings and options. */
import { avpDeviceSettings } from '../../../emulator';
import { settingsSchema } from '../../../emulator/device/settings/schema';
import { loadScenario, scenarioFile, scenarioNames } from '../../../testbench/run/findScenario';
import { modesOf } from '../../../testbench/api/scenario';
import type { Declarations, Member } from './declarations';
import { rangeOf, schemaAt } from './range';
import { cell, code, table } from './table';

const SCHEMA = 'emulator/device/settings/schema.ts';

const HEAD = `# Settings

<!-- Written from the declarations by \`make generate\` (test/checks/pages/settings.ts). Do not edit. -->

Every setting and option of a device, a scenario, and the library, with type, default, unit and range. An unknown name is refused with the nearest known one, and a value out of range with what was expected. Sections are those of [PROTOCOL.md](../shared/PROTOCOL.md). The parameters of faults are in [faults.md](faults.md); \`npx avp COMMAND --help\` has the options of the commands.

A unit of \`none\` belongs to numbers that count nothing, such as ids. A default in words is worked out by the program.
`;

const DEVICE = `
## AVP device

\`AvpDeviceSettings\`, where a NIC has \`settings\` and a compute node defaults:

\`\`\`ts
const node = bench.computeNode('compute-0', { mbufSize: 1_024 }); // for all devices of the node
node.boot('vm', [{ network: 'lan', model: 'avp', settings: { rxQueues: { min: 5 } } }]); // for this one
\`\`\`

A NIC's setting overrides that of the node, and the \`destination\` of a migration overrides both. All are optional; a dot in a name leads into a group. Some settings limit others: \`min\` is at most \`max\`, \`rxSegmentBytes\` at most \`mbufSize\`, a stride is 0 or holds the whole FIFO, and all exported memory together is at most 1 GiB.

`;

/** Options of one interface. */
export interface Options {
  readonly file: string;
  readonly name: string;
  /** The call or the place where a user writes these options. */
  readonly use: string;
}

const OF_SCENARIOS: readonly Options[] = [
  { file: 'testbench/api/scenario.ts', name: 'ScenarioText', use: '`scenario(text, body)`' },
  { file: 'testbench/api/scenario.ts', name: 'TimeLimits', use: '`limits` of a scenario' },
  { file: 'emulator/machine/nicSpec.ts', name: 'NicSpec', use: '`node.boot(name, nics)`' },
  { file: 'testbench/api/bench.ts', name: 'AppPortSettings', use: '`node.boot(name, nics, settings)`' },
  { file: 'testbench/api/traffic.ts', name: 'LoadOptions', use: '`bench.startLoad(from, to, options)`' },
  {
    file: 'testbench/api/traffic.ts',
    name: 'ExchangeOptions',
    use: '`bench.oneWay(from, to, options)` and `bench.requestResponse(from, to, options)`',
  },
  {
    file: 'emulator/machine/migrationTypes.ts',
    name: 'MigrationOptions',
    use: '`bench.migrate(instance, to, options)`. A scenario of several modes has `PlainMigrationOptions`, without functions',
  },
  { file: 'testbench/api/capture.ts', name: 'FitOptions', use: '`bench.captures(file, options)`' },
  { file: 'testbench/explore/avp/steppedMigration.ts', name: 'SteppedMigrationOptions', use: 'mode `stepped`' },
  {
    file: 'testbench/explore/avp/steppedMigration.ts',
    name: 'BurstStall',
    use: '`stall` of `SteppedMigrationOptions`',
  },
];

const OF_LIBRARY: readonly Options[] = [
  { file: 'emulator/machine/node.ts', name: 'ComputeNodeOptions', use: '`new ComputeNode(options)`' },
  { file: 'emulator/machine/node.ts', name: 'BootOptions', use: '`node.boot(name, nics, options)` of the emulator' },
  { file: 'emulator/network/switch.ts', name: 'SwitchOptions', use: '`new VirtualSwitch(options)`' },
  { file: 'emulator/network/network.ts', name: 'ConnectOptions', use: '`network.connect(endpoint, options)`' },
  { file: 'emulator/machine/pciBus.ts', name: 'PciBusOptions', use: '`new PciBus(options)`' },
  { file: 'emulator/machine/virtioNic.ts', name: 'VirtioNicOptions', use: '`new VirtioNic(options)`' },
  { file: 'emulator/device/device.ts', name: 'AvpDeviceOptions', use: '`new AvpDevice(options)`' },
  {
    file: 'emulator/device/control/controlChannel.ts',
    name: 'AnswerPlan',
    use: '`device.tamper.planAnswer(plan)`',
  },
  { file: 'emulator/device/overwrite.ts', name: 'OverwriteOptions', use: '`device.tamper.overwrite(...)`' },
  { file: 'driver/portConfig.ts', name: 'PortConfig', use: '`port.configure(config)`' },
  { file: 'driver/mempoolView.ts', name: 'MempoolOptions', use: '`Mempool.create(options)`' },
  { file: 'driver/mbufView.ts', name: 'PacketOptions', use: '`mbufFromBytes(pool, bytes, options)`' },
  { file: 'testbench/replay.ts', name: 'ClauseReplay', use: '`replayClause(...)` in the test of a bundle' },
  { file: 'testbench/replay.ts', name: 'ScenarioReplay', use: '`replayScenario(...)` in the test of a bundle' },
];

const UNITS: Readonly<Record<string, string>> = { Bytes: 'bytes', Ms: 'ms', Percent: '%', Slots: 'slots' };

function unitOf({ name, type, tags }: Member): string {
  if (!/^(number|bigint)$/.test(type) && !tags.has('unit')) return '';
  const inName = Object.entries(UNITS).find(([ending]) => name.endsWith(ending))?.[1];
  const own = name.startsWith('fifoStrideBytes.') ? UNITS['Bytes'] : inName;
  const unit = tags.get('unit') ?? own;
  if (unit === undefined) throw new Error(`setting ${name} has no unit: write @unit into its docstring`);
  return unit;
}

function meaningOf({ name, doc }: Member): string {
  if (doc === '') throw new Error(`setting ${name} has no docstring`);
  return cell(doc);
}

function defaultText(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return value.toLocaleString('en-US').replaceAll(',', '_');
  return JSON.stringify(value).replaceAll('"', "'");
}

function deviceTable(sources: Declarations): string {
  const names = new Map(sources.members(SCHEMA, 'AvpDeviceSettings').map((member) => [member.name, member]));
  const defaults = avpDeviceSettings();
  const at = (name: string): unknown =>
    name.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], defaults);
  const order = Object.keys(settingsSchema.shape);
  const sorted = [...names.values()].sort(
    (one, other) => order.indexOf(one.name.split(/[.[]/)[0]!) - order.indexOf(other.name.split(/[.[]/)[0]!),
  );
  const rows = sorted.map((member) => {
    const isGroup = [...names.keys()].some((name) => name.startsWith(`${member.name}.`));
    if (isGroup) return [code(member.name), 'group', '', '', '', meaningOf(member)];
    const value = at(member.name);
    const type = member.type.replaceAll('"', "'");
    const range = rangeOf(schemaAt(settingsSchema, member.name));
    const standard = value === undefined ? 'required' : code(defaultText(value));
    return [code(member.name), code(type), standard, unitOf(member), cell(range), meaningOf(member)];
  });
  return table(['setting', 'type', 'default', 'unit', 'range', 'meaning'], rows);
}

/** A section about the options of an interface. @throws Error for an option without docstring, unit or default. */
export function optionsTable(sources: Declarations, { file, name, use }: Options): string {
  const rows = sources.members(file, name).map((member) => {
    const standard = member.tags.get('defaultValue');
    if (member.optional && standard === undefined)
      throw new Error(`${name}.${member.name} has no default: write @defaultValue into its docstring`);
    const isCode = standard !== undefined && /^([\d_.]+|'.*'|\{.*\}|\[.*\]|true|false|null)$/.test(standard);
    return [
      code(member.name),
      code(member.type.replaceAll('"', "'")),
      standard === undefined ? 'required' : isCode ? code(standard) : cell(standard),
      unitOf(member),
      cell(member.tags.get('range') ?? ''),
      meaningOf(member),
    ];
  });
  const about = sources.about(file, name);
  return `\n### ${name}\n\n${about} Used by ${use}.\n\n${table(['option', 'type', 'default', 'unit', 'range', 'meaning'], rows)}`;
}

/** The settings of the scenarios that come with the package. */
function scenarioTable(): string {
  const rows = scenarioNames().flatMap((name) => {
    const scenario = loadScenario(scenarioFile(name));
    const modes = modesOf(scenario).join(', ');
    const settings = Object.entries(scenario.settings ?? {});
    if (settings.length === 0) return [[code(name), modes, '', '', 'none']];
    return settings.map(([key, { default: standard, about }], i) =>
      i === 0
        ? [code(name), modes, code(key), code(standard), cell(about)]
        : ['', '', code(key), code(standard), cell(about)],
    );
  });
  return table(['scenario', 'modes', 'setting', 'default', 'meaning'], rows);
}

/** Returns the text of docs/settings.md. */
export function settingsPage(sources: Declarations): string {
  return [
    HEAD,
    DEVICE,
    deviceTable(sources),
    '\n## Scenarios of the package\n\n`npx avp run SCENARIO --set KEY=VALUE` changes one; values are text.\n\n',
    scenarioTable(),
    '\n## Options of a scenario\n',
    ...OF_SCENARIOS.map((options) => optionsTable(sources, options)),
    '\n## Options of the library\n',
    ...OF_LIBRARY.map((options) => optionsTable(sources, options)),
  ].join('');
}
