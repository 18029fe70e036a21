import type { ClauseContext, Running } from '../context';
import type { DescChange } from '../../targets/host';
import { ETHERNET_CRC_BYTES, ETHERNET_HEADER_BYTES } from '../../../shared/ethernet';

/** Default of `max_rx_pkt_len`. */
export const MAX_RX_BYTES = 9_238;
/** Bytes of max_rx_pkt_len that an MTU does not count. */
export const OUTSIDE_MTU_BYTES = ETHERNET_HEADER_BYTES + ETHERNET_CRC_BYTES;
/** Packet length that takes five host buffers of 2,048 bytes. */
export const FIVE_SEGMENTS_BYTES = 9_000;

/**
 * Delivers a malformed packet between two valid ones. Checks that the valid ones arrive, that the malformed one
 * is counted as an error, and that every mbuf and every host buffer comes back.
 */
export async function expectRxDropped(
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
  // Some applications cannot show a packet they received, so check the driver's counter as well.
  t.expect.equal('packets handed over, as the driver counts them', after.rx.packets - before.rx.packets, good.length);
  t.expect.equal('receive errors counted', after.rx.errors - before.rx.errors, 1);
  await expectNothingLost(t, running);
}

/** Checks, once nothing moves, that no mbuf is in use and that every receive buffer is back at the host. */
export async function expectNothingLost(t: ClauseContext, { nic, port }: Running): Promise<void> {
  await t.settle();
  if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
  const { rx, free, guest } = nic.buffers();
  t.expect.equal('receive buffers not back at the host', { rx, free, guest }, { rx: 0, free: 0, guest: 0 });
}
