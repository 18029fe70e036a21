import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS = 20_000;

/** A folder that goes with the test. */
export class Scratch {
  readonly path = mkdtempSync(join(tmpdir(), 'avp-export-'));

  /** Where a tree goes: not there yet. */
  get tree(): string {
    return join(this.path, 'tree');
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Polls, because the other side is another process. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (const untilMs = Date.now() + WAIT_MS; !holds(); await sleep(2))
    if (Date.now() > untilMs) throw new Error(`${what}: not within ${WAIT_MS} ms`);
}
