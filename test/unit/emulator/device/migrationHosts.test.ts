import { readBytes } from '#mem';
import { expect } from 'chai';
import { memoryBarFor } from '../../../../emulator/device/memory/memoryPlan';
import { avpDeviceSettings, type AvpDeviceSettings, type DeepPartial } from '../../../../emulator/device/settings';
import { asHost } from '../../../../shared/actors';
import { extents } from '../../../../shared/arena';
import { UsageError } from '../../../../shared/errors';
import * as abi from '../../../../shared/loops/layout';
import { load64 } from '../../../../shared/u64';
import { busy, expectBalance, frame, SMALL } from './bench';
import { bound, counts, expectTraffic, lost } from './migrationBench';

const ROOM = { memoryBarBytes: 0x40_0000 };

/** Settings of another host, which has another layout and device id. */
function otherHost(settings: DeepPartial<AvpDeviceSettings> = {}, seed = 50): AvpDeviceSettings {
  return avpDeviceSettings({
    ...SMALL,
    deviceId: BigInt(seed),
    layout: { seed, order: 'shuffled', gaps: true },
    ...settings,
  });
}

describe('a migration to another host', () => {
  const destinations: readonly (readonly [string, DeepPartial<AvpDeviceSettings>])[] = [
    ['the same sizes', {}],
    ['smaller buffers', { mbufSize: 512 }],
    ['fewer buffers', { pools: [{ buffers: 20 }] }],
    ['shorter rings', { fifoSlots: { tx: 8, rx: 8, alloc: 8, free: 8, req: 2, resp: 2 } }],
    ['fewer queues', { rxQueues: { min: 1, max: 1 }, txQueues: { min: 1, max: 1 } }],
    ['no VLAN offload', { vlanOffload: false }],
    ['larger buffers', { mbufSize: 8_192 }],
    [
      'more buffers in more pools',
      { pools: [{ buffers: 100 }, { buffers: 60 }], layout: { segments: 9, offsets: 'different' } },
    ],
    ['longer rings', { fifoSlots: { tx: 256, rx: 256, alloc: 256, free: 256 }, fifoStrideBytes: { tx: 4_096 } }],
    ['more queues', { rxQueues: { min: 2, max: 8 }, txQueues: { min: 1, max: 8 } }],
    ['poison', { poisonAlloc: true }],
  ];
  for (const [what, settings] of destinations)
    it(`with ${what} and back passes traffic, loses no buffer and keeps the accounts`, () => {
      const bench = bound(ROOM);
      const { device, guest, deliver } = bench;
      const source = device.settings;
      for (const next of [otherHost(settings), source]) {
        busy(bench);
        device.beginDetach();
        guest.detach();
        device.step();
        deliver(frame(60));
        device.replaceHost(next);
        expect(device.migration).to.include({ status: 1, released: true });
        expect(device.inspect.buffers().hostPool).to.equal(device.inspect.buffers().total);
        device.beginAttach();
        deliver(frame(60));
        expect(guest.attach({ rxQueues: next.rxQueues.min })).to.equal(0);
        device.step();
        expect(load64(guest.info + abi.DEVICE_INFO_DEVICE_ID)).to.equal(next.deviceId);
        expectTraffic(bench);
        expectBalance(bench);
        expect(device.inspect.brokenCanaries()).to.deep.equal([]);
      }
      expect(lost(bench)).to.deep.equal({ rx: 4, tx: 0, detached: 4 });
      expect(device.inspect.stats().toGuest).to.include({ offered: 14, delivered: 6 });
      expect(counts(bench)).to.include({ events: 4, acks: 4, acksUnexpected: 0, shutdowns: 2, released: 2 });
    });

  it('keeps the mask, the status, the ack, a pause and the listeners', () => {
    const bench = bound(ROOM);
    const { device, guest, notes } = bench;
    const initialised: string[] = [];
    device.inspect.onFifoInit((kind) => initialised.push(kind));
    device.beginDetach();
    guest.detach();
    device.step();
    device.tamper.pause();
    device.replaceHost(otherHost());
    expect(device.inspect.interruptMask).to.equal(0xffff_ffff);
    expect(device.migration).to.include({ status: 1, ack: 1 });
    device.step();
    device.beginAttach();
    expect(notes.slice(-3)).to.deep.equal(['replaced 0', 'renewed 0', 'announced 2']);
    expect(initialised).to.include('resp');
    guest.openAll();
    guest.send(abi.REQ_LINK);
    device.step();
    expect(guest.answer(), 'still paused').to.equal(null);
  });

  it('without an ack treats the guest as gone: reclaims all buffers and counts its packets as lost at the detach', () => {
    const bench = bound(ROOM);
    const { device, guest, deliver } = bench;
    busy(bench);
    device.beginDetach();
    device.replaceHost(otherHost());
    expect(device.migration).to.include({ released: true, ack: 0 });
    expect(lost(bench)).to.include({ rx: 2, tx: 1 });
    deliver(frame(60));
    expect(lost(bench).detached).to.equal(1);
    device.beginAttach();
    // The guest never detached; it sees another device info and attaches.
    expect(guest.attach()).to.equal(0);
    device.step();
    expectTraffic(bench);
    expectBalance(bench);
  });

  it('does not count packets twice that it reclaimed before', () => {
    const bench = bound({ ...ROOM, migration: { drainTx: false }, budget: { tx: 0 } });
    busy(bench);
    bench.device.beginDetach();
    bench.guest.detach();
    bench.device.step();
    bench.device.replaceHost(otherHost());
    bench.device.replaceHost(otherHost({}, 51));
    expect(lost(bench)).to.include({ rx: 2, tx: 1 });
    expectBalance(bench);
  });

  it('attaches to the source again if it fails at the destination', () => {
    const bench = bound(ROOM);
    const { device, guest } = bench;
    const source = device.settings;
    device.beginDetach();
    guest.detach();
    device.step();
    device.replaceHost(otherHost());
    device.beginAttach();
    expect(guest.attach({ txQueues: 9 })).to.equal(-22);
    device.step();
    device.replaceHost(source);
    device.beginAttach();
    expect(guest.attach()).to.equal(0);
    expectTraffic(bench);
    expectBalance(bench);
  });

  it('delivers interrupts as the new host is set', () => {
    const { device, guest, seen } = bound(ROOM);
    device.replaceHost(otherHost({ interrupt: { delayMs: 5 } }));
    device.beginAttach();
    expect(device.function.dispatchInterrupt()).to.equal(false);
    guest.sleep(5);
    device.step();
    expect(device.function.dispatchInterrupt()).to.equal(true);
    expect(seen).to.deep.equal([2]);
  });

  it('drops delayed answers of the former host', () => {
    const { device, guest, clock } = bound(ROOM);
    device.tamper.planAnswer({ request: abi.REQ_LINK, delayMs: 10 });
    guest.link(1);
    device.beginDetach();
    guest.ack(1);
    device.replaceHost(otherHost());
    device.beginAttach();
    guest.openAll();
    clock.sleepMs(20);
    device.step();
    expect(guest.answer()).to.equal(null);
  });
});

describe('BAR 2 of a migrating device', () => {
  it('refuses a host that does not fit, names the setting and the size, and changes nothing', () => {
    const bench = bound();
    const { device, guest } = bench;
    device.beginDetach();
    guest.shutdown();
    const before = extents();
    const large = otherHost({ pools: [{ buffers: 2_000 }] });
    expect(() => device.replaceHost(large)).to.throw(
      UsageError,
      /BAR 2 of vm\.nic0 has 262144 bytes, and its next host needs 8388608: .* memoryBarBytes of at least 8388608/,
    );
    expect(extents()).to.deep.equal(before);
    expect(device.migration).to.include({ status: 1, shutdown: true, released: false });
    guest.ack(3);
    device.step();
    expectTraffic(bench);
  });

  it('holds every host that it was sized for', () => {
    const hosts = [
      otherHost(),
      otherHost({ pools: [{ buffers: 500 }] }),
      otherHost({ mbufSize: 9_000 }),
      otherHost({ layout: { segments: 2_000 } }),
    ];
    const bytes = memoryBarFor(...hosts);
    expect(Math.log2(bytes) % 1).to.equal(0);
    const { device } = bound({ memoryBarBytes: bytes });
    for (const host of hosts) device.replaceHost(host);
    const least = Math.max(...hosts.map((host) => memoryBarFor(host)));
    expect(bytes).to.equal(least);
  });

  it('holds no byte of the former host', () => {
    const { device } = bound({ ...ROOM, pools: [{ buffers: 400 }] });
    device.replaceHost(otherHost({ pools: [{ buffers: 1 }] }));
    const { usedBytes, barBytes } = device.inspect.host.plan;
    const at = device.function.barAddress(abi.BAR_MEMORY);
    expect(asHost(() => readBytes(at + usedBytes, barBytes - usedBytes)).every((byte) => byte === 0)).to.equal(true);
  });
});
