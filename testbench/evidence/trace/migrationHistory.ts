import type { Instance, InstanceMigration } from '../../../emulator';

/** A migration with its number among those of the instance. */
export interface NumberedMigration {
  /** Counted from 1. */
  readonly number: number;
  readonly migration: InstanceMigration;
}

/** Counts the migrations of one instance. Call `look` in every step, so that none is missed. */
export class MigrationHistory {
  private newest: NumberedMigration | null = null;

  constructor(readonly instance: Instance) {}

  /** Returns the newest migration, running or ended; null before the first. */
  look(): NumberedMigration | null {
    const { migration } = this.instance;
    if (migration !== null && migration !== this.newest?.migration)
      this.newest = { number: (this.newest?.number ?? 0) + 1, migration };
    return this.newest;
  }
}
