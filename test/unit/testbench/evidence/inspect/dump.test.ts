import { expect } from 'chai';
import fc from 'fast-check';
import { mbufFree, mbufFromBytes } from '../../../../../driver';
import { readDump, type Dump } from '../../../../../testbench/evidence/dump/readDump';
import { writeDump } from '../../../../../testbench/evidence/dump/writeDump';
import { AddressSpace } from '../../../../../testbench/evidence/inspect/addressSpace';
import { inspectDump } from '../../../../../testbench/evidence/inspect/inspectDump';
import { dumpText } from '../../../../../testbench/evidence/inspect/inspectionText';
import { RUN } from '../dump/run';
import { TraceWorld } from '../world';
import { TemporaryFolder } from '../../../../support/temporaryFolder';

describe('inspection of a dump', () => {
  let world: TraceWorld;
  const folder = new TemporaryFolder().perSuite();
  let dump: Dump;

  before(() => {
    world = new TraceWorld(['red', 'red']);
    world.exchange(world.ports[0]!, 4);
    world.migrate();
    for (let i = 0; i < 3; i++) world.send(world.ports[1]!);
    world.clock.sleepMs(2);
    const kept = mbufFromBytes(world.pool, new Uint8Array(99));
    writeDump(folder.file('dump'), RUN);
    mbufFree(kept);
    dump = readDump(folder.file('dump'));
  });
  after(() => world.close());

  it('shows devices with their private records, ports, and the mbufs in use', () => {
    const found = inspectDump(dump);
    expect(found.problems).to.deep.equal([]);
    expect(found).to.deep.include(RUN);
    expect(found.devices.map(({ name }) => name)).to.deep.equal(['vm.nic0', 'vm.nic1']);
    const [device] = found.devices;
    expect(device!.host).to.include({ life: 1, link_up: 1, rx_queues: 2, tx_queues: 2 });
    expect(device!.device).to.include({ status: 2 });
    expect(device!.counters).to.include({ migration_events: 2, migration_acks: 2 });
    expect(device!.buffers.counts).to.include({ rx: 3 });
    const port = found.ports.find((one) => one.device === 'vm.nic0')!;
    expect(port).to.deep.include({ state: 'started', blocked: [], slot: '0000:00:03.0' });
    expect(port.counters).to.deep.equal({ migration_detached: 1, migration_attached: 1 });
    expect(port.txQueues.map(({ counters }) => counters['good_packets'])).to.deep.equal([2, 2]);
    const used = device!.rings
      .filter(({ driverIndex }) => driverIndex !== null)
      .map(({ kind, queue }) => `${kind} ${queue}`);
    expect(used).to.include.members(['tx 0', 'alloc 1', 'rx 1', 'free 0', 'req 0']);
    const [pool] = found.mempools;
    expect(found.mempools).to.have.length(1);
    expect(pool!.inUse.map(({ pkt_len }) => pkt_len)).to.deep.equal([99]);
  });

  it('is printed as text, with long lists cut', () => {
    const text = dumpText(inspectDump(dump));
    expect(text)
      .to.match(/^scenario some size=5, seed 3, mode inline, verdict fail, at 12\.5 ms$/m)
      .and.match(/^device vm\.nic0 in slot 0000:00:03\.0$/m)
      .and.match(
        /registers +interrupt mask 0xffffffff, .*migration status 2 \(attached\), migration ack 2 \(attached\)/,
      )
      .and.match(/rx 0 +at 0x[0-9a-f]+, len 64, write 3, read 0, filled 3, host's index 3, driver's index 0/)
      .and.match(/slot 0 {2}0x[0-9a-f]+: pool 0 buffer \d+ \(data_len 64\), pkt_len 64/)
      .and.match(/\.\.\. and \d+ more entries \(--json has all\)/)
      .and.match(/port of vm\.nic0 in slot 0000:00:03\.0: started, bursts run/)
      .and.match(/1 in use/);
    expect(text).to.not.match(/undefined|NaN|\[object/);
    for (const line of text.split('\n')) expect(line.length, line).to.be.below(200);
  });

  it('uses only the BARs if the private records have another layout', () => {
    const found = inspectDump({ ...dump, privateRecords: false });
    expect(found.problems).to.have.length(1);
    expect(found.problems[0]).to.match(/with other private records: only the BARs can be read/);
    expect(found.devices[0]).to.include({ host: null, device: null });
    expect(found.devices[0]!.buffers).to.deep.include({ total: null });
    expect(found.ports).to.deep.equal([]);
    expect(dumpText(found)).to.include('device vm.nic0');
  });

  it('neither crashes nor hangs, whatever the private records contain', () => {
    const { index } = dump;
    const heads = [
      ...index.devices.flatMap(({ host, state, counters }) => [host!, state!, counters!]),
      ...index.ports.map(({ address }) => address),
      index.mempools[0]!.address,
    ];
    const change = fc.record({
      head: fc.nat(heads.length - 1),
      word: fc.nat(110),
      value: fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 1, 0xffff_ffff, 0x7fff_fff0)),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 10 }), (changes) => {
        const copies = index.extents.map(({ address, bytes }) => ({
          address,
          bytes: dump.space.bytesAt(address, bytes)!,
        }));
        const touched = new Set(changes.map(({ head }) => dump.space.rangeAt(heads[head]!)!.address));
        const ranges = copies.map((one) => (touched.has(one.address) ? { ...one, bytes: one.bytes.slice() } : one));
        const space = new AddressSpace(ranges);
        for (const { head, word, value } of changes) {
          const at = space.bytesAt(heads[head]! + 4 * word, 4);
          if (at !== null) new DataView(at.buffer, at.byteOffset, 4).setUint32(0, value, true);
        }
        expect(dumpText(inspectDump({ ...dump, space }))).to.include('device vm.nic0');
      }),
      { numRuns: 40 },
    );
  });
});
