import type { BenchFaults, FaultParameterMap, FaultReport, PutFault } from '../api/faults';
import type { PortAccount } from '../api/result';
import type { GivenParameters } from '../faults/faults';
import type { HostOperations } from './hostOperations';

/** The faults of mode threads: they are put in the host's thread. */
export class ThreadsFaults implements BenchFaults {
  private readonly puts: PutFault[] = [];
  private readonly removed = new Set<PutFault>();

  constructor(private readonly host: () => HostOperations) {}

  add<N extends keyof FaultParameterMap>(name: N, parameters: FaultParameterMap[N] = {}): PutFault {
    return this.addGiven(name, parameters);
  }

  /** @throws UsageError as `Faults.addGiven` does. */
  addGiven(name: string, parameters: GivenParameters): PutFault {
    const host = this.host();
    const number = host.addFault(name, parameters);
    const report = (): FaultReport => host.faults()[number]!;
    const put: PutFault = {
      name,
      get seen() {
        return report().seen;
      },
      get fired() {
        return report().fired;
      },
      remove: () => {
        host.removeFault(number);
        this.removed.add(put);
      },
    };
    this.puts.push(put);
    return put;
  }

  get all(): readonly PutFault[] {
    return this.puts.filter((put) => !this.removed.has(put));
  }

  /** Accounts of the frames that faults have kept from devices. */
  accounts(): readonly PortAccount[] {
    return this.puts.length === 0 ? [] : this.host().faultAccounts();
  }

  get reports(): readonly FaultReport[] {
    return this.puts.length === 0 ? [] : this.host().faults();
  }
}
