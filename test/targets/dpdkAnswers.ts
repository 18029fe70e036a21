import { type Errno, errnoName } from '../../shared/errno';
import type { PeerPortStats } from '../dpdk/parse';
import type { PortStats, QueueStats, Refusal, Result } from './target';

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

/** The errno in what testpmd and the driver wrote; `ENODEV` where neither names one. */
function errnoIn(output: string): string {
  // The innermost function says it first.
  const found = /ret=(-\d+)/.exec(output) ?? /failed with error (-\d+)/.exec(output);
  if (found !== null) return errnoName(Number(found[1]));
  return MESSAGES.find(([text]) => text.test(output))?.[1] ?? 'ENODEV';
}

/** An operation that did not end as it should, in the driver's own words. */
export function refusalOf(output: string): Refusal {
  const lines = output.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !/^(Done|Attaching|EAL: Probe)/.test(line));
  return { ok: false, errno: errnoIn(output), message: lines.join('; ') };
}

export function resultOf(ok: boolean, output: string): Result {
  return ok ? { ok: true, value: undefined } : refusalOf(output);
}

/** Packets and bytes that the bench itself is the cause of. */
export interface Share {
  readonly packets: number;
  readonly bytes: number;
}

function queuesIn(xstats: Readonly<Record<string, number>>, side: 'rx' | 'tx'): QueueStats[] {
  const queues: QueueStats[] = [];
  for (let queue = 0; `${side}_q${queue}_packets` in xstats; queue++) {
    const value = (what: string): number => xstats[`${side}_q${queue}_${what}`] ?? 0;
    queues.push({ packets: value('packets'), bytes: value('bytes'), errors: value('errors') });
  }
  return queues;
}

function less(queue: QueueStats, { packets, bytes }: Share): QueueStats {
  return { packets: queue.packets - packets, bytes: queue.bytes - bytes, errors: queue.errors };
}

/**
 * The statistics of the port without the frames that only were there so that others could be seen.
 * @param forSending received because they were to be sent.
 * @param forReceiving sent back to show what was received.
 */
export function statsOf(
  stats: PeerPortStats,
  xstats: Readonly<Record<string, number>>,
  forSending: Share,
  forReceiving: Share,
): PortStats {
  const rxQueues = queuesIn(xstats, 'rx');
  const txQueues = queuesIn(xstats, 'tx');
  const single = <T>(queues: readonly T[]): boolean => queues.length === 1;
  return {
    rx: less({ packets: stats.rxPackets, bytes: stats.rxBytes, errors: stats.rxErrors }, forSending),
    tx: less({ packets: stats.txPackets, bytes: stats.txBytes, errors: stats.txErrors }, forReceiving),
    rxNombuf: stats.rxNombuf,
    rxFiltered: null,
    rxQueues: single(rxQueues) ? rxQueues.map((queue) => less(queue, forSending)) : rxQueues,
    txQueues: single(txQueues) ? txQueues.map((queue) => less(queue, forReceiving)) : txQueues,
  };
}
