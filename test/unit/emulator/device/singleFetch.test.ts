import { expect } from 'chai';
import { FIFO_READ, FIFO_WRITE } from '../../../../shared/loops/layout';
import { ACTOR_HOST } from '../../../../shared/loops/rights';
import { addWatcher } from '../../../../shared/mem/watched';
import * as plain from '../../../../shared/mem/plain';
import { describeWatched } from '../../../support/watched';
import { makeConfiguredBench } from './bench';

/** Runs `work`, and returns how often the host fetches the guest's index at `index` before it publishes its own. */
function fetchesBefore(published: number, index: number, work: () => void, onFetch: () => void = () => {}): number {
  let fetches = 0;
  let isOver = false;
  const stop = addWatcher((kind, address, _bytes, actor) => {
    if (actor !== ACTOR_HOST || isOver) return;
    if (kind === 'store' && address === published) isOver = true;
    if (kind !== 'load' || address !== index) return;
    fetches++;
    onFetch();
  });
  try {
    work();
  } finally {
    stop();
  }
  return fetches;
}

describeWatched("device: the guest's indices of resp and alloc", () => {
  it('answers a request by one look at the room on resp', () => {
    const { device, guest } = makeConfiguredBench();
    const resp = guest.fifo('resp', 0);
    guest.send(2);
    expect(fetchesBefore(resp + FIFO_WRITE, resp + FIFO_READ, () => device.step())).to.equal(1);
  });

  it('takes back what a guest has returned on alloc by one look at its index, so that the ring stays in bounds', () => {
    const { device, guest } = makeConfiguredBench({ allocSharePercent: 10 });
    const alloc = guest.fifo('alloc', 0);
    guest.setMask(1);
    const taken = guest.takeBuffers(3);
    device.beginDetach();
    expect(guest.shutdown()).to.equal(0);
    const write = plain.load32(alloc + FIFO_WRITE);
    for (const va of taken) {
      const slot = alloc + 16 + 8 * plain.load32(alloc + FIFO_WRITE);
      plain.store32(slot, Number(va & 0xffff_ffffn));
      plain.store32(slot + 4, Number(va >> 32n));
      plain.store32(alloc + FIFO_WRITE, (plain.load32(alloc + FIFO_WRITE) + 1) % 16);
    }
    guest.ack(3);
    const read = plain.load32(alloc + FIFO_READ);
    const moveBack = (): void => plain.store32(alloc + FIFO_READ, (read + 16 - 3) % 16);
    const fetches = fetchesBefore(alloc + FIFO_WRITE, alloc + FIFO_READ, () => device.step(), moveBack);
    expect(fetches).to.equal(1);
    expect((plain.load32(alloc + FIFO_WRITE) - write + 16) % 16).to.equal(3);
  });
});
