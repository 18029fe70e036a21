import type { AvpNic } from '../../targets/host';
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
