import { hex32 } from '../../../shared/hex';
import { MIGRATION_ATTACHED, MIGRATION_DETACHED, MIGRATION_ERROR, MIGRATION_NONE } from '../../../shared/loops/layout';
import type { DumpedDevice, DumpInspection } from './inspectDump';
import type { MempoolInspection, PortInspection, QueueInspection } from './driverPort';
import type { BufferRun, DeviceInspection, Ring, RingEntry, Scalars, Segment } from './inspection';

/** Number of items of a list that the text shows; JSON has all of them. */
const SHOWN = 8;

const STATUS: Readonly<Record<number, string>> = {
  [MIGRATION_NONE]: 'none',
  [MIGRATION_DETACHED]: 'detached',
  [MIGRATION_ATTACHED]: 'attached',
  [MIGRATION_ERROR]: 'error',
};

function shown<T>(list: readonly T[], toLine: (one: T) => string, what: string, most = SHOWN): string[] {
  const more = list.length - most;
  return [...list.slice(0, most).map(toLine), ...(more > 0 ? [`... and ${more} more ${what} (--json has all)`] : [])];
}

function indented(lines: readonly string[], by = 2): string[] {
  return lines.map((line) => `${' '.repeat(by)}${line}`);
}

export function pairs(values: Scalars | Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

export function withoutZeros(values: Scalars): Scalars {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== 0 && value !== '0x0'));
}

/** Wraps a list to the width of a terminal, between its items. */
function wrapped(head: string, text: string, width = 110): string[] {
  const lines: string[] = [];
  let line = head;
  for (const item of text.split(/(?<=,) /)) {
    if (line.length + item.length + 1 > width && line.trim() !== '') {
      lines.push(line);
      line = ' '.repeat(head.length);
    }
    line += line.endsWith(' ') ? item : ` ${item}`;
  }
  return [...lines, line];
}

function versionText(version: number): string {
  return `${version >>> 16}.${(version >>> 8) & 0xff}.${version & 0xff}`;
}

/** Text of the device info, with the name first. */
export function infoText({ ifname, magic, version, features, ...rest }: Scalars): string {
  const bits = {
    magic: hex32(Number(magic)),
    version: versionText(Number(version)),
    features: hex32(Number(features)),
  };
  return pairs({ ifname: String(ifname), ...bits, ...rest });
}

/** Text of the four registers. */
export function registerText(registers: Scalars): string {
  const status = (name: string): string => {
    const value = Number(registers[name]);
    return `${value} (${STATUS[value] ?? 'unknown'})`;
  };
  const mask = `interrupt mask ${hex32(Number(registers['interrupt_mask']))}, interrupt status ${hex32(Number(registers['interrupt_status']))}`;
  return `${mask}, migration status ${status('migration_status')}, migration ack ${status('migration_ack')}`;
}

export function segmentText({ va, pool, buffer, desc }: Segment): string {
  const name = buffer === null ? `${va} in pool ${pool}` : `pool ${pool} buffer ${buffer}`;
  return `${name} (data_len ${desc['data_len']})`;
}

function entryText({ slot, va, segments, problem }: RingEntry): string {
  const [first] = segments;
  const packet =
    first === undefined
      ? ''
      : `: ${segments.map(segmentText).join(' -> ')}, pkt_len ${first.desc['pkt_len']}, nb_segs ${first.desc['nb_segs']}, ol_flags ${first.desc['ol_flags']}`;
  return `slot ${slot}  ${va}${packet}${problem === null ? '' : `  ! ${problem}`}`;
}

/** @param most how many entries are listed. */
export function ringLines(ring: Ring, most = SHOWN): string[] {
  const own = [
    ...(ring.hostIndex === null ? [] : [`host's index ${ring.hostIndex}`]),
    ...(ring.driverIndex === null ? [] : [`driver's index ${ring.driverIndex}`]),
  ];
  const place = ring.offset === null ? 'in no map' : `at ${hex32(ring.offset)}`;
  const filled = ring.filled === null ? 'unreadable' : `filled ${ring.filled}`;
  const head = `${`${ring.kind} ${ring.queue}`.padEnd(8)} ${place}, len ${ring.len}, write ${ring.write}, read ${ring.read}, ${[filled, ...own].join(', ')}`;
  return [head, ...indented(shown(ring.entries, entryText, 'entries', most))];
}

function isUntouched({ write, read, filled }: Ring): boolean {
  return write === 0 && read === 0 && filled === 0;
}

/** Text of the rings. Consecutive unused rings share one line. */
export function allRingLines(rings: readonly Ring[]): string[] {
  const lines: string[] = [];
  for (let first = 0; first < rings.length;) {
    const ring = rings[first]!;
    let end = first + 1;
    while (
      isUntouched(ring) &&
      end < rings.length &&
      isUntouched(rings[end]!) &&
      rings[end]!.kind === ring.kind &&
      rings[end]!.len === ring.len
    )
      end++;
    if (end === first + 1) lines.push(...ringLines(ring));
    else lines.push(`${ring.kind} ${ring.queue} to ${rings[end - 1]!.queue}: len ${ring.len} each, never used`);
    first = end;
  }
  return lines;
}

export function runText({ first, count, place, queue }: BufferRun): string {
  const which = count === 1 ? `buffer ${first}` : `buffers ${first} to ${first + count - 1}`;
  const where = place === 'hostPool' ? "the host's pool" : place === 'guest' ? "the guest's hands" : place;
  return `${which}: ${where}${queue === null ? '' : place === 'guest' ? `, of queue ${queue}` : ` ${queue}`}`;
}

/** Text of the packet buffers: how many are where, and each pool. */
export function bufferLines({ total, counts, pools }: DeviceInspection['buffers']): string[] {
  const sum = total === null ? "those on no ring are in the host's pool or in the guest's hands" : `${total} in all`;
  const head = `${pairs(counts)}; ${sum}`;
  const poolLines = pools.flatMap(({ pool, addr, phys_addr, length, offset, where }) => [
    `pool ${pool}: addr ${addr}, phys_addr ${phys_addr}, length ${length}, ${offset === null ? 'in no map' : `at ${hex32(offset)}`}`,
    ...indented(shown(where, runText, 'runs')),
  ]);
  return [head, ...indented(poolLines)];
}

function section(head: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [head, ...indented(lines)];
}

/** Text of a device, from a live export or from a dump. */
export function deviceLines(device: DeviceInspection): string[] {
  if (!device.present) return ['vanished: everything reads as all ones'];
  const map = device.memoryMap;
  return [
    ...(device.registers === null ? [] : [`registers    ${registerText(device.registers)}`]),
    ...(device.deviceInfo === null ? [] : wrapped('device info  ', infoText(device.deviceInfo))),
    ...section(
      `memory map   ${map?.nb_maps ?? 0} maps`,
      shown(
        map?.maps ?? [],
        (one) => `addr ${one.addr}, phys_addr ${one.phys_addr}, length ${one.length}, at ${hex32(one.offset)} in BAR 2`,
        'maps',
      ),
    ),
    ...(device.request === null ? [] : wrapped('sync area    ', pairs(device.request))),
    ...section('rings', allRingLines(device.rings)),
    ...section('buffers', bufferLines(device.buffers)),
  ];
}

/** Text of a device with the host's private records of it. */
export function dumpedLines(device: DumpedDevice): string[] {
  const records: readonly (readonly [string, Scalars | null])[] = [
    ['function     ', device.function],
    ['host_device  ', device.device],
    ['host_port    ', device.host],
    ['counters     ', device.counters],
  ];
  const known = records.flatMap(([head, values]) =>
    values === null ? [] : wrapped(head, pairs(withoutZeros(values)) || 'all zero'),
  );
  return [`device ${device.name} in slot ${device.slot}`, ...indented([...deviceLines(device), ...known])];
}

function queueLines(kind: string, queues: readonly QueueInspection[]): string[] {
  return queues.flatMap(({ state, counters }, queue) =>
    wrapped(`${kind} queue ${queue}  `, `${pairs(state)}; counted: ${pairs(counters) || 'nothing'}`),
  );
}

/** Text of the driver's record of a port. */
export function portLines(port: PortInspection): string[] {
  const why = port.blocked.length === 0 ? 'bursts run' : `bursts do nothing: ${port.blocked.join(', ')}`;
  return [
    `port of ${port.device ?? 'no device'} in slot ${port.slot}: ${port.state}, ${why}`,
    ...indented([
      ...wrapped('fields  ', pairs(withoutZeros(port.fields))),
      ...wrapped('counters  ', pairs(port.counters) || 'none'),
      ...queueLines('rx', port.rxQueues),
      ...queueLines('tx', port.txQueues),
    ]),
  ];
}

/** Text of a pool of mbufs. */
export function mempoolLines({ label, size, available, inUse }: MempoolInspection): string[] {
  const line = (one: MempoolInspection['inUse'][number]): string =>
    `${hex32(one.address)}: pkt_len ${one.pkt_len}, data_len ${one.data_len}, nb_segs ${one.nb_segs}, next ${hex32(one.next)}`;
  return [
    `mempool '${label}': ${size} mbufs, ${available} available, ${inUse.length} in use`,
    ...indented(shown(inUse, line, 'mbufs')),
  ];
}

/** Text of a dump. */
export function dumpText(dump: DumpInspection): string {
  const bytes = dump.extents.reduce((sum, extent) => sum + extent.bytes, 0);
  const settings = Object.entries(dump.settings).map(([key, value]) => ` ${key}=${value}`);
  return [
    `scenario ${dump.scenario}${settings.join('')}, seed ${dump.seed}, mode ${dump.mode}${dump.engine === null ? '' : `, engine ${dump.engine}`}, verdict ${dump.verdict}, at ${dump.atMs} ms`,
    `memory: ${dump.extents.length} extents, ${bytes} bytes`,
    ...dump.devices.flatMap((device) => ['', ...dumpedLines(device)]),
    ...dump.ports.flatMap((port) => ['', ...portLines(port)]),
    ...(dump.mempools.length === 0 ? [] : ['', ...dump.mempools.flatMap(mempoolLines)]),
  ].join('\n');
}
