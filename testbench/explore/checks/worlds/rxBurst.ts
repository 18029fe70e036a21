import { type Actor, defineCheck, type Finding, type Stage } from '../../machine/definition';
import { judgeBuffers, judgeNumbers, judgeRefusals } from './parts/oracle';
import { Receiver, SmallGuest } from './parts/smallGuest';
import { SmallHost } from './parts/smallHost';

/** A host that has put one packet on rx, and puts the others there during the run. */
class Host implements Actor {
  readonly host: SmallHost;

  constructor(private readonly stage: Stage) {
    this.host = new SmallHost(stage, stage.size.packets + 1);
  }

  run(): void {
    for (let i = 0; i < this.stage.size.packets; i++) this.host.deliver();
    this.host.device.step();
  }
}

class Guest implements Actor {
  readonly guest: SmallGuest;
  readonly receiver: Receiver;

  constructor(stage: Stage, host: () => void) {
    this.guest = new SmallGuest(stage);
    this.receiver = new Receiver(stage, 0);
    host();
  }

  run(): void {
    this.receiver.receive();
  }
}

/** After the run the guest polls until nothing comes, so that each packet ends somewhere. */
function judge(
  { host: { host }, rx: { guest, receiver } }: { host: Host; rx: Guest },
  thorough: boolean,
): Finding | null {
  const early = judgeNumbers(receiver.numbers, 'to the guest');
  if (early !== null || !thorough) return early;
  while (receiver.receive() > 0) host.device.step();
  host.device.step();
  if (receiver.numbers.length !== host.offered)
    return { cause: 'a packet never comes', details: [receiver.numbers.join(' ')] };
  return judgeNumbers(receiver.numbers, 'to the guest') ?? judgeBuffers(host, 0) ?? judgeRefusals(host, guest.port);
}

export const rxBurst = defineCheck({
  name: 'rx-burst',
  description: 'a receive burst, while the host delivers',
  actors: {
    host: (stage) => {
      const host = new Host(stage);
      stage.give('first packet', () => {
        host.host.deliver();
        host.host.device.step();
      });
      return host;
    },
    rx: (stage) => new Guest(stage, stage.find<() => void>('first packet')),
  },
  judge,
});
