import { expect } from 'chai';
import fc from 'fast-check';
import { isRemoved } from '../../../driver/context';
import { removePort } from '../../../driver/lock';
import { PORT_INTERRUPT_WAITING, PORT_LOCK, RX_QUEUE_BUSY, TX_QUEUE_BUSY } from '../../../driver/loops/records';
import { rxQueueAt } from '../../../driver/loops/rx';
import { txQueueAt } from '../../../driver/loops/tx';
import { MIGRATION_ATTACHED } from '../../../shared/loops/layout';
import { words32 } from '../../../shared/mem/memory';
import { type AccessKind, addWatcher } from '../../../shared/mem/watched';
import { itWatched } from '../../support/watched';
import { ownFrame } from './frames';
import { Guest } from './guest';
import { Rig, SMALL } from './rig';
import { runs } from './runs';

/** Rounds of the clock in which a detach and an attach are over. */
const ROUNDS = 20;
const ANSWER_MS = 25;

/** A device whose host begins a detach, and changes its mind after some rounds, while the driver serves that. */
function changeOfMind(round: number): { readonly rig: Rig; readonly guest: Guest; readonly run: () => void } {
  const rig = new Rig(SMALL);
  const guest = new Guest(rig.probe(), { rxQueues: 1, txQueues: 1 }).setUp().start();
  rig.settle();
  const run = (): void => {
    let rounds = 0;
    rig.clock.onStep(() => {
      if (rounds++ === round) rig.device.beginAttach();
    });
    // The handler waits for the answer, and time passes meanwhile.
    rig.device.tamper.planAnswer({ delayMs: ANSWER_MS });
    rig.device.beginDetach();
    rig.device.step();
    // Outside of a step of the clock, so that a later interrupt comes within the handler of this one.
    expect(rig.device.function.dispatchInterrupt(), 'an interrupt').to.equal(true);
    for (let i = 0; i < ROUNDS; i++) rig.clock.step();
  };
  return { rig, guest, run };
}

describe('driver: interrupts that come while the control lock is held', () => {
  it('are served, at whatever moment of the handler of another one they come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), (round) => {
        const { rig, guest, run } = changeOfMind(round);
        run();
        expect(rig.device.migration.ack, 'answer to the last event').to.equal(MIGRATION_ATTACHED);
        expect(guest.port.detached).to.equal(false);
      }),
      { numRuns: runs(20) },
    );
  });

  // Without the fence a CPU may look for the note first, and let go of the lock after another thread has left one.
  itWatched('are looked for behind a fence, whenever the lock is given up', () => {
    const { guest, run } = changeOfMind(1);
    const { address } = guest.port;
    let givenUp = false;
    let looks = 0;
    let unfenced = 0;
    const stopWatching = addWatcher((kind: AccessKind, at: number) => {
      if (kind === 'store' && at === address + PORT_LOCK) givenUp = true;
      else if (kind === 'fence' || kind === 'update') givenUp = false;
      else if (kind === 'load' && at === address + PORT_INTERRUPT_WAITING) {
        looks++;
        if (givenUp) unfenced++;
      }
    });
    try {
      run();
      guest.port.stop();
    } finally {
      stopWatching();
    }
    expect(looks, 'looks for notes').to.be.greaterThan(2);
    expect(unfenced, 'looks without a fence').to.equal(0);
  });
});

describe('driver: words by which one thread lets others go on', () => {
  // A plain store may reach another CPU before what the thread has stored earlier.
  itWatched('are cleared by a release store: the control lock, and the busy words of queues', () => {
    const { rig, guest, run } = changeOfMind(1);
    const { address } = guest.port;
    const words = [address + PORT_LOCK, rxQueueAt(address, 0) + RX_QUEUE_BUSY, txQueueAt(address, 0) + TX_QUEUE_BUSY];
    const cleared = new Set<number>();
    const plain = new Set<number>();
    const stopWatching = addWatcher((kind, at, _bytes, _actor, _source, released) => {
      if (kind !== 'store' || !words.includes(at) || words32[at >>> 2] !== 0) return;
      cleared.add(at);
      if (!released) plain.add(at);
    });
    try {
      guest.receive(0, 8);
      guest.offer(0, ownFrame(1));
      guest.send(0, 8);
      run();
      rig.settle();
      guest.port.stop();
    } finally {
      stopWatching();
    }
    expect([...cleared].sort(), 'words that were cleared').to.deep.equal(words.toSorted());
    expect([...plain], 'words that a plain store clears').to.deep.equal([]);
  });
});

describe('driver: a removal', () => {
  // An operation under way would otherwise go on to its next request, and outlast the removal.
  itWatched('marks the port as removed before it waits for bursts and for the control lock', () => {
    const rig = new Rig(SMALL);
    const { port } = new Guest(rig.probe(), { rxQueues: 1, txQueues: 1 }).setUp().start();
    const waitedFor = [port.address + PORT_LOCK, rxQueueAt(port.address, 0) + RX_QUEUE_BUSY];
    const seen = new Set<number>();
    const early = new Set<number>();
    const stopWatching = addWatcher((kind, at) => {
      if ((kind !== 'load' && kind !== 'update') || !waitedFor.includes(at)) return;
      seen.add(at);
      if (!isRemoved(port)) early.add(at);
    });
    try {
      removePort(port);
    } finally {
      stopWatching();
    }
    expect([...seen].sort(), 'words that it waits for').to.deep.equal(waitedFor.toSorted());
    expect([...early], 'words that it waits for too early').to.deep.equal([]);
  });
});
