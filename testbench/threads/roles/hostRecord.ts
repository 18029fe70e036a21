import type { Instance, Nic } from '../../../emulator';
import type { Clock } from '../../../shared/clock';
import { HostTrace } from '../../evidence/trace/hostTrace';
import { TraceLog } from '../../evidence/trace/traceLog';
import type { TraceRecord } from '../../evidence/trace/traceRecord';

/** An instance and the node where it is. */
interface Placed {
  readonly instance: Instance;
  readonly node: { readonly name: string };
}

const LEAST_INTERVAL_MS = 1;
/** A look is never worth less than this share of the run so far, so a long run has not many more than a short one. */
const LOOKS_OF_A_RUN = 2_000;
const LIMITS = { samples: 100_000, instants: 20_000 };

/**
 * The timeline of all devices of the host's thread: requests, registers, packets, the fill of the rings. Looks every
 * millisecond while a migration is under way, and less often the longer the run has taken otherwise.
 */
export class HostRecord {
  private readonly log: TraceLog;
  private readonly traces = new Map<Nic, HostTrace>();
  private lookedMs = -Infinity;

  constructor(private readonly clock: Clock) {
    this.log = new TraceLog(() => Number(clock.nowNs()), LIMITS);
  }

  /** To be called in every round. @param migrating whether a migration is under way */
  observe(placed: Iterable<Placed>, migrating: boolean): void {
    const nowMs = this.clock.nowMs();
    const intervalMs = migrating ? LEAST_INTERVAL_MS : Math.max(LEAST_INTERVAL_MS, nowMs / LOOKS_OF_A_RUN);
    if (nowMs - this.lookedMs < intervalMs) return;
    this.lookedMs = nowMs;
    for (const one of placed)
      for (const nic of one.instance.nics) {
        if (nic.device === null) continue;
        const trace = this.traceOf(nic, one);
        trace.observe();
        trace.observeSwitch(nic.port.stats().dropped);
      }
  }

  private traceOf(nic: Nic, placed: Placed): HostTrace {
    const name = `${placed.instance.name}/${nic.network}`;
    // A migration that is under way has moved the NIC before it ends.
    const nodeOf = (): string => placed.instance.migration?.node.name ?? placed.node.name;
    const trace = this.traces.get(nic) ?? new HostTrace(this.log, nic.device!, name, nodeOf);
    this.traces.set(nic, trace);
    return trace;
  }

  record(): TraceRecord {
    return this.log.record();
  }
}
