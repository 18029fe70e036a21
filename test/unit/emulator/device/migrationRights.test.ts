import { load32, store32 } from '#mem';
import { expect } from 'chai';
import { avpDeviceSettings } from '../../../../emulator/device/settings';
import { asHost } from '../../../../shared/actors';
import * as abi from '../../../../shared/loops/layout';
import { MemoryViolation } from '../../../../shared/mem/watched';
import { busy, isAllowed, SMALL } from './bench';
import { bound, expectTraffic, TRAFFIC_RINGS } from './migrationBench';
import type { Ring } from './guest';
import { describeWatched } from '../../../support/watched';

type Bench = ReturnType<typeof bound>;

/** Addresses in a ring: the guest's own index, the header, and a slot. */
function places(
  { guest }: Bench,
  ring: Ring,
  queue: number,
): { readonly own: number; readonly header: number; readonly slot: number } {
  const base = asHost(() => guest.fifo(ring, queue));
  const produces = ring === 'tx' || ring === 'free';
  return { own: base + (produces ? abi.FIFO_WRITE : abi.FIFO_READ), header: base, slot: base + abi.FIFO_BYTES };
}

/** Says what the guest may do with its traffic rings, which must be the same for all of them. */
function rights(bench: Bench): string {
  const found = new Set<string>();
  for (const ring of TRAFFIC_RINGS)
    for (const queue of [0, 3]) {
      const { own, header, slot } = places(bench, ring, queue);
      const words = [0, 4, 8, 12].map((at) => isAllowed(() => load32(header + at)));
      const say = (text: string, can: boolean): string => (can ? text : '');
      found.add(
        [
          say('header', words.every(Boolean)),
          say(
            'index',
            isAllowed(() =>
              store32(
                own,
                asHost(() => load32(own)),
              ),
            ),
          ),
          say(
            'slot',
            isAllowed(() => load32(slot)),
          ),
        ]
          .join(' ')
          .trim() + (words.some(Boolean) && !words.every(Boolean) ? ' torn' : ''),
      );
    }
  expect([...found], 'the same on every ring').to.have.length(1);
  return [...found][0]!;
}

const ALL = 'header index slot';

describeWatched("the guest's rights to its rings during a migration", () => {
  it('end with the answer to request 4, return for headers with the attach event, and in full with the answer to request 3', () => {
    const bench = bound();
    const { device, guest } = bench;
    device.beginDetach();
    expect(rights(bench)).to.equal(ALL);
    guest.send(abi.REQ_SHUTDOWN);
    expect(rights(bench)).to.equal(ALL);
    device.step();
    expect(rights(bench)).to.equal('');
    expect(guest.answer()).to.equal(0);
    guest.ack(1);
    device.step();
    expect(rights(bench)).to.equal('');
    device.beginAttach();
    expect(rights(bench)).to.equal('header');
    guest.openAll();
    guest.send(abi.REQ_CONFIG, guest.configRequest());
    expect(rights(bench)).to.equal('header');
    device.step();
    expect(rights(bench)).to.equal(ALL);
    guest.answer();
    expectTraffic(bench);
  });

  it('stop a driver at the access itself', () => {
    const { device, guest } = bound();
    const [buffer] = guest.takeBuffers(1);
    device.beginDetach();
    guest.shutdown();
    expect(() => guest.put('tx', buffer!)).to.throw(MemoryViolation, /driver: store/);
    expect(() => guest.take('rx')).to.throw(MemoryViolation, /driver: load/);
    expect(() => guest.take('alloc')).to.throw(MemoryViolation);
    expect(() => guest.put('free', buffer!)).to.throw(MemoryViolation);
  });

  it('do not change for req, resp and the sync area', () => {
    const { device, guest } = bound();
    device.beginDetach();
    guest.detach();
    device.step();
    expect(guest.request(9)).to.equal(-95);
  });

  for (const [how, undo] of [
    [
      'ack 3',
      ({ guest, device }: Bench) => {
        guest.ack(3);
        device.step();
      },
    ],
    [
      'undoDetach',
      ({ device }: Bench) => {
        device.undoDetach();
      },
    ],
  ] as const)
    it(`return with ${how}`, () => {
      const bench = bound();
      bench.device.beginDetach();
      bench.guest.shutdown();
      expect(rights(bench)).to.equal('');
      undo(bench);
      expect(rights(bench)).to.equal(ALL);
      expectTraffic(bench);
    });

  for (const [what, plan] of [
    ['refused', { result: -5 }],
    ['not answered', { answers: 0 }],
    ['answered with a wrong entry', { entry: 8n }],
    ['answered late', { delayMs: 600 }],
  ] as const)
    it(`stay with a guest whose request 4 is ${what}, because it goes on at once`, () => {
      const bench = bound();
      const { device, guest, clock } = bench;
      device.tamper.planAnswer({ request: abi.REQ_SHUTDOWN, ...plan });
      device.beginDetach();
      guest.shutdown();
      clock.sleepMs(500);
      device.step();
      guest.ack(3);
      expect(rights(bench)).to.equal(ALL);
      clock.sleepMs(100);
      device.step();
      expect(rights(bench)).to.equal(ALL);
      expect(device.configured).to.equal(true);
    });

  for (const [why, wait] of [
    [
      'the host answers late',
      ({ device, guest, clock }: Bench) => {
        device.tamper.planAnswer({ request: abi.REQ_SHUTDOWN, delayMs: 500 });
        guest.send(abi.REQ_SHUTDOWN);
        device.step();
        clock.sleepMs(500);
      },
    ],
    [
      'the host did not read req',
      ({ device, guest, clock }: Bench) => {
        device.tamper.pause();
        guest.send(abi.REQ_SHUTDOWN);
        clock.sleepMs(500);
        device.tamper.resume();
      },
    ],
  ] as const)
    it(`stay until the ack with a guest that may have given up because ${why}`, () => {
      for (const ack of [1, 3]) {
        const bench = bound();
        const { device, guest } = bench;
        device.beginDetach();
        device.step();
        wait(bench);
        device.step();
        expect([rights(bench), device.migration.shutdown]).to.deep.equal([ALL, true]);
        expect(bench.notes).to.include('answered 0');
        guest.ack(ack);
        device.step();
        expect(rights(bench)).to.equal(ack === 1 ? '' : ALL);
      }
    });

  it('end with an answer that the guest still waits for, however long after the event', () => {
    const bench = bound();
    const { device, guest, clock } = bench;
    device.tamper.planAnswer({ request: abi.REQ_SHUTDOWN, delayMs: 400 });
    device.beginDetach();
    clock.sleepMs(2_000);
    device.step();
    guest.send(abi.REQ_SHUTDOWN);
    device.step();
    clock.sleepMs(400);
    expect(rights(bench)).to.equal(ALL);
    device.step();
    expect(rights(bench)).to.equal('');
  });

  it('stay with a guest whose answer finds no room', () => {
    const bench = bound();
    const { device, guest } = bench;
    device.beginDetach();
    for (let i = 0; i < 3; i++) device.tamper.putResponse(8n);
    guest.send(abi.REQ_SHUTDOWN);
    device.step();
    expect(rights(bench)).to.equal(ALL);
    for (let i = 0; i < 3; i++) guest.take('resp');
    device.step();
    expect(guest.answer()).to.equal(0);
    expect(rights(bench)).to.equal('');
  });

  it('do not end with a late answer to a shutdown that ack 3 undid in the same step', () => {
    const bench = bound();
    const { device, guest, clock } = bench;
    device.tamper.planAnswer({ request: abi.REQ_SHUTDOWN, delayMs: 500 });
    device.beginDetach();
    guest.shutdown();
    clock.sleepMs(500);
    guest.ack(3);
    device.step();
    expect(rights(bench)).to.equal(ALL);
    expect(bench.notes).to.not.include('answered 0');
  });

  it('stay with a guest whose shutdown for a former detach is read during the next one', () => {
    const bench = bound();
    const { device, guest, clock } = bench;
    device.beginDetach();
    device.tamper.pause();
    guest.send(abi.REQ_SHUTDOWN);
    clock.sleepMs(500);
    guest.ack(3);
    device.tamper.resume();
    device.beginDetach();
    device.step();
    expect(bench.notes).to.include('answered 0');
    expect(rights(bench)).to.equal(ALL);
  });

  it('do not end with a shutdown outside a detach', () => {
    const bench = bound();
    bench.guest.shutdown();
    expect(rights(bench)).to.equal(ALL);
  });

  it('end with ack 1 even if no request came before it', () => {
    const bench = bound();
    bench.device.beginDetach();
    bench.guest.ack(1);
    bench.device.step();
    expect(rights(bench)).to.equal('');
  });

  it('stay the same across hosts, and end for buffers with ack 1', () => {
    const bench = bound({ memoryBarBytes: 0x20_0000 });
    const { device, guest } = bench;
    const [buffer] = guest.takeBuffers(1);
    const desc = guest.pointer(buffer!);
    device.beginDetach();
    guest.shutdown();
    expect(isAllowed(() => load32(desc))).to.equal(true);
    guest.ack(1);
    device.step();
    expect(isAllowed(() => load32(desc))).to.equal(false);
    device.replaceHost(avpDeviceSettings({ ...SMALL, deviceId: 9n, layout: { seed: 9 } }));
    expect(rights(bench)).to.equal('');
    device.beginAttach();
    expect(rights(bench)).to.equal('header');
    device.replaceHost(avpDeviceSettings({ ...SMALL, deviceId: 10n, layout: { seed: 10 } }));
    expect(rights(bench), 'a second host').to.equal('header');
    device.beginAttach();
    guest.attach();
    expect(rights(bench)).to.equal(ALL);
  });

  it('are complete for the next guest after one that died', () => {
    const bench = bound();
    bench.device.beginDetach();
    bench.guest.detach();
    bench.device.step();
    bench.device.beginAttach();
    bench.device.guestDied();
    expect(rights(bench)).to.equal(ALL);
  });
});

describe('a guest that keeps buffers of alloc in a cache (section 17)', () => {
  /** Puts buffers back on alloc as its producer would, with the host's rights. */
  function putBack({ guest }: Bench, buffers: readonly bigint[]): void {
    asHost(() => {
      const base = guest.fifo('alloc', 0);
      const write = abi.loadFifoWrite(base);
      buffers.forEach((va, i) => {
        const slot = base + abi.FIFO_BYTES + 8 * ((write + i) & 15);
        store32(slot, Number(va & 0xffff_ffffn));
        store32(slot + 4, Number(va >> 32n));
      });
      abi.storeFifoWrite(base, (write + buffers.length) & 15);
    });
  }

  it('may put them back between the answer and ack 1, after which the host has all of them', () => {
    const bench = bound();
    const { device, guest } = bench;
    busy(bench);
    const cached = guest.takeBuffers(5);
    device.beginDetach();
    guest.shutdown();
    const { guest: held, alloc, tx } = device.inspect.buffers();
    putBack(bench, cached);
    expect(held + alloc + tx).to.equal(
      device.inspect.buffers().guest + device.inspect.buffers().alloc + device.inspect.buffers().tx,
    );
    guest.ack(1);
    device.step();
    expect(device.inspect.buffers().hostPool).to.equal(64);
    device.beginAttach();
    expect(guest.attach()).to.equal(0);
    expectTraffic(bench);
  });

  for (const [way, back] of [
    [
      'attaches again although its ack came too late',
      ({ device, guest }: Bench) => {
        device.beginAttach();
        guest.attach();
      },
    ],
    [
      'is told to go on',
      ({ device, guest }: Bench) => {
        device.undoDetach();
        guest.openRings();
      },
    ],
  ] as const)
    it(`finds them on alloc if it ${way}`, () => {
      const bench = bound({ budget: { alloc: 5 } });
      const { device, guest, sent } = bench;
      const cached = guest.takeBuffers(5);
      device.beginDetach();
      guest.shutdown();
      putBack(bench, cached);
      back(bench);
      expect(device.inspect.buffers().guest).to.equal(0);
      const found = guest.takeBuffers(5);
      expect(found).to.deep.equal(cached);
      guest.fill([found[0]!], new Uint8Array(60), 60);
      guest.put('tx', found[0]!);
      device.step();
      expect(sent).to.have.length(1);
      expect(device.inspect.stats().refused).to.include({ allocIndex: 0 });
      expectTraffic(bench);
    });

  it('can return each buffer once, and only its own buffers', () => {
    const bench = bound({ budget: { alloc: 5 } });
    const { device, guest } = bench;
    const [first, second] = guest.takeBuffers(2);
    device.beginDetach();
    guest.shutdown();
    putBack(bench, [first!, first!, second!]);
    device.undoDetach();
    expect(device.inspect.buffers()).to.include({ guest: 1, alloc: 4 });
    expect(asHost(() => abi.loadFifoWrite(guest.fifo('alloc', 0)))).to.equal(6);
    device.step();
    expect(device.inspect.stats().refused).to.include({ allocIndex: 0 });
    expectTraffic(bench);
  });

  it('can return no more buffers than the ring has room for', () => {
    const bench = bound();
    const { device, guest } = bench;
    const cached = guest.takeBuffers(15);
    device.step();
    cached.push(...guest.takeBuffers(14));
    device.beginDetach();
    guest.shutdown();
    putBack(bench, cached.slice(0, 15));
    device.undoDetach();
    expect(device.inspect.buffers()).to.include({ guest: 15, alloc: 15 });
    expect(guest.filled('alloc')).to.equal(15);
  });

  it('cannot make the host use an index that is out of range', () => {
    for (const store of [abi.storeFifoWrite, abi.storeFifoRead]) {
      const bench = bound();
      const { device, guest } = bench;
      device.beginDetach();
      guest.shutdown();
      asHost(() => store(guest.fifo('alloc', 0), 0x8000_0000));
      device.undoDetach();
      abi.storeFifoRead(guest.fifo('alloc', 0), 0);
      device.step();
      expectTraffic(bench);
    }
  });
});
