import { asHost } from '../../shared/actors';
import type { AnswerPlan, AnswerPlanner } from './control/controlChannel';
import type { DeviceCore } from './core';
import { storeHostPortPaused } from './loops/records';
import { overwrite, type OverwriteOptions } from './overwrite';

/** Makes a device do what no correct host would do, for tests: `AvpDevice.tamper`. */
export class DeviceTampering {
  constructor(private readonly core: DeviceCore) {}

  /** Stalls the host: steps do nothing, and frames for the guest are dropped and counted. */
  pause(): void {
    asHost(() => storeHostPortPaused(this.core.host.port, 1));
  }

  /** Ends a stall. */
  resume(): void {
    asHost(() => storeHostPortPaused(this.core.host.port, 0));
  }

  /** Sends the answers that are held back, with the next request or after `withinMs`. */
  releaseAnswers(withinMs: number): void {
    this.core.control.release(withinMs);
  }

  /** Plans a wrong answer to the next matching request: late, held back, none, several, another result or entry. */
  planAnswer(plan: AnswerPlan): void {
    this.core.control.plan(plan);
  }

  /** Asks `planner` how to treat each request that no planned answer applies to. Returns a function that removes it. */
  planAnswers(planner: AnswerPlanner): () => void {
    return this.core.control.planBy(planner);
  }

  /** Puts any entry on resp. Returns false if resp has no room. */
  putResponse(entry: bigint): boolean {
    return asHost(() => this.core.control.respond(this.core.host, entry));
  }

  /** Overwrites a field that the guest reads, named as in the protocol (`overwrite.ts`). */
  overwrite(struct: string, field: string, value: bigint | number, options: OverwriteOptions = {}): void {
    asHost(() => overwrite(this.core.pci, this.core.host, struct, field, value, options));
  }

  /** Raises any bits of the interrupt status. */
  raiseInterrupt(statusBits: number): void {
    if (!this.core.gone) asHost(() => this.core.pci.interrupts.raise(statusBits >>> 0));
  }

  /** Sets the migration status without an event; `AvpDevice.raiseMigration` raises one. */
  setMigrationStatus(status: number): void {
    if (!this.core.gone) asHost(() => this.core.migration.setStatus(this.core.host, status >>> 0));
  }
}
