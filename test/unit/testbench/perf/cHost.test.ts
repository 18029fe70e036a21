import { expect } from 'chai';
import { protect, readBytes } from '#mem';
import { CHost, REFLECT, SINK, SOURCE } from '../../../../testbench/perf/cHost';
import { perfFrame } from '../../../../testbench/perf/perfFrame';
import { avpDriver, mbufFree, mbufFromBytes, Mempool, MbufView, type Port } from '../../../../driver';
import { type AvpDevice, ComputeNode } from '../../../../emulator';
import { resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { BAR_MEMORY, storeFifoRead, storeFifoWrite } from '../../../../shared/loops/layout';
import { store32 } from '../../../../shared/mem/plain';
import { BOTH } from '../../../../shared/loops/rights';
import { testSeed } from '../../../runner/seed';
import { buildLibrary } from '../../../../testbench/peers/dpdk/cLibrary';
import { PEER_CACHE } from '../../../support/dpdkPackages';

const FRAMES = 40;
const SIZES = [60, 64, 1_518, 2_048, 2_049, 9_000];

describe('the host in C', () => {
  let library: string;
  let device: AvpDevice;
  let port: Port;
  let pool: Mempool;
  let host: CHost;
  const out = new Uint32Array(64);
  const view = new MbufView();

  before(async () => {
    library = await buildLibrary('testbench/perf/hostLoop.c', PEER_CACHE, 'the C host');
  });

  beforeEach(() => {
    resetArena();
    const node = new ComputeNode({ name: 'node', clock: new VirtualClock(), seed: testSeed });
    const instance = node.boot(
      'vm',
      [{ network: 'A', model: 'avp', settings: { pools: [{ buffers: 512 }], fifoSlots: { alloc: 256 } } }],
      { drivers: [avpDriver] },
    );
    device = instance.nics[0]!.device!;
    port = instance.portOf(instance.nics[0]!, avpDriver)!;
    pool = Mempool.create({ mbufs: 1_024 });
    port.configure({ rxQueues: 1, txQueues: 1 });
    port.rxQueueSetup(0, { mempool: pool });
    port.txQueueSetup(0);
    port.start();
    // C code is not watched, so grant all rights.
    protect(device.function.barAddress(BAR_MEMORY), device.inspect.host.plan.barBytes, BOTH);
    host = CHost.open(library, device);
  });

  afterEach(() => host.close());

  /** Receives and frees all packets, and returns their bytes in hex. */
  function receiveAll(): string[] {
    const frames: string[] = [];
    for (let count = port.rxBurst(0, out, 32); count > 0; count = port.rxBurst(0, out, 32))
      for (const mbuf of out.subarray(0, count)) {
        frames.push(Buffer.from(view.at(mbuf).data()).toString('hex'));
        mbufFree(mbuf);
      }
    return frames;
  }

  function send(frame: Uint8Array): void {
    out[0] = mbufFromBytes(pool, frame);
    expect(port.txBurst(0, out, 1)).to.equal(1);
  }

  it('reflects every frame unchanged, round after round', () => {
    for (let round = 0; round < 20; round++) {
      const frames = Array.from({ length: FRAMES }, (_unused, index) =>
        perfFrame(SIZES[(index + round) % SIZES.length]!, testSeed, round * FRAMES + index),
      );
      frames.forEach(send);
      const { fromGuest, toGuest, refused, dropped } = host.run({ mode: REFLECT, rounds: 2 });
      expect({ fromGuest, toGuest, refused, dropped }).to.deep.equal({
        fromGuest: FRAMES,
        toGuest: FRAMES,
        refused: 0,
        dropped: 0,
      });
      expect(receiveAll()).to.deep.equal(frames.map((frame) => Buffer.from(frame).toString('hex')));
    }
    expect(pool.available + 64).to.be.at.least(pool.size);
  });

  it('sends the given frame and drops received ones until its time is over', () => {
    const frame = perfFrame(64, testSeed, 1);
    send(frame);
    const { fromGuest, toGuest } = host.run({ mode: SOURCE + SINK, frame, durationMs: 5 });
    expect(fromGuest).to.equal(1);
    expect(toGuest).to.be.greaterThan(100);
    expect(new Set(receiveAll())).to.deep.equal(new Set([Buffer.from(frame).toString('hex')]));
  });

  it('refuses entries that are not lent buffers, and goes on', () => {
    const tx = device.inspect.host.fifoAddress('tx', 0);
    const slots = [
      [1, 2],
      [0, 0],
      [0xffff_ffff, 0xffff_ffff],
    ] as const;
    slots.forEach(([lo, hi], index) => {
      store32(tx + 16 + 8 * index, lo);
      store32(tx + 20 + 8 * index, hi);
    });
    storeFifoWrite(tx, slots.length);
    expect(host.run({ mode: REFLECT, rounds: 2 })).to.include({ fromGuest: 3, toGuest: 0, refused: 3 });
    // The host ignores indices that are out of range.
    storeFifoWrite(tx, 0xffff);
    storeFifoRead(device.inspect.host.fifoAddress('rx', 0), 0x8000_0000);
    expect(host.run({ mode: REFLECT + SOURCE, frame: perfFrame(64, testSeed, 1), rounds: 2 })).to.include({
      fromGuest: 0,
      toGuest: 0,
    });
    expect(readBytes(tx + 4, 4)[0]).to.equal(slots.length);
  });
});
