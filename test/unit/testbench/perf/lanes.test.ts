import { expect } from 'chai';
import { protect } from '#mem';
import { mbufFree, MbufView, type Port } from '../../../../driver';
import { resetArena } from '../../../../shared/arena';
import { BAR_MEMORY } from '../../../../shared/loops/layout';
import { BOTH } from '../../../../shared/loops/rights';
import { buildLibrary } from '../../../../testbench/peers/dpdk/cLibrary';
import { SHAPES } from '../../../../testbench/perf/cases';
import { CHost, REFLECT, SINK, SOURCE } from '../../../../testbench/perf/cHost';
import { perfFrame } from '../../../../testbench/perf/perfFrame';
import { endGuest, startGuest, type StartedGuest } from '../../../../testbench/perf/startedGuest';
import { testSeed } from '../../../runner/seed';
import { PEER_CACHE } from '../../../support/dpdkPackages';

const PORTS = 3;
const QUEUES = 4;

describe('the host in C with several ports of several queues', () => {
  let library: string;
  let guest: StartedGuest;
  let host: CHost;
  const out = new Uint32Array(64);
  const view = new MbufView();

  before(async () => {
    library = await buildLibrary('testbench/perf/hostLoop.c', PEER_CACHE, 'the C host');
  });

  function start(shape: (typeof SHAPES)[number]): void {
    resetArena();
    guest = startGuest({ shape, lanes: { ports: PORTS, queues: QUEUES }, seed: testSeed });
    for (const device of guest.devices)
      // C code is not watched, so grant all rights.
      protect(device.function.barAddress(BAR_MEMORY), device.inspect.host.plan.barBytes, BOTH);
    host = CHost.open(library, ...guest.devices);
  }

  function eachQueue(visit: (port: Port, queue: number) => void): void {
    for (const port of guest.ports) for (let queue = 0; queue < QUEUES; queue++) visit(port, queue);
  }

  /** Receives one burst of a queue, and returns its mbufs. */
  function received(port: Port, queue: number): number[] {
    return [...out.subarray(0, port.rxBurst(queue, out, out.length))];
  }

  for (const shape of SHAPES)
    it(`serves each queue of each port with buffers of its own, round after round: ${shape}`, () => {
      start(shape);
      const frame = perfFrame(shape === 'simple' ? 512 : 9_000, testSeed, 1);
      for (let round = 0; round < 50; round++) {
        expect(host.run({ mode: SOURCE, frame, rounds: 1 })).to.include({ refused: 0 });
        eachQueue((port, queue) => {
          const mbufs = received(port, queue);
          expect(mbufs.length, `${port.name} ${queue}`).to.be.greaterThan(0);
          for (const mbuf of mbufs) expect(Buffer.compare(view.at(mbuf).data(), frame)).to.equal(0);
          const sent = port.txBurst(queue, Uint32Array.from(mbufs), mbufs.length);
          expect(sent, `${port.name} ${queue}`).to.be.greaterThan(0);
          mbufs.slice(sent).forEach(mbufFree);
        });
        const { refused, fromGuest, dropped } = host.run({ mode: SINK, rounds: 1 });
        expect({ refused, dropped }).to.deep.equal({ refused: 0, dropped: 0 });
        expect(fromGuest).to.be.at.least(PORTS * QUEUES);
      }
      host.close();
      endGuest(guest);
    });

  it('reflects a frame to the queue that it came from', () => {
    start('simple');
    const sizes = new Map<string, number>();
    eachQueue((port, queue) => sizes.set(`${port.name} ${queue}`, 60 + sizes.size));
    // Puts one frame on each queue, then sends a frame of another size from each.
    host.run({ mode: SOURCE, frame: perfFrame(600, testSeed, 1), rounds: 1 });
    eachQueue((port, queue) => {
      const [first, ...others] = received(port, queue);
      others.forEach(mbufFree);
      view.at(first!).pktLen = view.dataLen = sizes.get(`${port.name} ${queue}`)!;
      expect(port.txBurst(queue, Uint32Array.of(first!), 1)).to.equal(1);
    });
    expect(host.run({ mode: REFLECT, rounds: 2 })).to.include({ toGuest: PORTS * QUEUES, dropped: 0, refused: 0 });
    eachQueue((port, queue) => {
      const mbufs = received(port, queue);
      expect(mbufs.map((mbuf) => view.at(mbuf).pktLen)).to.deep.equal([sizes.get(`${port.name} ${queue}`)]);
      mbufs.forEach(mbufFree);
    });
    host.close();
    endGuest(guest);
  });
});
