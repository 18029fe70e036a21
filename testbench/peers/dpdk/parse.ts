import { BenchError } from '../../../shared/errors';

/** Counters of `show port stats`. */
export interface TestpmdPortStats {
  readonly rxPackets: number;
  readonly rxMissed: number;
  readonly rxBytes: number;
  readonly rxErrors: number;
  readonly rxNombuf: number;
  readonly txPackets: number;
  readonly txErrors: number;
  readonly txBytes: number;
}

/** Output of testpmd in a form that the parser does not know. */
export class PeerOutputError extends BenchError {
  constructor(
    what: string,
    readonly output: string,
  ) {
    super('PEER_OUTPUT', `${what} in the output of testpmd:\n${output}`);
  }
}

function numberAfter(output: string, name: string): number {
  const found = new RegExp(`(?:^|\\s)${name}:\\s*(\\d+)`).exec(output);
  if (found === null) throw new PeerOutputError(`no ${name}`, output);
  return Number(found[1]);
}

export function parsePortStats(output: string): TestpmdPortStats {
  return {
    rxPackets: numberAfter(output, 'RX-packets'),
    rxMissed: numberAfter(output, 'RX-missed'),
    rxBytes: numberAfter(output, 'RX-bytes'),
    rxErrors: numberAfter(output, 'RX-errors'),
    rxNombuf: numberAfter(output, 'RX-nombuf'),
    txPackets: numberAfter(output, 'TX-packets'),
    txErrors: numberAfter(output, 'TX-errors'),
    txBytes: numberAfter(output, 'TX-bytes'),
  };
}

/** Reads every counter of `show port xstats` by name. */
export function parseXstats(output: string): Readonly<Record<string, number>> {
  const found = [...output.matchAll(/^(\w+): (\d+)$/gm)].map(([, name, value]) => [name!, Number(value)] as const);
  if (found.length === 0) throw new PeerOutputError('no counters', output);
  return Object.fromEntries(found);
}

/** Reads every line `Name: value` of `show port info`. */
export function parsePortInfo(output: string): Readonly<Record<string, string>> {
  if (!/Infos for port/.test(output)) throw new PeerOutputError('no port information', output);
  const named = [...output.matchAll(/^([A-Za-z][^:\n]*): *(.*)$/gm)].map(
    ([, name, value]) => [name!, value!.trim()] as const,
  );
  // The VLAN offloads share one line: `  strip off, filter off, ...`.
  const offloads = [...output.matchAll(/^ {2}((?:[a-z]+ )+(?:on|off)(?:, (?:[a-z]+ )+(?:on|off))*) *$/gm)].flatMap(
    ([, line]) =>
      line!
        .split(', ')
        .map((one) => [`VLAN ${one.slice(0, one.lastIndexOf(' '))}`, one.slice(one.lastIndexOf(' ') + 1)] as const),
  );
  return Object.fromEntries([...named, ...offloads]);
}

/** Counters that `stop` shows for a forwarding run, summed over all ports. */
interface ForwardStats {
  readonly rxPackets: number;
  readonly txPackets: number;
  /** Packets that the application dropped because the driver did not take them. */
  readonly txDropped: number;
}

export function parseForwardStats(output: string): ForwardStats {
  const at = output.indexOf('Accumulated forward statistics');
  if (at < 0) throw new PeerOutputError('no accumulated forward statistics', output);
  const sums = output.slice(at);
  return {
    rxPackets: numberAfter(sums, 'RX-packets'),
    txPackets: numberAfter(sums, 'TX-packets'),
    txDropped: numberAfter(sums, 'TX-dropped'),
  };
}

/** Reads from `dump_mempool` how many objects are neither in the pool nor in the cache of an lcore. */
export function parsePoolUse(output: string): number {
  const count = (name: string): number => {
    const found = new RegExp(`^ +${name}=(\\d+)$`, 'm').exec(output);
    if (found === null) throw new PeerOutputError(`no ${name}`, output);
    return Number(found[1]);
  };
  return count('populated_size') - count('total_cache_count') - count('common_pool_count');
}
