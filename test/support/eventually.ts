import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 30_000;
const POLL_MS = 2;

/**
 * Polls until `holds` returns true, because the other side is another process.
 * @throws Error that names `what` after 30 s, or another limit; whatever `holds` throws.
 */
export async function eventually(what: string, holds: () => boolean, limitMs = LIMIT_MS): Promise<void> {
  for (const untilMs = Date.now() + limitMs; !holds(); await sleep(POLL_MS))
    if (Date.now() > untilMs) throw new Error(`${what}: not within ${limitMs} ms`);
}
