import type { EvidenceLog } from './evidenceLog';
import type { MigrationHistory, NumberedMigration } from './trace/migrationHistory';
import { MigrationTrace } from './trace/migrationTrace';

/** Logs the migrations of an instance, step by step. */
export class MigrationWatch {
  private newest: NumberedMigration | null = null;
  private trace: MigrationTrace | null = null;
  private taken = 0;
  /** Network of each NIC by name. Kept, because a NIC may be gone when its step is logged. */
  private readonly networks = new Map<string, string>();

  constructor(
    private readonly evidence: EvidenceLog,
    private readonly history: MigrationHistory,
  ) {}

  /** Logs new steps. Call it in every step of the run. */
  observe(): void {
    const found = this.history.look();
    if (found === null) return;
    if (found !== this.newest) this.begin(found);
    const { migration, number } = found;
    const { name } = migration.instance;
    for (const { nic, step, detail } of migration.timeline.slice(this.taken)) {
      const who = nic === null ? name : `${name}/${this.networkOf(nic)}`;
      this.evidence.log.event('host', who, `migration ${number}: ${step}`, detail);
    }
    this.taken = migration.timeline.length;
    this.trace?.feed(migration.timeline);
    this.evidence.place(name, migration.node.name);
  }

  private begin(found: NumberedMigration): void {
    this.newest = found;
    this.taken = 0;
    const { instance, from, to } = found.migration;
    for (const { name, network } of instance.nics) this.networks.set(name, network);
    const { trace } = this.evidence;
    const traced = {
      number: found.number,
      instance: instance.name,
      from: from.name,
      to: to.name,
      networkOf: (nic: string) => this.networkOf(nic),
    };
    this.trace = trace === null ? null : new MigrationTrace(trace, traced);
  }

  private networkOf(nic: string): string {
    return this.networks.get(nic) ?? nic;
  }
}
