import type { Finding } from '../../../machine/definition';
import { judgeBuffers, judgeNumbers, judgeRefusals } from './oracle';
import type { Receiver, Sender, SmallGuest } from './smallGuest';
import type { SmallHost } from './smallHost';

/** The sides of a migration, after a run. */
export interface Sides {
  readonly host: SmallHost;
  readonly guest: SmallGuest;
  readonly receiver: Receiver;
  readonly sender: Sender;
}

/** Packets come whole, once and in order. */
export function judgePackets({ host, receiver }: Sides): Finding | null {
  return judgeNumbers(receiver.numbers, 'to the guest') ?? judgeNumbers(host.sink.numbers, 'from the guest');
}

/** Each packet of a former host or of the present one was delivered, or is counted as lost. */
function judgeAccounts({ host, receiver, sender }: Sides): Finding | null {
  const { toGuest, fromGuest } = host.device.inspect.stats();
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);
  if (receiver.numbers.length + sum(toGuest.dropped) !== host.offered)
    return { cause: 'a packet to the guest is neither delivered nor counted', details: [JSON.stringify(toGuest)] };
  if (host.sink.numbers.length + sum(fromGuest.dropped) !== sender.taken)
    return { cause: 'a packet from the guest is neither forwarded nor counted', details: [JSON.stringify(fromGuest)] };
  return null;
}

/** After ack 1 the host has all its buffers back, and each packet was delivered or is counted as lost. */
export function judgeDetached(sides: Sides): Finding | null {
  const { host, guest, receiver, sender } = sides;
  for (let round = 0; round < 2; round++) host.device.step();
  if (!host.device.migration.released) return { cause: 'the host has not got its rings back' };
  if (receiver.receive() + sender.send() > 0) return { cause: 'a burst works on a detached port' };
  return judgeAccounts(sides) ?? judgeBuffers(host, 0) ?? judgeRefusals(host, guest.port);
}

/** After ack 2 traffic flows, until each packet has ended somewhere. */
export function judgeAttached(sides: Sides): Finding | null {
  const { host, guest, receiver, sender } = sides;
  for (let round = 0; round < 4; round++) {
    host.device.step();
    receiver.receive();
    sender.send();
  }
  host.device.step();
  if (sender.left > 0) return { cause: 'a packet from the guest is never taken' };
  return judgePackets(sides) ?? judgeAccounts(sides) ?? judgeBuffers(host, 0) ?? judgeRefusals(host, guest.port);
}
