import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;
const TRIES = 200;

/** Processes of a session besides its leader; `session` is the leader's id. */
function members(session: number): number[] {
  const ids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return ids.filter((id) => id !== session && sessionOf(id) === session);
}

/** Session of a process that still runs, null for any other. */
function sessionOf(id: number): number | null {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
    // The name may hold anything; what follows its closing bracket is state, parent, group, session.
    const [state, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? null : Number(session);
  } catch {
    return null;
  }
}

function killOne(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/**
 * Kills all processes of a session: what a debugger runs first, so that the debugger is still
 * there to take note of its end, and the leader last.
 */
export async function killSession(session: number): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const left = members(session);
    left.forEach(killOne);
    if (left.length === 0) break;
    await sleep(POLL_MS);
  }
  killOne(session);
}
