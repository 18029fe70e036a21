import type { Finding } from '../../../machine/definition';
import { judgeBuffers, judgeNumbers, judgeRefusals } from './oracle';
import { numbersOfQueue, type Receiver, type Sender, type SmallGuest } from './smallGuest';
import type { SmallHost } from './smallHost';

/** The sides of a migration, after a run. Receivers and senders stand in the order of their queues. */
export interface Sides {
  readonly host: SmallHost;
  readonly guest: SmallGuest;
  readonly receivers: readonly Receiver[];
  readonly senders: readonly Sender[];
}

/** Packets come whole, once, and in order on each queue. */
export function judgePackets({ host, receivers, senders }: Sides): Finding | null {
  for (const { numbers } of receivers) {
    const found = judgeNumbers(numbers, 'to the guest');
    if (found !== null) return found;
  }
  for (const { queue } of senders) {
    const found = judgeNumbers(numbersOfQueue(host.sink.numbers, queue), 'from the guest');
    if (found !== null) return found;
  }
  return null;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((one, other) => one + other, 0);
}

/** Each packet of a former host or of the present one was delivered, or is counted as lost. */
export function judgeAccounts({ host, receivers, senders }: Sides): Finding | null {
  const { toGuest, fromGuest } = host.device.inspect.stats();
  const received = sum(receivers.map(({ numbers }) => numbers.length));
  if (received + sum(Object.values(toGuest.dropped)) !== host.offered)
    return { cause: 'a packet to the guest is neither delivered nor counted', details: [JSON.stringify(toGuest)] };
  const taken = sum(senders.map((sender) => sender.taken));
  if (host.sink.numbers.length + sum(Object.values(fromGuest.dropped)) !== taken)
    return { cause: 'a packet from the guest is neither forwarded nor counted', details: [JSON.stringify(fromGuest)] };
  return null;
}

/** Makes a burst in each direction on each queue. Returns the number of packets. */
export function burstOnAll({ receivers, senders }: Sides): number {
  return sum(receivers.map((receiver) => receiver.receive())) + sum(senders.map((sender) => sender.send()));
}

/** After ack 1 the host has all its buffers back, and each packet was delivered or is counted as lost. */
export function judgeDetached(sides: Sides): Finding | null {
  const { host, guest } = sides;
  for (let round = 0; round < 2; round++) host.device.step();
  if (!host.device.migration.released) return { cause: 'the host has not got its rings back' };
  if (burstOnAll(sides) > 0) return { cause: 'a burst works on a detached port' };
  return judgeAccounts(sides) ?? judgeBuffers(host, 0) ?? judgeRefusals(host, guest.port);
}

/** Traffic flows after an attach, until each packet has ended somewhere. */
export function judgeFlow(sides: Sides): Finding | null {
  const { host, senders } = sides;
  for (let round = 0; round < 4; round++) {
    host.device.step();
    burstOnAll(sides);
  }
  host.device.step();
  if (senders.some(({ left }) => left > 0)) return { cause: 'a packet from the guest is never taken' };
  return judgePackets(sides) ?? judgeAccounts(sides) ?? judgeBuffers(host, 0);
}

/** After ack 2 traffic flows, and neither side has found anything wrong. */
export function judgeAttached(sides: Sides): Finding | null {
  return judgeFlow(sides) ?? judgeRefusals(sides.host, sides.guest.port);
}
