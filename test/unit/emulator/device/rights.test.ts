import { copy, load32, protect, store32, store8 } from '#mem';
import { expect } from 'chai';
import * as abi from '../../../../shared/loops/layout';
import { BOTH } from '../../../../shared/loops/rights';
import { load64 } from '../../../../shared/u64';
import { frame, isAllowed, makeBench } from './bench';
import type { Ring } from './guest';
import { describeWatched } from '../../../support/watched';

function mayRead(address: number): boolean {
  return isAllowed(() => load32(address));
}

/** True if the guest may write the word, which keeps its value if the guest may also read it. */
function mayWrite(address: number): boolean {
  return mayRead(address) ? isAllowed(() => store32(address, load32(address))) : isAllowed(() => store8(address, 0));
}

describeWatched("the guest's rights to the host's memory", () => {
  const produced = new Set<Ring>(['tx', 'free', 'req']);

  it('are those of a producer or a consumer in each FIFO, and end with the FIFO', () => {
    const { guest, device } = makeBench({ fifoStrideBytes: { tx: 256, rx: 256, alloc: 256, free: 256 } });
    guest.configure();
    for (const ring of ['tx', 'rx', 'alloc', 'free', 'req', 'resp'] as const) {
      const base = guest.fifo(ring, 0);
      const own = produced.has(ring);
      const slots = device.settings.fifoSlots[ring];
      const writable = [0, 4, 8, 12, 16, 16 + 8 * slots - 4].map((at) => mayWrite(base + at));
      expect(writable, ring).to.deep.equal([own, !own, false, false, own, own]);
      for (let at = 0; at < 16 + 8 * slots; at += 4) expect(mayRead(base + at), ring).to.equal(true);
      if (ring !== 'req' && ring !== 'resp') expect(mayRead(base + 16 + 8 * slots), ring).to.equal(false);
    }
  });

  it('allow reading but not writing in BARs 4 and 5, and both in the sync area', () => {
    const { guest } = makeBench();
    expect([guest.info, guest.memmap].map(mayRead)).to.deep.equal([true, true]);
    expect([guest.info, guest.memmap].map(mayWrite)).to.deep.equal([false, false]);
    for (let at = 0; at < abi.REQUEST_BYTES; at += 4) expect(mayWrite(guest.sync + at)).to.equal(true);
  });

  it('cover descriptor and data of a buffer from alloc, and no byte around them', () => {
    const { guest } = makeBench();
    guest.configure();
    const [va] = guest.takeBuffers(1);
    const desc = guest.pointer(va!);
    const data = guest.pointer(load64(desc + abi.DESC_DATA));
    expect([desc, desc + 60, data, data + 2_044].map(mayWrite)).to.deep.equal([true, true, true, true]);
    expect([desc - 4, desc + 64, data - 4, data + 2_048].map(mayRead)).to.deep.equal([false, false, false, false]);
  });

  it('end when the host has taken a buffer off tx', () => {
    const { guest, device } = makeBench({ budget: { alloc: 1 } });
    guest.configure();
    const [va] = guest.transmit(frame(60));
    const desc = guest.pointer(va!);
    expect(mayWrite(desc)).to.equal(true);
    device.step();
    // By now this buffer or another one is on alloc.
    const [next] = guest.takeBuffers(1);
    expect(mayWrite(desc)).to.equal(next === va);
    device.tamper.pause();
    guest.shutdown();
    device.tamper.resume();
    device.step();
    expect(mayRead(desc)).to.equal(false);
  });

  it('allow reading a received packet until it is returned', () => {
    const { guest, device, deliver } = makeBench();
    guest.configure();
    deliver(frame(3_000));
    device.step();
    const packet = guest.receive()!;
    const places = packet.chain.flatMap((va) => [
      guest.pointer(va),
      guest.pointer(load64(guest.pointer(va) + abi.DESC_DATA)) + 2_044,
    ]);
    expect(places.map(mayRead)).to.deep.equal([true, true, true, true]);
    expect(places.map(mayWrite)).to.deep.equal([false, false, false, false]);
    guest.put('free', packet.chain[0]!);
    device.step();
    expect(places.map(mayRead)).to.deep.equal([false, false, false, false]);
  });

  it('never include a buffer in the pool', () => {
    const { guest, device } = makeBench();
    guest.configure({ txQueues: 0 });
    const { host } = device.inspect;
    const first = guest.pointer(host.run('pool0').va + 64n);
    for (let i = 0; i < 64; i++) expect(mayRead(first + i * host.bufferStride)).to.equal(false);
  });
});

describe('canaries of the host', () => {
  it('reveal a byte written outside a buffer, and where', () => {
    const { guest, device } = makeBench({ mbufSize: 1_001, dataGapBytes: 20, canaryBytes: 7 });
    guest.configure();
    const [va] = guest.takeBuffers(1);
    const desc = guest.pointer(va!);
    const data = guest.pointer(load64(desc + abi.DESC_DATA));
    expect(data - desc).to.equal(84);
    expect(device.inspect.brokenCanaries()).to.deep.equal([]);
    // On an unwatched build a guest could do this.
    protect(desc, device.inspect.host.bufferStride, BOTH);
    store8(desc + 64, 0);
    expect(device.inspect.brokenCanaries()).to.have.length(1);
    expect(device.inspect.brokenCanaries()[0]).to.include({ pool: 0, offset: 64 });
    store8(desc + 64, 0xa5);
    store8(data + 1_000, 0);
    expect(device.inspect.brokenCanaries()).to.deep.equal([]);
    copy(data + 1_001, data, 1);
    expect(device.inspect.brokenCanaries()[0]).to.include({ offset: 84 + 1_001 });
  });
});
