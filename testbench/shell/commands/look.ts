/** Commands that look and change nothing. */
import { hex } from '../../../shared/hex';
import { UsageError } from '../../../shared/errors';
import { pciDevicesOf } from '../../common/pciDevices';
import { timelineText } from '../../evidence/bundle/timelineText';
import { countsText, deviceText, readDevice } from '../../evidence/deviceReading';
import type { Ring } from '../../evidence/inspect/inspection';
import type { DumpedDevice } from '../../evidence/inspect/inspectDump';
import { inspectMemory } from '../../evidence/inspect/inspectMemory';
import {
  allRingLines,
  bufferLines,
  dumpedLines,
  mempoolLines,
  portLines,
  registerText,
  ringLines,
} from '../../evidence/inspect/inspectionText';
import { wholeNumber } from '../../runtime/lineCommands';
import type { Outcome, ShellCommands, ShellContext } from '../command';
import type { FoundAvpNic } from '../machines';

const MAX_LINES = 1_000_000;
const DEFAULT_TIMELINE_LINES = 20;

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function inspectionOf({ run }: ShellContext, { device }: FoundAvpNic): DumpedDevice {
  const found = inspectMemory(run, device.function.base).devices[0];
  if (found === undefined) throw new UsageError(`${device.name} has no memory any more`);
  return found;
}

/** Text and data about one NIC or all, each under its name. */
function perNic(
  shell: ShellContext,
  name: string | undefined,
  about: (nic: FoundAvpNic) => { readonly lines: readonly string[]; readonly result: object },
): Outcome {
  const found = shell.machines.avpNicsCalled(name).map((one) => ({ name: one.nic.name, ...about(one) }));
  const text = found.flatMap(({ name: nic, lines }) => [nic, ...indented(lines)]).join('\n');
  return { text: text || 'no AVP NIC', result: { nics: found.map((one) => ({ nic: one.name, ...one.result })) } };
}

function migrationText(shell: ShellContext): Outcome {
  const reports = [
    ...shell.bench.migrations,
    ...shell.migrations.filter(({ done }) => !done).map((one) => one.report()),
  ];
  const lines = reports.flatMap(({ instance, from, to, outcome, cause, timeline }) => [
    `${instance}: ${from} to ${to}, ${(outcome as string | null) ?? 'under way'}${cause === null ? '' : `: ${cause}`}`,
    ...timeline.map(
      ({ atMs, nic, step, detail }) => `  ${atMs.toFixed(3)} ms  ${nic ?? 'instance'}  ${step} ${detail}`,
    ),
  ]);
  return { text: lines.join('\n') || 'no migration yet', result: { migrations: reports } };
}

function nodesText({ machines }: ShellContext): Outcome {
  const nodes = machines.nodes.map((node) => ({
    node: node.name,
    instances: node.machines.map((machine) => ({
      instance: machine.name,
      nics: machine.nics.map((nic) => {
        const driver = pciDevicesOf(machine).find(({ slot }) => slot === nic.bdf)?.driver ?? null;
        const migration = nic.device?.migration ?? null;
        return {
          ...{ nic: nic.name, slot: nic.bdf, network: nic.network, model: nic.model, mac: nic.mac, driver },
          ...{ present: nic.present, linkUp: nic.device?.inspect.linkUp ?? null, status: migration?.status ?? null },
        };
      }),
    })),
  }));
  const lines = nodes.flatMap(({ node, instances }) => [
    `node ${node}${instances.length === 0 ? ': no instance' : ''}`,
    ...instances.flatMap(({ instance, nics }) => [
      `  instance ${instance}`,
      ...nics.map((one) => {
        const link = one.linkUp === null ? '' : one.linkUp ? ', link up' : ', link down';
        const state = one.present ? `driver ${one.driver ?? '-'}${link}` : 'vanished';
        return `    ${one.nic}  ${one.slot}  ${one.model}  network ${one.network}  ${one.mac}  ${state}`;
      }),
    ]),
  ]);
  return { text: lines.join('\n') || 'no node', result: { nodes } };
}

function rings(shell: ShellContext, [name, which]: readonly string[]): Outcome {
  const matches = ({ kind, queue }: Ring): boolean =>
    which === undefined || which === `${kind}${queue}` || which === kind;
  return perNic(shell, name, (nic) => {
    const all = inspectionOf(shell, nic).rings;
    const found = all.filter(matches);
    if (found.length === 0 && which !== undefined)
      throw new UsageError(
        `there is no ring '${which}': expected ${all.map(({ kind, queue }) => kind + queue).join(', ')}`,
      );
    const lines = which === undefined ? allRingLines(found) : found.flatMap((ring) => ringLines(ring, Infinity));
    return { lines, result: { rings: found } };
  });
}

function requests({ device }: FoundAvpNic): { readonly lines: string[]; readonly result: object } {
  const all = device.inspect.requests;
  const lines = all.map(({ takenAtMs, reqId, newMtu, ifUp, config, result, answeredAtMs }) => {
    const { numRxQueues, numTxQueues, features } = config;
    const carried: Readonly<Record<number, string>> = {
      1: `change-mtu ${newMtu}`,
      2: `link ${ifUp}`,
      3: `config ${numRxQueues} rx, ${numTxQueues} tx, features ${features}`,
      4: 'shutdown',
    };
    const answers =
      answeredAtMs.length === 0 ? 'not answered' : `answered ${answeredAtMs.map((ms) => ms.toFixed(3)).join(', ')}`;
    return `${takenAtMs.toFixed(3)} ms  ${carried[reqId] ?? `request ${reqId}`}: result ${result}, ${answers}`;
  });
  const plain = all.map(({ config: { deviceId, ...config }, ...one }) => ({
    ...one,
    config: { ...config, deviceId: hex(deviceId) },
  }));
  return { lines: lines.length === 0 ? ['no request yet'] : lines, result: { requests: plain } };
}

function stats(shell: ShellContext, [name]: readonly string[]): Outcome {
  return perNic(shell, name, ({ nic, device, port }) => {
    const reading = readDevice(device);
    const driver = port?.open === true ? port.driver.xstatsGet() : {};
    const waiting = port === null ? 0 : port.waiting;
    const lines = [
      ...deviceText(reading, nic.port.stats()),
      `driver       ${countsText(driver)}`,
      ...(port === null
        ? ['application  none']
        : [`application  ${waiting} frames wait to be sent, ${port.mbufsInUse} mbufs in use`]),
    ];
    return { lines, result: { ...reading, switch: nic.port.stats(), driver, waiting } };
  });
}

function timeline({ records }: ShellContext, [count]: readonly string[]): Outcome {
  const most = count === undefined ? DEFAULT_TIMELINE_LINES : wholeNumber('lines', count, 1, MAX_LINES);
  const [head = '', ...lines] = timelineText(records.evidence!.log.record()).trimEnd().split('\n');
  const last = lines.slice(-most);
  const before = lines.length - last.length;
  const skipped = before === 0 ? [] : [`(${before} earlier lines: timeline ${lines.length} shows all)`];
  return { text: [...skipped, head, ...last].join('\n'), result: { lines: last } };
}

export const LOOK_COMMANDS: ShellCommands = {
  nodes: {
    usage: 'nodes',
    about: 'lists nodes, instances and NICs',
    least: 0,
    most: 0,
    takes: [],
    run: nodesText,
  },
  registers: {
    usage: 'registers [NIC]',
    about: 'shows the registers of BAR 0',
    least: 0,
    most: 1,
    takes: ['nic'],
    run: (shell, [name]) =>
      perNic(shell, name, (nic) => {
        const { registers } = inspectionOf(shell, nic);
        return { lines: registers === null ? ['none'] : [registerText(registers)], result: { registers } };
      }),
  },
  rings: {
    usage: 'rings [NIC] [RING]',
    about: 'shows the rings with their first entries, or one (rx0) or one kind (rx) with all entries',
    least: 0,
    most: 2,
    takes: ['nic', 'ring'],
    run: rings,
  },
  buffers: {
    usage: 'buffers [NIC]',
    about: 'shows where each packet buffer is',
    least: 0,
    most: 1,
    takes: ['nic'],
    run: (shell, [name]) =>
      perNic(shell, name, (nic) => {
        const { buffers } = inspectionOf(shell, nic);
        return { lines: bufferLines(buffers), result: { buffers } };
      }),
  },
  port: {
    usage: 'port [NIC]',
    about: "shows the driver's own record of a port: state, queues, counters, why its bursts do nothing",
    least: 0,
    most: 1,
    takes: ['nic'],
    run: (shell, [name]) =>
      perNic(shell, name, ({ device }) => {
        const { ports } = inspectMemory(shell.run, device.function.base);
        return { lines: ports.length === 0 ? ['no driver'] : ports.flatMap(portLines), result: { ports } };
      }),
  },
  mempools: {
    usage: 'mempools',
    about: "shows the guests' mempools, and the mbufs in use",
    least: 0,
    most: 0,
    takes: [],
    run: ({ run }) => {
      const { mempools } = inspectMemory(run);
      return { text: mempools.flatMap(mempoolLines).join('\n') || 'no mempool', result: { mempools } };
    },
  },
  inspect: {
    usage: 'inspect [NIC]',
    about: 'shows all of a device: registers, device info, memory map, rings, buffers, and what contradicts itself',
    least: 0,
    most: 1,
    takes: ['nic'],
    run: (shell, [name]) =>
      perNic(shell, name, (nic) => {
        const device = inspectionOf(shell, nic);
        const problems = device.problems.map((problem) => `problem: ${problem}`);
        return { lines: [...dumpedLines(device), ...problems], result: { device } };
      }),
  },
  stats: {
    usage: 'stats [NIC]',
    about: 'shows the counters of device, driver and switch port, and whether all frames and buffers are accounted for',
    least: 0,
    most: 1,
    takes: ['nic'],
    run: stats,
  },
  events: {
    usage: 'events [NIC]',
    about: "shows the driver's events: link, detached, attached, removed",
    least: 0,
    most: 1,
    takes: ['nic'],
    run: (shell, [name]) =>
      perNic(shell, name, ({ port }) => {
        const events = port?.events ?? [];
        const lines = events.map(({ atMs, event, ...detail }) => {
          const more = Object.entries(detail).filter(
            ([, value]) => value !== undefined && value !== null && value !== '',
          );
          return `${atMs.toFixed(3)} ms  ${event}${more.map(([key, value]) => `  ${key} ${JSON.stringify(value)}`).join('')}`;
        });
        return { lines: lines.length === 0 ? ['no event yet'] : lines, result: { events } };
      }),
  },
  requests: {
    usage: 'requests [NIC]',
    about: "shows the guest's last control requests and their answers",
    least: 0,
    most: 1,
    takes: ['nic'],
    run: (shell, [name]) => perNic(shell, name, requests),
  },
  migrations: {
    usage: 'migrations',
    about: 'shows each live migration step by step',
    least: 0,
    most: 0,
    takes: [],
    run: migrationText,
  },
  timeline: {
    usage: 'timeline [LINES]',
    about: 'shows what happened last: control operations, requests, registers, interrupts, hot plug',
    least: 0,
    most: 1,
    takes: ['any'],
    run: timeline,
  },
};
