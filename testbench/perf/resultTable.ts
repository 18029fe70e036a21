import { BURST } from './cases';
import type { PerfScale } from './perf';
import type { Figure, PeerName, PerfResult } from './results';

/** Name of a peer in the table: `c` is the C counterpart of our side. */
export function peerTitle(side: PerfResult['side'], peer: PeerName): string {
  if (peer === 'dpdk') return 'net_avp';
  return side === 'guest' ? 'C loop' : 'C host';
}

/** Columns that are left out where all rows have the usual value. */
const USUAL: Readonly<Record<string, string>> = { side: 'guest', burst: String(BURST), ports: '1', queues: '1' };

/** Columns with words, which stand to the left; figures stand to the right. */
const WORDS = ['mode', 'side', 'shape', 'path', 'engine', 'peer'];

function cell(value: number | null, decimals: number): string {
  return value === null ? 'n/a' : value.toFixed(decimals);
}

function spreadCell({ leastNs, mostNs }: Pick<Figure, 'leastNs' | 'mostNs'>): string {
  return leastNs === null || mostNs === null ? 'n/a' : `${leastNs.toFixed(0)}..${mostNs.toFixed(0)}`;
}

/** Names a result's subject in one line. */
export function subjectText({ mode, side, shape, path, bytes, burst, queues, ports }: PerfResult): string {
  const lanes = ports * queues === 1 ? '' : `, ${ports} ports of ${queues} queues`;
  return `${mode}, ${side}, ${shape}, ${path}, ${bytes} bytes, burst ${burst}${lanes}`;
}

/** Says why figures of a result are missing. */
function reasonsOf(result: PerfResult): string[] {
  const sides = [
    ['ours', result.reason] as const,
    ...Object.entries(result.peers).map(
      ([name, peer]) => [peerTitle(result.side, name as PeerName), peer.reason] as const,
    ),
  ];
  return sides.flatMap(([who, why]) => (why === undefined ? [] : [`n/a: ${subjectText(result)}, ${who}: ${why}`]));
}

function rowsOf(result: PerfResult): Record<string, string>[] {
  const { mode, side, shape, path, bytes, burst, ports, queues, engine, nsPerPacket, mpps, peers } = result;
  const own = {
    ...{ mode, side, shape, path, bytes: String(bytes), burst: String(burst) },
    ...{ ports: String(ports), queues: String(queues), engine },
    ...{ 'ours ns': cell(nsPerPacket, 1), spread: spreadCell(result), Mpps: cell(mpps, 2) },
    'scav/M': cell(result.scavengesPerMpackets, 2),
  };
  const rows = Object.entries(peers).map(([name, peer]) => ({
    ...own,
    peer: peerTitle(side, name as PeerName),
    'its ns': cell(peer.nsPerPacket, 1),
    'its spread': spreadCell(peer),
    ratio: cell(peer.ratio, 2),
  }));
  return rows.length === 0 ? [own] : rows;
}

/** Lays rows out as lines of a table, with a line of titles. The columns are those of the first row. */
export function tableOf(rows: readonly Readonly<Record<string, string>>[], words: readonly string[]): string[] {
  const titles = Object.keys(rows[0] ?? {});
  const lines = [titles, ...rows.map((row) => titles.map((title) => row[title] ?? ''))];
  const columns = titles.map((title, column) => ({
    width: Math.max(...lines.map((line) => line[column]!.length)),
    left: words.includes(title),
  }));
  return lines.map((line) =>
    columns
      .map(({ width, left }, column) => (left ? line[column]!.padEnd(width) : line[column]!.padStart(width)))
      .join('  ')
      .trimEnd(),
  );
}

/** Says which results are of devices with less memory than the others. */
export function sizeNotes(results: readonly PerfResult[]): string[] {
  const several = results.filter(({ ports }) => ports > 1);
  const notes = several.map(
    ({ ports, queues, hostBuffers, ringSlots }) =>
      `${ports} ports of ${queues} queues: each device has ${hostBuffers} host buffers and rings of ${ringSlots} slots`,
  );
  return [...new Set(notes)];
}

/** Lays results out as a table. Below it are the sizes of smaller devices and the reasons for missing figures. */
export function resultTable(results: readonly PerfResult[]): string[] {
  if (results.length === 0) return [];
  const rows = results.flatMap(rowsOf);
  const unusual = (title: string): boolean => !(title in USUAL) || rows.some((row) => row[title] !== USUAL[title]);
  const shown = rows.map((row) => Object.fromEntries(Object.entries(row).filter(([title]) => unusual(title))));
  return [...tableOf(shown, WORDS), ...sizeNotes(results), ...results.flatMap(reasonsOf)];
}

const KIB = 1_024;

/** Lays out how cost and memory grow. */
export function scaleTable({ attach, nodes, deviceMemory }: PerfScale): string[] {
  const attached = attach.map((cost) => ({
    segments: String(cost.segments),
    ...{ pools: String(cost.pools), mempools: String(cost.mempools), queues: String(cost.queues) },
    ...{
      'probe ms': cost.probeMs.toFixed(2),
      spread: `${cost.leastProbeMs.toFixed(2)}..${cost.mostProbeMs.toFixed(2)}`,
    },
    'attach ms': cost.attachMs.toFixed(2),
    'its spread': `${cost.leastAttachMs.toFixed(2)}..${cost.mostAttachMs.toFixed(2)}`,
  }));
  const inOneThread = nodes.map((node) => ({
    devices: String(node.devices),
    bytes: String(node.bytes),
    'node ns': node.nsPerPacket.toFixed(1),
    ...{ spread: spreadCell(node), 'scav/M': node.scavengesPerMpackets.toFixed(2) },
  }));
  const kib = (bytes: number): string => `${(bytes / KIB).toFixed(0)} KiB`;
  const { sharedBytes, hostBytes, portBytes, heapBytes } = deviceMemory;
  const memory = `${kib(sharedBytes)} in BAR 2, ${kib(hostBytes)} of the host, ${kib(portBytes)} of the port, ${kib(heapBytes)} of objects`;
  return [...tableOf(attached, []), '', ...tableOf(inOneThread, []), '', `memory of a device: ${memory}`];
}
