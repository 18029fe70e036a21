import { defineCheck, type Finding } from '../../machine/definition';
import { Control, OneReceive, OneSend, PollingHost } from './parts/migrationActors';
import { judgeBuffers, judgeNumbers, judgeRefusals } from './parts/oracle';

interface Actors {
  readonly [name: string]: PollingHost | Control | OneReceive | OneSend;
  readonly host: PollingHost;
  readonly control: Control;
  readonly rx: OneReceive;
  readonly tx: OneSend;
}

/** After ack 1 the host has all its buffers back, and each packet was delivered or is counted as lost. */
function judge(
  { host: { host }, control: { guest }, rx: { receiver }, tx: { sender } }: Actors,
  thorough: boolean,
): Finding | null {
  const { device, sink } = host;
  const early = judgeNumbers(receiver.numbers, 'to the guest') ?? judgeNumbers(sink.numbers, 'from the guest');
  if (early !== null) return early;
  if (!guest.port.detached) return { cause: 'the driver has not detached' };
  if (!thorough) return null;
  for (let round = 0; round < 2; round++) device.step();
  if (!device.migration.released) return { cause: 'the host has not got its rings back' };
  if (receiver.receive() + sender.send() > 0) return { cause: 'a burst works on a detached port' };
  const { toGuest, fromGuest } = device.inspect.stats();
  const lostToGuest = toGuest.dropped['lostAtDetach'] ?? 0;
  const lostFromGuest = fromGuest.dropped['lostAtDetach'] ?? 0;
  if (receiver.numbers.length + lostToGuest !== host.offered)
    return { cause: 'a packet to the guest is neither delivered nor counted', details: [JSON.stringify(toGuest)] };
  if (sink.numbers.length + lostFromGuest !== sender.taken)
    return { cause: 'a packet from the guest is neither forwarded nor counted', details: [JSON.stringify(fromGuest)] };
  return judgeBuffers(host, 0) ?? judgeRefusals(host, guest.port);
}

export const detach = defineCheck<Actors>({
  name: 'detach',
  description: 'the guest detaches, against a burst in each direction',
  actors: {
    host: (stage) => {
      const host = new PollingHost(stage, ({ device }) => device.beginDetach());
      stage.give('first packets', () => {
        for (let i = 0; i < stage.size.packets; i++) host.host.deliver();
        host.host.device.step();
      });
      return host;
    },
    control: (stage) => {
      const control = new Control(stage, 1, 'detached');
      stage.find<() => void>('first packets')();
      return control;
    },
    rx: (stage) => new OneReceive(stage),
    tx: (stage) => new OneSend(stage),
  },
  services: ['host'],
  milestones: ['detached'],
  judge,
});
