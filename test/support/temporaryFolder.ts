import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder that mocha's hooks make and remove, for each test or for each suite. A hook that still needs the
 * folder when a test has ended must be registered before `perTest` or `perSuite` is called.
 */
export class TemporaryFolder {
  private made: string | null = null;

  /** @throws Error outside a test or suite that has the folder. */
  get path(): string {
    if (this.made === null) throw new Error('the temporary folder exists only while a test runs');
    return this.made;
  }

  /** The path of a file in the folder, or in folders below it. */
  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** Makes an empty folder before each test of the enclosing `describe`, and removes it after the test. */
  perTest(): this {
    beforeEach(() => this.make());
    afterEach(() => this.remove());
    return this;
  }

  /** Makes an empty folder before the first test of the enclosing `describe`, and removes it after the last one. */
  perSuite(): this {
    before(() => this.make());
    after(() => this.remove());
    return this;
  }

  private make(): void {
    this.made = mkdtempSync(join(tmpdir(), 'avp-test-'));
  }

  private remove(): void {
    if (this.made !== null) rmSync(this.made, { recursive: true, force: true, maxRetries: 5 });
    this.made = null;
  }
}

/** Runs `body` with a temporary folder that lasts for this call. */
export function inTemporaryFolder<T>(body: (path: string) => T): T {
  const path = mkdtempSync(join(tmpdir(), 'avp-test-'));
  try {
    return body(path);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}
