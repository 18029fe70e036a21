import type { Instance, InstanceMigration } from '../../../emulator';

/** A migration of an instance, and how many there were before it. */
export interface NumberedMigration {
  /** From 1 on. */
  readonly number: number;
  readonly migration: InstanceMigration;
}

/** The migrations of one instance, found by looking at it in every step. */
export class MigrationHistory {
  private newest: NumberedMigration | null = null;

  constructor(readonly instance: Instance) {}

  /** The newest, under way or ended; null before the first. */
  look(): NumberedMigration | null {
    const { migration } = this.instance;
    if (migration !== null && migration !== this.newest?.migration)
      this.newest = { number: (this.newest?.number ?? 0) + 1, migration };
    return this.newest;
  }
}
