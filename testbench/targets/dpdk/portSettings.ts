import { refusalOf } from './testpmdOutput';
import type { TestpmdSession } from './testpmdSession';
import type { PortSettings, Refusal } from '../target';

/** VLAN offloads of a port. */
export interface Offloads {
  readonly strip: boolean;
  readonly insert: boolean;
}

/** Sets the number of queues of a direction. testpmd then configures its stopped port at the next start. */
export async function setQueues(session: TestpmdSession, name: 'rxq' | 'txq', count: number): Promise<Refusal | null> {
  const answer = await session.ask(`port config all ${name} ${count}`);
  if (/can't be greater than/.test(answer)) return refusalOf(answer);
  session.queues[name] = count;
  return null;
}

/**
 * Sets the queue counts and offloads of the stopped port that have changed. Returns a refusal of testpmd
 * itself; the driver learns the settings at the next start.
 * @param former the offloads that testpmd has for the port.
 */
export async function giveSettings(
  session: TestpmdSession,
  { rxQueues, txQueues, vlanStrip = false, vlanInsert = false, rxScatter, txMultiSegs }: PortSettings,
  former: Offloads,
): Promise<Refusal | null> {
  const counts = [['rxq', rxQueues] as const, ['txq', txQueues] as const];
  // testpmd refuses a count of 0 while the other is 0 too.
  if (rxQueues === 0) counts.reverse();
  for (const [name, count] of counts) {
    const refused = session.queues[name] === count ? null : await setQueues(session, name, count);
    if (refused !== null) return refused;
  }
  const refused =
    former.strip === vlanStrip ? null : await setOffload(session, `rx_offload vlan_strip ${onOff(vlanStrip)}`);
  if (refused !== null) return refused;
  const others = [
    ...(former.insert === vlanInsert ? [] : [`tx_offload vlan_insert ${onOff(vlanInsert)}`]),
    ...(rxScatter === undefined ? [] : [`rx_offload scatter ${onOff(rxScatter)}`]),
    ...(txMultiSegs === undefined ? [] : [`tx_offload multi_segs ${onOff(txMultiSegs)}`]),
  ];
  for (const other of others) {
    const refusal = await setOffload(session, other);
    if (refusal !== null) return refusal;
  }
  return null;
}

function onOff(on: boolean): string {
  return on ? 'on' : 'off';
}

/** testpmd goes by the driver's capabilities. What they lack, it neither stores nor asks the driver for. */
async function setOffload(session: TestpmdSession, what: string): Promise<Refusal | null> {
  const answer = await session.ask(`port config 0 ${what}`);
  return /doesn't support offload/.test(answer) ? refusalOf(answer) : null;
}
