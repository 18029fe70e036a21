import { type Errno, errnoName } from '../../../shared/errno';
import type { TestpmdPortStats } from '../../peers/dpdk/parse';
import { NOTHING, type Share } from './traffic';
import type { LinkState, PortInfo, GuestPortStats, QueueStats, Refusal, Result } from '../target';

/** Texts of strerror and testpmd by errno, where testpmd prints no number. */
const MESSAGES: readonly (readonly [RegExp, keyof typeof Errno])[] = [
  [/live migration operation in progress/, 'EBUSY'],
  [/Invalid argument/, 'EINVAL'],
  // Refusals of rte_eth_dev_configure, or of testpmd for it, by the limits of the driver.
  [/nb_[rt]x_queues=\d+ > |device max frame size|can't be greater than|match [RT]x offloads capabilities/, 'EINVAL'],
  // The refusal of rte_eth_rx_queue_setup for mbufs below the driver's min_rx_bufsize.
  [/mbuf_data_room_size \d+ < \d+/, 'EINVAL'],
  [/Device or resource busy/, 'EBUSY'],
  [/Operation not supported|not supported|doesn't support/, 'ENOTSUP'],
  [/Bad address/, 'EFAULT'],
  [/Cannot allocate memory/, 'ENOMEM'],
  [/Timer expired/, 'ETIME'],
];

/** True for an output of `port attach` by which the bus has offered the device to net_avp. */
export function wasProbed(output: string): boolean {
  return /Probe PCI driver: net_avp /.test(output);
}

/** True for an output of `port attach` by which the driver has taken the device. */
export function wasAttached(output: string): boolean {
  return /is attached/.test(output);
}

/** True for an output of `port close` by which the port is closed. */
export function wasClosed(output: string): boolean {
  return /is closed/.test(output);
}

/** True for an output of `port stop`, or of a command that changes a setting, that tells of a failure. */
export function hasFailed(output: string): boolean {
  return /fail|error|ret=-|return code = -/i.test(output);
}

/** True for an output of `port start` that shows the MAC address of a started port. */
export function hasStarted(output: string): boolean {
  return /^Port 0: (?:[0-9A-F]{2}:){5}/m.test(output);
}

/** True for the answer to a command that this release of testpmd does not know. */
export function isUnknownCommand(output: string): boolean {
  return /^(?:Bad arguments|Command not found)/m.test(output);
}

/** Finds the errno in an output of testpmd and the driver; `ENODEV` where it names none. */
function errnoIn(output: string): string {
  // The innermost function prints its errno first, the driver's own or ethdev's. testpmd comes last.
  const found =
    /ret=(-\d+)/.exec(output) ?? /(?:failed with error|diag ?=|return code =|dev_\w+ =) ?(-\d+)/.exec(output);
  if (found !== null) return errnoName(Number(found[1]));
  return MESSAGES.find(([text]) => text.test(output))?.[1] ?? 'ENODEV';
}

/** Makes a refusal out of the output of a failed operation. */
export function refusalOf(output: string): Refusal {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(Done|Attaching|(EAL|PCI_BUS): Probe)/.test(line));
  return { ok: false, errno: errnoIn(output), message: lines.join('; ') };
}

/** Makes the result of an operation. @param output of testpmd, which names the errno of a failure */
export function resultOf(ok: boolean, output: string): Result {
  return ok ? { ok: true, value: undefined } : refusalOf(output);
}

/**
 * Number of generated frames that the driver took. The sent frames are no measure: it also takes frames that it drops.
 * @param dropped `TX-dropped` of a forwarding run, in which testpmd adds the rise of oerrors to the frames that were
 * not taken. @param errors that rise.
 */
export function takenOf(frames: number, dropped: number, errors: number): number {
  return frames - (dropped - errors);
}

function queuesIn(xstats: Readonly<Record<string, number>>, side: 'rx' | 'tx'): QueueStats[] {
  const queues: QueueStats[] = [];
  for (let queue = 0; `${side}_q${queue}_packets` in xstats; queue++) {
    const value = (what: string): number => xstats[`${side}_q${queue}_${what}`] ?? 0;
    queues.push({ packets: value('packets'), bytes: value('bytes'), errors: value('errors') });
  }
  return queues;
}

/** The counts without a share. A driver that has set its counters back by itself may show less than the share. */
function less({ packets, bytes, errors }: QueueStats, share: Share = NOTHING): QueueStats {
  return { packets: Math.max(0, packets - share.packets), bytes: Math.max(0, bytes - share.bytes), errors };
}

/** Statistics of the port. @param stats from `show port stats`. @param xstats from `show port xstats`. */
export function shownStats(stats: TestpmdPortStats, xstats: Readonly<Record<string, number>>): GuestPortStats {
  const tx = { packets: stats.txPackets, bytes: stats.txBytes, errors: stats.txErrors };
  const txQueues = queuesIn(xstats, 'tx');
  return {
    rx: { packets: stats.rxPackets, bytes: stats.rxBytes, errors: stats.rxErrors },
    tx,
    rxNombuf: stats.rxNombuf,
    rxFiltered: null,
    rxQueues: queuesIn(xstats, 'rx'),
    // testpmd shows no transmit errors by queue: those of an only queue are the port's.
    txQueues: txQueues.length === 1 ? [{ ...txQueues[0]!, errors: tx.errors }] : txQueues,
  };
}

/** Subtracts from the statistics the bench's own share of the traffic of each queue. */
export function withoutShares(
  stats: GuestPortStats,
  shares: readonly { readonly rx: Share; readonly tx: Share }[],
): GuestPortStats {
  const rest = (queues: readonly QueueStats[], side: 'rx' | 'tx'): QueueStats[] =>
    queues.map((queue, index) => less(queue, shares[index]?.[side]));
  return {
    ...stats,
    rx: shares.reduce((sum, { rx }) => less(sum, rx), stats.rx),
    tx: shares.reduce((sum, { tx }) => less(sum, tx), stats.tx),
    rxQueues: rest(stats.rxQueues, 'rx'),
    txQueues: rest(stats.txQueues, 'tx'),
  };
}

function sumOf(a: QueueStats, b: QueueStats | undefined): QueueStats {
  return b === undefined
    ? a
    : { packets: a.packets + b.packets, bytes: a.bytes + b.bytes, errors: a.errors + b.errors };
}

/** Adds the statistics before and after a port was set up again, which restarts its counters. */
export function addedStats(a: GuestPortStats, b: GuestPortStats): GuestPortStats {
  return {
    ...a,
    rx: sumOf(a.rx, b.rx),
    tx: sumOf(a.tx, b.tx),
    rxQueues: a.rxQueues.map((queue, index) => sumOf(queue, b.rxQueues[index])),
    txQueues: a.txQueues.map((queue, index) => sumOf(queue, b.txQueues[index])),
  };
}

/** @param info from `show port info`. */
export function linkOf(info: Readonly<Record<string, string>>): LinkState {
  const [, speed, unit] = /^(\d+) ([GM])bps/.exec(info['Link speed'] ?? '') ?? [];
  return {
    up: info['Link status'] === 'up',
    speedMbps: Number(speed ?? 0) * (unit === 'G' ? 1_000 : 1),
    fullDuplex: info['Link duplex'] === 'full-duplex',
  };
}

/** Speeds in the output of `show device info`, in which one that stands for any speed has none. */
function speedsIn(device: string): number[] {
  const line = /Device speed capability:(.*)/.exec(device)?.[1] ?? '';
  return Array.from(
    line.matchAll(/(\d+(?:\.\d+)?) ([GM])bps/g),
    ([, speed, unit]) => Number(speed) * (unit === 'G' ? 1_000 : 1),
  );
}

/**
 * @param info from `show port info`. @param rx shown receive offloads. @param tx shown transmit offloads.
 * @param device from `show device info`.
 */
export function infoOf(info: Readonly<Record<string, string>>, rx: string, tx: string, device: string): PortInfo {
  const number = (name: string): number => Number(info[name] ?? Number.NaN);
  return {
    maxRxQueues: number('Max possible RX queues'),
    maxTxQueues: number('Max possible TX queues'),
    minRxBufSize: number('Minimum size of RX buffer'),
    maxRxPktLen: number('Maximum configurable length of RX packet'),
    maxMacAddrs: number('Maximum number of MAC addresses'),
    vlanStrip: rx.includes('VLAN_STRIP'),
    vlanInsert: tx.includes('VLAN_INSERT'),
    rxScatter: rx.includes('SCATTER'),
    txMultiSegs: tx.includes('MULTI_SEGS'),
    speedsMbps: speedsIn(device),
    mtu: number('MTU'),
    minMtu: null,
    maxMtu: null,
  };
}
