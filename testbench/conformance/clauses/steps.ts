import type { AvpNic } from '../../targets/host';
import type { ClauseContext, PortOptions, Running } from '../context';

/** Lets the driver take a device and start it; a refusal of the probe fails the clause. */
export async function expectTaken(t: ClauseContext, nic: AvpNic, options: PortOptions = {}): Promise<Running> {
  const probed = await t.guest.probe(nic);
  t.expect.success('probe', probed);
  const port = await t.must('probe', Promise.resolve(probed));
  await t.configure(port, options);
  await t.must('start', port.start());
  await t.settle();
  return { nic, port };
}

/** Frames of a flow each to every receive queue of a device. */
export function deliverFlows(t: ClauseContext, nic: AvpNic, flows: number, bytes = 100): void {
  for (let flow = 0; flow < flows; flow++) nic.deliver(t.flowFrameTo(nic, bytes, flow));
}
