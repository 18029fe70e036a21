import type { ClauseContext, Running } from '../context';
import type { OutFrame } from '../../targets/target';

/** Sends frames and checks what the network got, and that neither side kept anything back. */
export async function expectSent(t: ClauseContext, { nic, port }: Running, frames: readonly OutFrame[]): Promise<void> {
  nic.taken();
  t.expect.equal('frames taken', await t.sendAll(port, frames), frames.length);
  await t.settle();
  t.expect.frames('on the network', nic.taken(), frames.map((frame) => frame.bytes));
  t.expect.equal('dropped by the host', nic.stats().fromGuest.dropped, {});
  t.expect.equal('broken canaries', nic.brokenCanaries(), 0);
  if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
}

/** Sends frames of which the driver must take all, drop the spoilt ones, and send the others. */
export async function expectDropped(t: ClauseContext, running: Running, spoilt: OutFrame): Promise<void> {
  const { nic, port } = running;
  const good = [100, 3_000].map((bytes) => ({ bytes: t.frameFrom(nic, bytes) }));
  const before = (await port.stats()).tx.errors;
  nic.taken();
  t.expect.equal('frames taken', await t.sendAll(port, [good[0]!, spoilt, good[1]!]), 3);
  await t.settle();
  t.expect.frames('on the network', nic.taken(), good.map((frame) => frame.bytes));
  t.expect.equal('transmit errors counted', (await port.stats()).tx.errors - before, 1);
  t.expect.equal('dropped by the host', nic.stats().fromGuest.dropped, {});
  if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
}
