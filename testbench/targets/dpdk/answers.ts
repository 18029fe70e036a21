import { type Errno, errnoName } from '../../../shared/errno';
import type { PeerPortStats } from '../../peers/dpdk/parse';
import { NOTHING, type Share } from './traffic';
import type { LinkState, PortInfo, PortStats, QueueStats, Refusal, Result } from '../target';

/** What strerror says, where testpmd gives no number. */
const MESSAGES: readonly (readonly [RegExp, keyof typeof Errno])[] = [
  [/live migration operation in progress/, 'EBUSY'],
  [/Invalid argument/, 'EINVAL'],
  // What rte_eth_dev_configure, and testpmd for it, refuses by the limits that the driver gives.
  [/nb_[rt]x_queues=\d+ > |device max frame size|can't be greater than/, 'EINVAL'],
  [/Device or resource busy/, 'EBUSY'],
  [/Operation not supported|not supported/, 'ENOTSUP'],
  [/Bad address/, 'EFAULT'],
  [/Cannot allocate memory/, 'ENOMEM'],
  [/Timer expired/, 'ETIME'],
];

/** `port start` shows the MAC address of what it has started. */
export function hasStarted(output: string): boolean {
  return /^Port 0: (?:[0-9A-F]{2}:){5}/m.test(output);
}

/** The errno in what testpmd and the driver wrote; `ENODEV` where neither names one. */
function errnoIn(output: string): string {
  // The innermost function says it first.
  const found = /ret=(-\d+)/.exec(output) ?? /failed with error (-\d+)/.exec(output);
  if (found !== null) return errnoName(Number(found[1]));
  return MESSAGES.find(([text]) => text.test(output))?.[1] ?? 'ENODEV';
}

/** An operation that did not end as it should, in the driver's own words. */
export function refusalOf(output: string): Refusal {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(Done|Attaching|EAL: Probe)/.test(line));
  return { ok: false, errno: errnoIn(output), message: lines.join('; ') };
}

export function resultOf(ok: boolean, output: string): Result {
  return ok ? { ok: true, value: undefined } : refusalOf(output);
}

function queuesIn(xstats: Readonly<Record<string, number>>, side: 'rx' | 'tx'): QueueStats[] {
  const queues: QueueStats[] = [];
  for (let queue = 0; `${side}_q${queue}_packets` in xstats; queue++) {
    const value = (what: string): number => xstats[`${side}_q${queue}_${what}`] ?? 0;
    queues.push({ packets: value('packets'), bytes: value('bytes'), errors: value('errors') });
  }
  return queues;
}

function less({ packets, bytes, errors }: QueueStats, share: Share = NOTHING): QueueStats {
  return { packets: packets - share.packets, bytes: bytes - share.bytes, errors };
}

/** The statistics of the port as testpmd shows them. @param stats `show port stats`. @param xstats `show port xstats`. */
export function shownStats(stats: PeerPortStats, xstats: Readonly<Record<string, number>>): PortStats {
  const tx = { packets: stats.txPackets, bytes: stats.txBytes, errors: stats.txErrors };
  const txQueues = queuesIn(xstats, 'tx');
  return {
    rx: { packets: stats.rxPackets, bytes: stats.rxBytes, errors: stats.rxErrors },
    tx,
    rxNombuf: stats.rxNombuf,
    rxFiltered: null,
    rxQueues: queuesIn(xstats, 'rx'),
    // Transmit errors are not shown by queue: those of the only one are the port's.
    txQueues: txQueues.length === 1 ? [{ ...txQueues[0]!, errors: tx.errors }] : txQueues,
  };
}

/** The same without what the bench itself is the cause of on each queue. */
export function withoutShares(
  stats: PortStats,
  shares: readonly { readonly rx: Share; readonly tx: Share }[],
): PortStats {
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

/** What was counted by a port that was set up anew meanwhile: its counters began again. */
export function addedStats(a: PortStats, b: PortStats): PortStats {
  return {
    ...a,
    rx: sumOf(a.rx, b.rx),
    tx: sumOf(a.tx, b.tx),
    rxQueues: a.rxQueues.map((queue, index) => sumOf(queue, b.rxQueues[index])),
    txQueues: a.txQueues.map((queue, index) => sumOf(queue, b.txQueues[index])),
  };
}

/** @param info `show port info`. */
export function linkOf(info: Readonly<Record<string, string>>): LinkState {
  const [, speed, unit] = /^(\d+) ([GM])bps/.exec(info['Link speed'] ?? '') ?? [];
  return {
    up: info['Link status'] === 'up',
    speedMbps: Number(speed ?? 0) * (unit === 'G' ? 1_000 : 1),
    fullDuplex: info['Link duplex'] === 'full-duplex',
  };
}

/** @param info `show port info`. @param rx capabilities for offloads, as shown. @param tx likewise. */
export function infoOf(info: Readonly<Record<string, string>>, rx: string, tx: string): PortInfo {
  const number = (name: string): number => Number(info[name] ?? Number.NaN);
  return {
    maxRxQueues: number('Max possible RX queues'),
    maxTxQueues: number('Max possible TX queues'),
    minRxBufSize: number('Minimum size of RX buffer'),
    maxRxPktLen: number('Maximum configurable length of RX packet'),
    maxMacAddrs: number('Maximum number of MAC addresses'),
    vlanStrip: rx.includes('VLAN_STRIP'),
    vlanInsert: tx.includes('VLAN_INSERT'),
  };
}
