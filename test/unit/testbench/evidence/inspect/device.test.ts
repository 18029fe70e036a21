import { expect } from 'chai';
import type { AvpDevice } from '../../../../../emulator';
import { inspectDevice } from '../../../../../testbench/evidence/inspect/inspectDevice';
import type { DeviceInspection, Ring } from '../../../../../testbench/evidence/inspect/inspection';
import { TraceWorld } from '../world';
import { barsOf, inspectWithHost } from './bars';

function ring({ rings }: DeviceInspection, kind: Ring['kind'], queue = 0): Ring {
  return rings.find((one) => one.kind === kind && one.queue === queue)!;
}

describe('inspection of a device', () => {
  let world: TraceWorld;
  let device: AvpDevice;

  beforeEach(() => {
    world = new TraceWorld(['red', 'red']);
    device = world.instance.nics[0]!.device!;
  });
  afterEach(() => world.close());

  /** Expects that the inspection finds every buffer where the host's own accounts have it. */
  function expectAudit(): DeviceInspection {
    const found = inspectWithHost(device);
    const { total, ...counts } = device.inspect.buffers();
    expect(found.problems).to.deep.equal([]);
    expect(found.buffers.total).to.equal(total);
    expect(found.buffers.counts).to.deep.equal(counts);
    const listed = found.buffers.pools.flatMap(({ where }) => where).reduce((sum, { count }) => sum + count, 0);
    expect(listed).to.equal(total);
    return found;
  }

  it('shows registers, device info, memory map and the last request, by the names of the protocol', () => {
    const { present, registers, deviceInfo, memoryMap, request } = inspectDevice(barsOf(device));
    expect(present).to.equal(true);
    expect(registers).to.deep.equal({
      interrupt_mask: 0xffff_ffff,
      interrupt_status: 0,
      migration_status: 0,
      migration_ack: 0,
    });
    expect(deviceInfo).to.include({
      magic: 0x2013_1975,
      max_rx_queues: 2,
      mbuf_size: 2_048,
      ifname: device.settings.ifname,
      ethaddr: device.settings.mac,
      device_id: `0x${device.settings.deviceId.toString(16)}`,
    });
    const { segments } = device.inspect.host.plan;
    expect(memoryMap!.maps.map(({ addr, phys_addr, length }) => [addr, phys_addr, length].map(BigInt))).to.deep.equal(
      segments.map(({ va, phys, bytes }) => [va, phys, BigInt(bytes)]),
    );
    expect(request).to.deep.equal({ req_id: 2, if_up: 1, result: 0 });
  });

  it('shows each ring with its entries and their buffers', () => {
    device.tamper.pause();
    world.send(world.ports[0]!);
    world.send(world.ports[0]!);
    const found = expectAudit();
    const tx = ring(found, 'tx');
    expect(tx).to.include({ len: 64, filled: 2, hostIndex: tx.read, elem_size: 8 });
    expect(tx.entries.map(({ slot }) => slot)).to.deep.equal([tx.read, tx.read + 1]);
    for (const { segments, problem } of tx.entries) {
      expect(problem).to.equal(null);
      expect(segments).to.have.length(1);
      expect(segments[0]!.desc).to.include({ data_len: 64, pkt_len: 64, nb_segs: 1 });
    }
    expect(found.buffers.counts).to.include({ tx: 2 });
    expect(ring(found, 'alloc').entries).to.have.length(
      found.buffers.counts.alloc! - ring(found, 'alloc', 1).entries.length,
    );
  });

  it('finds each buffer: on rx, on free, or with the guest', () => {
    for (let i = 0; i < 5; i++) world.send(world.ports[1]!);
    world.clock.sleepMs(2);
    expect(expectAudit().buffers.counts).to.include({ rx: 5 });
    device.tamper.pause();
    world.exchange(world.ports[1]!, 0);
    expect(expectAudit().buffers.counts).to.include({ rx: 0, free: 5 });
  });

  it('follows the chain of a packet in several buffers', () => {
    device.tamper.pause();
    world.send(world.ports[0]!, 0, 5_000);
    const [entry] = ring(expectAudit(), 'tx').entries;
    expect(entry!.segments.map(({ desc }) => desc['data_len'])).to.deep.equal([2_048, 2_048, 904]);
    expect(entry!.segments[0]!.desc).to.include({ pkt_len: 5_000, nb_segs: 3 });
    expect(expectAudit().buffers.counts).to.include({ tx: 3 });
    device.tamper.resume();
    world.send(world.ports[1]!, 0, 5_000);
    world.clock.sleepMs(2);
    expect(ring(expectAudit(), 'rx').entries[0]!.segments).to.have.length(3);
  });

  it('shows only what the rings tell if it has only the BARs', () => {
    device.tamper.pause();
    world.send(world.ports[0]!);
    const found = inspectDevice(barsOf(device));
    expect(found.problems).to.deep.equal([]);
    expect(found.buffers.total).to.equal(null);
    const { tx, rx, free, alloc } = device.inspect.buffers();
    expect(found.buffers.counts).to.deep.equal({ tx, rx, free, alloc });
    expect(ring(found, 'tx').entries[0]!.segments[0]).to.include({ pool: 0, buffer: null });
  });

  it('works at every step of a migration', () => {
    const migration = world.nodes[0].migrate(world.instance, world.nodes[1], {
      destination: { mbufSize: 512, layout: { order: 'shuffled', seed: 9 } },
    });
    for (let step = 0; !migration.done; step++) {
      world.clock.sleepMs(1);
      expectAudit();
    }
    expect(migration.outcome).to.equal('completed');
    expect(expectAudit().deviceInfo).to.include({ mbuf_size: 512 });
  });

  it('reports that a device has vanished', () => {
    device.surpriseRemove();
    const { present, problems } = inspectDevice(barsOf(device));
    expect(present).to.equal(false);
    expect(problems).to.deep.equal([]);
  });
});
