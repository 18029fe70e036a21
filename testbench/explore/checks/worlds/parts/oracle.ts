import type { Port } from '../../../../../driver';
import type { Finding } from '../../../machine/definition';
import type { SmallHost } from './smallHost';

/** Packets of a direction come in the order in which they were sent, each once and whole; some may have been dropped. */
export function judgeNumbers(numbers: readonly number[], direction: string): Finding | null {
  let last = 0;
  for (const number of numbers) {
    if (number === 0) return { cause: `a packet ${direction} came with other bytes than it was sent with` };
    if (number <= last)
      return { cause: `a packet ${direction} came twice or out of order`, details: [numbers.join(' ')] };
    last = number;
  }
  return null;
}

/** Each buffer of the host is in one place, and no byte beside the buffers was overwritten. */
export function judgeBuffers(host: SmallHost, guestHolds: number): Finding | null {
  const misplaced = judgePlaces(host, guestHolds);
  if (misplaced !== null) return misplaced;
  const intact = host.device.inspect.brokenCanaries().length === 0;
  return intact ? null : { cause: 'bytes behind a buffer were overwritten' };
}

/** Each buffer of the host is in one place. */
export function judgePlaces({ device }: SmallHost, guestHolds: number): Finding | null {
  const buffers = device.inspect.buffers();
  const { total, hostPool, alloc, tx, rx, free, guest } = buffers;
  const details = [JSON.stringify(buffers)];
  if (hostPool + alloc + tx + rx + free + guest !== total)
    return { cause: 'a buffer of the host is in two places, or in none', details };
  return guest === guestHolds ? null : { cause: 'the guest holds buffers that it should have given back', details };
}

/** Neither side has refused anything from the other. Only what a broken side writes is refused. */
export function judgeRefusals({ device }: SmallHost, port: Port | null): Finding | null {
  const refused = Object.entries(device.inspect.stats().refused).filter(([, count]) => count > 0);
  const dropped = Object.entries(port?.xstatsGet() ?? {}).filter(
    ([name, count]) => /_(refused|dropped)_/.test(name) && count > 0,
  );
  const [first] = [
    ...refused.map(([name]) => `the host counts ${name}`),
    ...dropped.map(([name]) => `the driver counts ${name}`),
  ];
  return first === undefined ? null : { cause: first };
}
