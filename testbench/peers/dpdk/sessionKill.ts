import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;
const TRIES = 200;

/** Process ids of a session without its leader. @param session process id of the leader */
export function sessionMembers(session: number): number[] {
  const ids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return ids.filter((id) => id !== session && sessionOf(id) === session);
}

/** Session of a running process, null where it has ended. */
function sessionOf(id: number): number | null {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
    // The command name may hold any character. State, parent, group and session follow its closing bracket.
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
    // The process has ended already.
  }
}

/**
 * Kills all processes of a session, the leader last: a debugger that leads the session can then
 * still report how the program under it ended.
 */
export async function killSession(session: number): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const left = sessionMembers(session);
    left.forEach(killOne);
    if (left.length === 0) break;
    await sleep(POLL_MS);
  }
  killOne(session);
}
