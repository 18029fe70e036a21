import type { AvpNic } from '../../targets/host';
import { withVlanTag } from '../../../shared/ethernet';
import type { OutFrame, ReceivedPacket, Result } from '../../targets/target';
import type { ClauseContext, SetUpOptions, Running } from '../context';

/**
 * Probes, configures and starts a device. The clause fails if the probe is refused, and is blocked if a later
 * step is.
 */
export async function probeAndStart(t: ClauseContext, nic: AvpNic, options: SetUpOptions = {}): Promise<Running> {
  const probed = await t.guest.probe(nic);
  t.expect.success('probe', probed);
  const port = await t.must('probe', Promise.resolve(probed));
  await t.configure(port, options);
  await t.must('start', port.start());
  await t.settle();
  return { nic, port };
}

/** Delivers one frame of each flow to a device. */
export function deliverFlows(t: ClauseContext, nic: AvpNic, flows: number, bytes = 100): void {
  for (let flow = 0; flow < flows; flow++) nic.deliver(t.flowFrameTo(nic, bytes, flow));
}

/**
 * Delivers frames to a port and leaves them on rx: its application makes no bursts until `goOn`. Where the
 * application cannot be kept from them, it may have received the frames already.
 */
export async function leaveOnRx(
  t: ClauseContext,
  { nic, port }: Running,
  frames: readonly Uint8Array[],
): Promise<void> {
  if (t.can('paused-bursts')) await port.setPaused(true);
  for (const frame of frames) nic.deliver(frame);
  await t.settle();
}

/** Returns a frame as it is on the network, with the tag that is inserted or was stripped on the way. */
export function onWire({ bytes, vlanTci }: OutFrame | ReceivedPacket): Uint8Array {
  return vlanTci === undefined || vlanTci === null ? bytes : withVlanTag(bytes, vlanTci);
}

/** Lets the application of a port make bursts again, after `leaveOnRx`. */
export async function goOn(t: ClauseContext, { port }: Pick<Running, 'port'>): Promise<void> {
  if (t.can('paused-bursts')) await port.setPaused(false);
}

/**
 * Checks, once nothing moves, that no packet is on its way and that the guest keeps no buffer between bursts. A buffer
 * that the guest has lost is one that it keeps: the host would get it back with a close or a detach only.
 */
export function expectNoBufferKept(t: ClauseContext, nic: AvpNic, label = ''): void {
  const { tx, rx, free, guest } = nic.buffers();
  const what = `${label}buffers on the rings and kept by the guest`;
  t.expect.equal(what, { tx, rx, free, guest }, { tx: 0, rx: 0, free: 0, guest: 0 });
}

/** Checks that a control operation is refused, with whatever errno. */
export function expectRefused(t: ClauseContext, what: string, result: Result): void {
  t.expect.that(what, !result.ok, 'refused', 'success');
}

/** Checks that bursts of a port move nothing. An application that sends back what it receives sends nothing then. */
export async function expectNoBurst(t: ClauseContext, { nic, port }: Running, label = ''): Promise<void> {
  t.expect.equal(`received${label}`, (await port.receive(0, 32)).length, 0);
  if (t.can('burst-choice')) t.expect.equal(`taken${label}`, await port.send(0, [{ bytes: t.frameFrom(nic, 100) }]), 0);
}
