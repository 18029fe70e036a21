import { hasFailed, isUnknownCommand, resultOf } from './testpmdOutput';
import type { TestpmdSession } from './testpmdSession';
import type { Result } from '../target';

/** An operation, and testpmd's command for it. */
type Command = readonly [what: string, command: string];

/** Operations that AVP lacks. */
export const UNSUPPORTED: readonly Command[] = [
  ['VLAN filter', 'vlan set filter on 0'],
  ['one VLAN of the filter', 'rx_vlan add 7 0'],
  ['QinQ extend', 'vlan set extend on 0'],
  ['MTU change', 'port config mtu 0 1400'],
  ['MAC address change', 'mac_addr set 0 02:00:00:00:00:01'],
  ['multicast list', 'mcast_addr add 0 01:00:5e:00:00:01'],
];

/** Further ones, of which testpmd shows the errno and that it asks ethdev for as they are. */
export const FURTHER_UNSUPPORTED: readonly Command[] = [
  ['second MAC address', 'mac_addr add 0 02:00:00:00:00:05'],
  ['removal of a MAC address', 'mac_addr remove 0 02:00:00:00:00:05'],
  ['flow control', 'set flow_ctrl rx on tx on 10 20 100 1 mac_ctrl_frame_fwd off autoneg off 0'],
  ['strip on one queue', 'vlan set stripq on 0,0'],
  ['tag type', 'vlan set outer tpid 0x88a8 0'],
];

/** Types commands. Returns what came of each, by its name. */
export async function answersTo(
  session: TestpmdSession,
  commands: readonly Command[],
): Promise<Readonly<Record<string, Result>>> {
  const results: [string, Result][] = [];
  for (const [what, command] of commands) {
    const answer = await session.ask(command);
    if (isUnknownCommand(answer)) throw new Error(`testpmd does not know '${command}':\n${answer}`);
    results.push([what, resultOf(!hasFailed(answer), answer)]);
  }
  return Object.fromEntries(results);
}
