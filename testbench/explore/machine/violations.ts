/** An access to which its actor had no right. */
export interface Violation {
  readonly what: string;
  readonly address: number;
  readonly bytes: number;
  readonly site: number;
  /** Whose rights applied (`shared/loops/rights`). */
  readonly actor: number;
  /** Index of the actor of the run. */
  readonly party: number;
}

/** Violations that are kept of a run. More would say nothing new. */
const MOST = 16;

/** The violations of a run. The accesses are carried out all the same, which shows what the bug does next. */
export class Violations {
  readonly list: Violation[] = [];

  add(violation: Violation): void {
    if (this.list.length < MOST) this.list.push(violation);
  }

  clear(): void {
    if (this.list.length > 0) this.list.length = 0;
  }
}
