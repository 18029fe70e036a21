import type { ClauseContext, Running } from '../context';
import type { DescChange } from '../../targets/host';

/** The longest packet that a host hands over by default. */
export const MAX_RX_BYTES = 9_238;
/** Five segments where host buffers hold 2,048 bytes. */
export const FIVE_SEGMENTS_BYTES = 9_000;

/**
 * Delivers a spoilt packet between two good ones: the good ones arrive, the spoilt one is counted
 * and leaves nothing behind, neither mbufs in the guest nor buffers missing at the host.
 */
export async function expectDropped(
  t: ClauseContext,
  running: Running,
  bytes: number,
  changes: readonly DescChange[],
): Promise<void> {
  const { nic, port } = running;
  const before = await port.stats();
  const good = [t.frameTo(nic, 300), t.frameTo(nic, 400)];
  nic.deliver(good[0]!);
  nic.deliver(t.frameTo(nic, bytes), changes);
  nic.deliver(good[1]!);
  const received = await t.drain(port);
  t.expect.equal(
    'lengths of the packets handed over',
    received.map((packet) => packet.pktLen),
    good.map((frame) => frame.length),
  );
  t.expect.frames(
    'packets handed over',
    received.map((packet) => packet.bytes),
    good,
  );
  const after = await port.stats();
  // An application may have no way to show a packet that it was handed.
  t.expect.equal('packets handed over, as the driver counts them', after.rx.packets - before.rx.packets, good.length);
  t.expect.equal('receive errors counted', after.rx.errors - before.rx.errors, 1);
  await expectNothingLost(t, running);
}

/** No mbuf and no host buffer of the receive side is away once all is quiet. */
export async function expectNothingLost(t: ClauseContext, { nic, port }: Running): Promise<void> {
  await t.settle();
  if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
  const { rx, free, guest } = nic.buffers();
  t.expect.equal('receive buffers not back at the host', { rx, free, guest }, { rx: 0, free: 0, guest: 0 });
}
