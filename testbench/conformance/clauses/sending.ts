import type { ClauseContext, Running } from '../context';
import { faultOfGenerated } from '../../targets/generatedFrame';
import type { GeneratedForm, OutFrame } from '../../targets/target';

/** Bytes of a frame that a failure shows: its Ethernet, IPv4 and UDP headers. */
const SHOWN_BYTES = 42;

/** Sends frames. Checks that the network got exactly these, and that neither side kept a buffer. */
export async function expectSent(t: ClauseContext, { nic, port }: Running, frames: readonly OutFrame[]): Promise<void> {
  nic.taken();
  t.expect.equal('frames taken', await t.sendAll(port, frames), frames.length);
  await t.settle();
  t.expect.frames(
    'on the network',
    nic.taken(),
    frames.map((frame) => frame.bytes),
  );
  t.expect.equal('dropped by the host', nic.stats().fromGuest.dropped, {});
  t.expect.equal('broken canaries', nic.brokenCanaries(), 0);
  if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
}

/**
 * Sends a malformed frame between two valid ones. Checks that the driver takes all three, drops and counts the
 * malformed one, and sends the others.
 */
export async function expectTxDropped(t: ClauseContext, running: Running, spoilt: OutFrame): Promise<void> {
  const { nic, port } = running;
  const good = [100, 3_000].map((bytes) => ({ bytes: t.frameFrom(nic, bytes) }));
  const before = (await port.stats()).tx.errors;
  nic.taken();
  t.expect.equal('frames taken', await t.sendAll(port, [good[0]!, spoilt, good[1]!]), 3);
  await t.settle();
  t.expect.frames(
    'on the network',
    nic.taken(),
    good.map((frame) => frame.bytes),
  );
  t.expect.equal('transmit errors counted', (await port.stats()).tx.errors - before, 1);
  t.expect.equal('dropped by the host', nic.stats().fromGuest.dropped, {});
  if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
}

/**
 * Lets the application generate frames. Checks that the driver takes all of them, that they leave unchanged,
 * and that the counters match.
 */
export async function expectGenerated(t: ClauseContext, { nic, port }: Running, form: GeneratedForm): Promise<void> {
  const { frames, frameBytes } = form;
  const before = (await port.stats()).tx;
  nic.taken();
  t.expect.equal('frames taken', await port.generate(form), frames);
  await t.settle();
  const sent = nic.taken();
  for (const [index, frame] of sent.entries()) {
    const fault = faultOfGenerated(frame, nic.mac, frameBytes);
    t.expect.that(
      `frame ${index} of ${frameBytes} bytes on the network`,
      fault === null,
      'as the application made it',
      `${fault}: ${hexOf(frame)}`,
    );
  }
  t.expect.equal('frames on the network', sent.length, frames);
  const { packets, bytes, errors } = (await port.stats()).tx;
  const counted = { packets: packets - before.packets, bytes: bytes - before.bytes, errors: errors - before.errors };
  t.expect.equal('packets, bytes and errors counted', counted, {
    packets: frames,
    bytes: frames * frameBytes,
    errors: 0,
  });
  t.expect.equal('dropped by the host', nic.stats().fromGuest.dropped, {});
  if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
}

function hexOf(frame: Uint8Array): string {
  return `${frame.length} bytes ${Buffer.from(frame.subarray(0, SHOWN_BYTES)).toString('hex')}`;
}
