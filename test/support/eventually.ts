import { setTimeout as sleep } from 'node:timers/promises';

const TIMEOUT_MS = 30_000;
const POLL_MS = 2;

/**
 * Polls until `holds` returns true, because the other side is another process.
 * @throws Error that names `what` after 30 s; whatever `holds` throws.
 */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (const untilMs = Date.now() + TIMEOUT_MS; !holds(); await sleep(POLL_MS))
    if (Date.now() > untilMs) throw new Error(`${what}: not within ${TIMEOUT_MS} ms`);
}
