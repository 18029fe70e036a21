import { expect } from 'chai';
import fc from 'fast-check';
import type { AvpDevice, OverwriteOptions } from '../../../../../emulator';
import { bytes8 } from '../../../../../shared/mem/memory';
import { inspectDevice } from '../../../../../testbench/evidence/inspect/inspectDevice';
import type { DeviceBars } from '../../../../../testbench/evidence/inspect/inspection';
import { TraceWorld } from '../world';
import { barsOf, inspectWithHost } from './bars';

describe('inspection of a device with bad contents', () => {
  let world: TraceWorld;
  let device: AvpDevice;

  before(() => {
    world = new TraceWorld(['red', 'red']);
    device = world.instance.nics[0]!.device!;
    for (let i = 0; i < 3; i++) world.send(world.ports[1]!, 0, 3_000);
    world.clock.sleepMs(2);
    device.tamper.pause();
    for (let i = 0; i < 3; i++) world.send(world.ports[0]!, 0, 3_000);
  });
  after(() => world.close());

  type Change = readonly [struct: string, field: string, value: bigint | number, options?: OverwriteOptions];
  const cases: readonly (readonly [change: Change, says: RegExp])[] = [
    [['memmap_info', 'magic', 5], /memmap_info.magic is 0x00000005, expected 0x20131969/],
    [['memmap_info', 'version', 2], /memmap_info.version is 2, expected 1/],
    [['memmap_info', 'nb_maps', 0], /nb_maps is 0, expected 1 to 2048/],
    [['memmap_info', 'nb_maps', 0xffff_ffff], /nb_maps is 4294967295, expected 1 to 2048/],
    [['memmap', 'length', 5, { index: 0 }], /maps\[0\].length is 0x5, expected a multiple of 4096/],
    [['memmap', 'length', 0xffff_ffff_ffff_f000n, { index: 0 }], /maps\[0\].length is 0xfffffffffffff000/],
    [['memmap', 'phys_addr', 0n, { index: 0 }], /is in no map/],
    [['device_info', 'magic', 1], /device_info.magic is 0x00000001/],
    [['device_info', 'tx_phys', 0xffff_ffff_ffff_fff8n], /tx 0: its address 0xfffffffffffffff8 is in no map/],
    [['device_info', 'rx_size', 0xffff_fff8], /rx 1: its address 0x[0-9a-f]+ is in no map/],
    [['device_info', 'max_tx_queues', 255], /tx 2: /],
    [['device_info', 'min_rx_queues', 9], /min_rx_queues is 9, expected at most max_rx_queues, 2, and 8/],
    [['device_info', 'sync_phys', 0n], /sync_phys 0x0 is in no map/],
    [
      ['mempool_info', 'length', 0xffff_ffff_ffff_ffffn, { index: 0 }],
      /pool\[0\] at 0x[0-9a-f]+, 0xffffffffffffffff bytes: the memory map does not hold all of it/,
    ],
    [['mempool_info', 'addr', 0n, { index: 0 }], /slot \d+ holds 0x[0-9a-f]+: no packet buffer starts there/],
    [['fifo', 'len', 0, { fifo: 'tx' }], /tx 0: len is 0, expected a power of two/],
    [['fifo', 'len', 0x8000_0000, { fifo: 'tx' }], /tx 0: len is 2147483648, more slots than the memory map holds/],
    [['fifo', 'write', 64, { fifo: 'tx' }], /tx 0: write is 64, expected less than len, 64/],
    [['fifo', 'read', 0xffff_ffff, { fifo: 'rx' }], /rx 0: read is 4294967295/],
    [['fifo', 'elem_size', 4, { fifo: 'alloc' }], /alloc 0: elem_size is 4, expected 8/],
    [['fifo', 'read', 7, { fifo: 'tx' }], /tx 0: the header says read 7, and the host's own index is 0/],
    [['desc', 'next', 0x40n, { fifo: 'tx' }], /tx 0: slot 0 holds 0x[0-9a-f]+: next is 0x40, no packet buffer/],
  ];

  for (const [change, says] of cases)
    it(`reports ${change.slice(0, 3).map(String).join(' ')}`, () => {
      const good = barsOf(device);
      const [struct, field, value, options] = change;
      device.tamper.overwrite(struct, field, value, options);
      const bad = barsOf(device);
      restore(good);
      const { problems } = inspectWithHost(device, bad);
      expect(problems.join('\n')).to.match(says);
      expect(inspectDevice(bad)).to.have.property('present', true);
    });

  /** Restores the contents of the BARs. */
  function restore(bars: DeviceBars): void {
    for (const [bar, bytes] of [
      [2, bars.memory],
      [4, bars.memmap],
      [5, bars.device],
    ] as const)
      memoryOf(bar).set(bytes!);
  }

  function memoryOf(bar: number): Uint8Array {
    const address = device.function.barAddress(bar);
    return bytes8.subarray(address, address + device.function.barBytes(bar));
  }

  it('finds a buffer that is on two rings, and a chain that leads back to itself', () => {
    const bars = barsOf(device);
    const tx = inspectWithHost(device).rings.find(({ kind }) => kind === 'tx')!;
    const memory = new DataView(bars.memory!.buffer);
    const slot = (index: number): number => tx.offset! + 16 + 8 * index;
    memory.setBigUint64(slot(1), memory.getBigUint64(slot(0), true), true);
    memory.setBigUint64(slot(2), 0x1234n, true);
    const twice = inspectWithHost(device, bars);
    expect(twice.problems.join('\n')).to.match(/buffer \d+ of pool 0 is on tx 0, and on tx 0 too/);
    expect(twice.problems.join('\n')).to.match(/tx 0: slot 2 holds 0x1234: no packet buffer starts there/);
    const [first, second] = tx.entries[0]!.segments;
    const next =
      device.inspect.host.address('pool0') -
      device.function.barAddress(2) +
      Number(BigInt(second!.va) - device.inspect.host.run('pool0').va) +
      32;
    memory.setBigUint64(next, BigInt(first!.va), true);
    expect(inspectWithHost(device, bars).problems.join('\n')).to.match(/the chain leads back to itself/);
  });

  it('finds a buffer that the host has not lent', () => {
    const bars = barsOf(device);
    const { rings, buffers } = inspectWithHost(device);
    const tx = rings.find(({ kind }) => kind === 'tx')!;
    const spare = buffers.pools[0]!.where.find(({ place }) => place === 'hostPool')!.first;
    const va = device.inspect.host.run('pool0').va + 64n + BigInt(spare) * BigInt(device.inspect.host.bufferStride);
    new DataView(bars.memory!.buffer).setBigUint64(tx.offset! + 16, va, true);
    expect(inspectWithHost(device, bars).problems.join('\n')).to.include(
      `buffer ${spare} of pool 0 is on tx 0, where the host has not put or lent it`,
    );
  });

  it('accepts missing and truncated BARs', () => {
    const bars = barsOf(device);
    for (const bar of ['mmio', 'memory', 'memmap', 'device'] as const)
      for (const length of [null, 0, 3, 20]) {
        const { problems } = inspectDevice({ ...bars, [bar]: length === null ? null : bars[bar]!.slice(0, length) });
        if (bar !== 'mmio' || (length ?? 0) < 16) expect(problems, `${bar} ${length}`).not.to.deep.equal([]);
      }
    expect(inspectDevice({ mmio: null, memory: null, memmap: null, device: null }).problems).to.have.length.above(3);
  });

  it('neither crashes nor hangs, whatever the BARs contain', () => {
    const good = barsOf(device);
    const junk = fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 1, 2, 0xffff_ffff, 0x8000_0000, 64, 4_096));
    const change = fc.record({ bar: fc.constantFrom('memmap', 'device', 'memory'), word: fc.nat(94), value: junk });
    const rings = inspectDevice(good).rings.map(({ offset }) => offset!);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), fc.boolean(), (changes, host) => {
        const bars = {
          ...good,
          memmap: good.memmap!.slice(),
          device: good.device!.slice(),
          memory: good.memory!.slice(),
        };
        for (const { bar, word, value } of changes) {
          // In the exported memory, change only the headers and the first slots of rings.
          const at = bar === 'memory' ? rings[word % rings.length]! + 4 * (word % 12) : 4 * word;
          new DataView(bars[bar as 'memory'].buffer).setUint32(at, value, true);
        }
        const found = host ? inspectWithHost(device, bars) : inspectDevice(bars);
        expect(found.problems.length).to.be.at.most(201);
      }),
      { numRuns: 60 },
    );
  });
});
