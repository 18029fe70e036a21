import { type Actor, defineCheck, type Finding, type Stage } from '../../machine/definition';
import { judgeBuffers, judgeNumbers, judgeRefusals } from './parts/oracle';
import { Sender, SmallGuest } from './parts/smallGuest';
import { SmallHost } from './parts/smallHost';

/** Makes one round during the run: takes what the guest has sent, and lends new buffers. */
class Host implements Actor {
  readonly host: SmallHost;

  constructor(stage: Stage) {
    this.host = new SmallHost(stage, 0);
  }

  run(): void {
    this.host.device.step();
  }
}

/** A thread that has sent one packet, and sends the others during the run. */
class Guest implements Actor {
  readonly guest: SmallGuest;
  readonly sender: Sender;

  constructor(stage: Stage) {
    this.guest = new SmallGuest(stage);
    this.sender = new Sender(stage, 0, stage.size.packets + 1);
    this.sender.send(1);
  }

  run(): void {
    this.sender.send();
  }
}

interface Actors {
  readonly [name: string]: Actor;
  readonly host: Host;
  readonly tx: Guest;
}

/** After the run both sides go on until everything is sent, so that each packet ends somewhere. */
function judge({ host: { host }, tx: { guest, sender } }: Actors, thorough: boolean): Finding | null {
  const early = judgeNumbers(host.sink.numbers, 'from the guest');
  if (early !== null || !thorough) return early;
  for (let round = 0; round < sender.count && sender.left > 0; round++) {
    host.device.step();
    sender.send();
  }
  host.device.step();
  const { numbers } = host.sink;
  if (numbers.length !== sender.count) return { cause: 'a packet is never forwarded', details: [numbers.join(' ')] };
  return judgeNumbers(numbers, 'from the guest') ?? judgeBuffers(host, 0) ?? judgeRefusals(host, guest.port);
}

export const txBurst = defineCheck<Actors>({
  name: 'tx-burst',
  description: 'a transmit burst, while the host drains tx and fills alloc',
  actors: { host: (stage) => new Host(stage), tx: (stage) => new Guest(stage) },
  judge,
});
