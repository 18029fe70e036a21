import { hostDevice, portCounters } from '../../../emulator/abi/records';
import type { Engine } from '../../../shared/engine';
import { pciFunction } from '../../../shared/abi/records';
import type { Dump } from '../dump/readDump';
import type { DumpDevice } from '../dump/dumpIndex';
import { inspectDevice } from './inspectDevice';
import { DriverPort, inspectMempool, type MempoolInspection, type PortInspection } from './driverPort';
import { HostRecords } from './hostRecords';
import { Problems } from './problems';
import type { Struct } from '../../../shared/abi/struct';
import { StructView } from './structView';
import type { DeviceInspection, Scalars } from './inspection';

/** A device of a dump: its BARs, and the private records behind it. */
export interface DumpedDevice extends DeviceInspection {
  readonly name: string;
  /** BDF, as in `0000:00:03.0`. */
  readonly slot: string;
  /** Fields of the `pci_function`. */
  readonly function: Scalars | null;
  /** Fields of the `host_device`, which outlives a change of hosts. */
  readonly device: Scalars | null;
  /** Fields of the present host's `host_port`, which include the negotiated terms. */
  readonly host: Scalars | null;
  /** The `port_counters` that are not zero. */
  readonly counters: Readonly<Record<string, number>>;
}

/** The inspection of a dump. */
export interface DumpInspection {
  readonly scenario: string;
  readonly seed: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly mode: string;
  readonly engine: Engine | null;
  readonly verdict: string;
  readonly atMs: number;
  /** The allocated extents of the arena. */
  readonly extents: readonly {
    readonly address: number;
    readonly bytes: number;
    readonly rights: readonly string[];
    readonly label: string;
  }[];
  readonly devices: readonly DumpedDevice[];
  readonly ports: readonly PortInspection[];
  readonly mempools: readonly MempoolInspection[];
  readonly problems: readonly string[];
}

function inspectOne({ space, privateRecords }: Dump, dumped: DumpDevice, driver: DriverPort | null): DumpedDevice {
  const bar = (number: keyof DumpDevice['bars']): Uint8Array | null => {
    const range = dumped.bars[number];
    return range === undefined ? null : space.bytesAt(range.address, range.bytes);
  };
  const scalars = (struct: Struct, address: number | null): StructView | null =>
    address === null || !privateRecords ? null : StructView.of(struct, space.bytesAt(address, struct.bytes));
  const problems = new Problems();
  const host = privateRecords ? HostRecords.at(space, dumped.host, problems) : null;
  const bars = { mmio: bar('0'), memory: bar('2'), memmap: bar('4'), device: bar('5') };
  return {
    name: dumped.name,
    slot: dumped.slot,
    ...inspectDevice(bars, { host, driverIndex: driver?.index ?? (() => null), problems }),
    function: scalars(pciFunction, dumped.function)?.scalars() ?? null,
    device: scalars(hostDevice, dumped.state)?.scalars() ?? null,
    host: host?.port.scalars() ?? null,
    counters: scalars(portCounters, dumped.counters)?.counters() ?? {},
  };
}

/** Inspects a dump. */
export function inspectDump(dump: Dump): DumpInspection {
  const { index, space, privateRecords } = dump;
  const nameOf = (device: number): string | null => index.devices.find((one) => one.function === device)?.name ?? null;
  const ports = privateRecords ? index.ports : [];
  const drivers = ports.map(({ slot: bdf, address, device }) => ({
    device,
    port: DriverPort.at(space, nameOf(device), bdf, address),
  }));
  const devices = index.devices.map((device) =>
    inspectOne(dump, device, drivers.find((one) => one.device === device.function)?.port ?? null),
  );
  const mempools = privateRecords
    ? index.mempools.map(({ label, address }) => inspectMempool(space, label, address))
    : [];
  const { scenario, seed, settings, mode, engine = null, verdict, atMs } = index;
  const foreign = `written by version ${index.versions.tool} with other private records: only the BARs can be read`;
  return {
    ...{ scenario, seed, settings, mode, engine, verdict, atMs },
    extents: index.extents.map(({ address, bytes, rights, label }) => ({ address, bytes, rights, label })),
    devices,
    ports: drivers.flatMap(({ port }) => (port === null ? [] : [port.inspect()])),
    mempools,
    problems: [
      ...(privateRecords ? [] : [foreign]),
      ...devices.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`)),
      ...mempools.flatMap(({ label, problem }) => (problem === null ? [] : [`mempool '${label}': ${problem}`])),
    ],
  };
}
