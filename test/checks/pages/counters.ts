/** Writes docs/counters.md from the declarations of the counters. */
import type { Declarations, Documented } from './declarations';
import { cell, code, table } from './table';

const OF_DEVICE = 'emulator/device/counters.ts';
const OF_DRIVER = 'driver/abi/records.ts';
const OF_RUN = 'testbench/api/result.ts';
const OF_TRAFFIC = 'testbench/api/traffic.ts';

const HEAD = `# Counters

<!-- Written from the declarations by \`make generate\` (test/checks/pages/counters.ts). Do not edit. -->

Every counter and every cause of a drop, under the name that API and JSON give it. A counter is a whole number that only grows, unless its meaning says otherwise. It counts frames or packets, unless its name or meaning says otherwise. Lengths in bytes leave the CRC out. Sections are those of [PROTOCOL.md](../shared/PROTOCOL.md).

| counters of | read with | type |
| --- | --- | --- |
| [a device](#device) | \`device.inspect.stats()\`; \`stats\` of \`avp serve\` | \`DeviceStats\` |
| [a switch port](#switch-port) | \`nic.port.stats()\` | \`SwitchPortStats\` |
| [a network](#network) | \`network.stats()\` | \`NetworkStats\` |
| [a driver](#driver) | \`port.xstatsGet()\`, \`port.statsGet()\`; \`avp inspect\` | \`RxCounter\`, \`TxCounter\`, \`PortStats\` |
| [a run](#run) | \`bench.accounts()\`, \`bench.traffic()\`, \`load.report()\`; JSON of \`avp run\` | \`PortAccount\`, \`TrafficTotals\`, \`LoadReport\` |

## What adds up

| where | equation |
| --- | --- |
| device, at any moment | \`toGuest.offered\` = \`toGuest.delivered\` + \`toGuest.waiting\` + sum of \`toGuest.dropped\` |
| device, at any moment | \`fromGuest.offered\` = \`fromGuest.forwarded\` + sum of \`fromGuest.dropped\` |
| switch port, after each frame | \`in\` = \`forwarded\` + \`flooded\` + sum of \`dropped\` |
| receive queue of a driver, after each burst | packets taken off rx = \`good_packets\` + \`filtered_mac\` + \`no_mbuf\` + sum of \`dropped_...\` |
| transmit queue of a driver, after each burst | packets that bursts took = \`good_packets\` + sum of \`dropped_...\` |
| queue of a driver | \`errors\` = sum of \`dropped_...\` |
| account of a port, at a quiet point | \`offered\` = \`delivered\` + sum of \`dropped\` |
| load | \`wrong\` = \`corrupted\` + \`duplicated\` + \`reordered\` + \`unexpected\` |
| packet buffers of a device | \`total\` = \`hostPool\` + \`alloc\` + \`tx\` + \`rx\` + \`free\` + \`guest\` |
`;

/** Names with a beginning, and the meaning of each. */
function rows(members: readonly Documented[], prefix = ''): string[][] {
  return members.map(({ name, doc }) => {
    if (doc === '') throw new Error(`counter ${prefix}${name} has no docstring`);
    return [code(`${prefix}${name}`), cell(doc)];
  });
}

function counterTable(all: readonly string[][]): string {
  return table(['counter', 'meaning'], all);
}

function deviceTable(sources: Declarations): string {
  const groups: Readonly<Record<string, string>> = {
    'toGuest.dropped': 'RxDrops',
    'fromGuest.dropped': 'TxDrops',
    control: 'ControlCounters',
    migration: 'MigrationCounters',
    refused: 'RefusedCounters',
  };
  const all = sources.members('emulator/device/deviceStats.ts', 'DeviceStats').flatMap((member) => {
    const type = groups[member.name];
    if (type !== undefined) return rows(sources.members(OF_DEVICE, type), `${member.name}.`);
    return ['toGuest', 'fromGuest', 'queues'].includes(member.name) ? [] : rows([member]);
  });
  return counterTable(all);
}

function driverTables(sources: Declarations): string {
  const blocks = [
    ['rx_q0_', 'rxCounters'],
    ['tx_q0_', 'txCounters'],
    ['control_', 'controlCounters'],
    ['migration_', 'migrationCounters'],
  ] as const;
  return counterTable(blocks.flatMap(([prefix, name]) => rows(sources.record(OF_DRIVER, name), prefix)));
}

function membersTable(sources: Declarations, file: string, name: string): string {
  return `\n### ${name}\n\n${sources.about(file, name)}\n\n${counterTable(rows(sources.members(file, name)))}`;
}

const CAUSES = `
### Causes of drops

\`dropped\` and \`lostByCause\` name the place before the cause (\`DropCause\`). Causes that did not occur are left out.

| name | meaning |
| --- | --- |
| \`host CAUSE\` | the device dropped it: \`toGuest.dropped.CAUSE\` or \`fromGuest.dropped.CAUSE\` |
| \`switch CAUSE\` | the switch port dropped it: \`dropped.CAUSE\` |
| \`guest CAUSE\` | the driver dropped it: \`CAUSE\` is \`dropped_...\`, \`filtered_mac\` or \`no_mbuf\`, of all queues together |
| \`guest unsent\` | the application gave it up, because its port was closed or the driver never took it |
| \`fault NAME\` | a fault kept it from the device ([faults.md](faults.md)) |
| \`unsent\`, \`full\`, \`cut\`, \`too_short\`, \`too_long\` | of an endpoint that plays or keeps captures: it was not sent before the end; the sink was full; the capture lacks its end; it is shorter than an Ethernet header; it is longer than can be played |
`;

/** Returns the text of docs/counters.md. */
export function countersPage(sources: Declarations): string {
  return [
    HEAD,
    '\n## Device\n\n`DeviceStats` of the host behind an AVP device. The counters go on when another host takes over.\n\n',
    deviceTable(sources),
    membersTable(sources, 'emulator/device/memory/bufferAudit.ts', 'BufferAudit'),
    '\n## Switch port\n\n`SwitchPortStats`. The counters go on when the endpoint migrates.\n\n',
    counterTable([
      ...rows(
        sources.members('emulator/network/switchPort.ts', 'SwitchPortStats').filter(({ name }) => name !== 'dropped'),
      ),
      ...rows(sources.list('emulator/network/switchPort.ts', 'SWITCH_DROPS'), 'dropped.'),
    ]),
    '\n## Network\n\n`NetworkStats`, of the table of addresses.\n\n',
    counterTable(rows(sources.members('emulator/network/network.ts', 'NetworkStats'))),
    '\n## Driver\n\nThe extended statistics of `port.xstatsGet()`, since the last `statsReset()`. The first number in `rx_q0_...` and `tx_q0_...` is that of the queue: there is one such counter for each queue that is configured or has counted anything.\n\n',
    driverTables(sources),
    membersTable(sources, 'driver/stats.ts', 'PortStats'),
    membersTable(sources, 'driver/stats.ts', 'QueueStats'),
    '\n## Run\n',
    membersTable(sources, OF_RUN, 'PortAccount'),
    membersTable(sources, OF_RUN, 'TrafficTotals'),
    membersTable(sources, OF_TRAFFIC, 'LoadReport'),
    membersTable(sources, OF_TRAFFIC, 'ExchangeReport'),
    CAUSES,
  ].join('');
}
