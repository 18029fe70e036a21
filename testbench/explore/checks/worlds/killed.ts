import { type Actor, defineCheck, type Finding, type Stage } from '../../machine/definition';
import { deliverAll } from './parts/migrationActors';
import { judgeBuffers, judgeNumbers } from './parts/oracle';
import { Receiver, Sender, SmallGuest } from './parts/smallGuest';
import { SmallHost } from './parts/smallHost';

const ROUND_MS = 3;
/** Rounds of the host between the deaths of two guests. */
const ROUNDS = 3;

/** Kills the first guest, serves the second one for a while, and kills that too. */
class Host implements Actor {
  readonly host: SmallHost;

  constructor(private readonly stage: Stage) {
    this.host = new SmallHost(stage, stage.size.packets);
    stage.give('host', this.host);
  }

  run(): void {
    const { device } = this.host;
    device.step();
    this.stage.kill('first');
    device.guestDied();
    this.stage.pass('first guest is gone');
    for (let round = 0; round < ROUNDS; round++) {
      device.step();
      this.stage.clock.sleepMs(ROUND_MS);
    }
    this.stage.kill('second');
    device.guestDied();
  }
}

/** Works with both queues until it dies. */
class First implements Actor {
  private readonly receiver: Receiver;
  private readonly sender: Sender;

  constructor(stage: Stage) {
    const { port } = new SmallGuest(stage);
    deliverAll(stage);
    stage.give('port of the first guest', port.address);
    this.receiver = new Receiver(stage, 0);
    this.sender = new Sender(stage, 0, stage.size.packets);
  }

  run(): void {
    this.receiver.receive();
    this.sender.send();
  }
}

/** Brings the device up after the first guest has died, and dies too. */
class Second implements Actor {
  constructor(private readonly stage: Stage) {}

  run(): void {
    this.stage.waitFor('first guest is gone');
    const { port } = new SmallGuest(this.stage);
    port.txBurst(0, new Uint32Array(1), 0);
  }
}

interface Actors {
  readonly [name: string]: Actor;
  readonly host: Host;
}

/** All buffers are the host's again, and a third guest finds a device that works. */
function judge({ host: { host } }: Actors, thorough: boolean): Finding | null {
  const early = judgeNumbers(host.sink.numbers, 'from the guest');
  if (early !== null || !thorough) return early;
  host.device.step();
  return judgeBuffers(host, 0);
}

export const twoGuestsKilled = defineCheck<Actors>({
  name: 'two-guests-killed',
  description: 'a guest dies at any access, and so does the next one; the host takes back what they had',
  actors: {
    host: (stage) => new Host(stage),
    first: (stage) => new First(stage),
    second: (stage) => new Second(stage),
  },
  milestones: ['first guest is gone'],
  judge,
});
