import { expect } from 'chai';
import { avpDriver } from '../../../driver';
import { asHost } from '../../../shared/actors';
import type { ErrnoName } from '../../../shared/errno';
import * as abi from '../../../shared/loops/layout';
import { storePciFunctionBarBytes } from '../../../shared/loops/records';
import { ARENA_BYTES } from '../../../shared/mem/memory';
import { store64 } from '../../../shared/u64';
import { expectErrno, started, type Bench } from './build';
import { expectTraffic } from './exchange';
import { FakeHost, type FakeOptions } from './fakeHost';

type Spoil = (host: FakeHost) => void;

const PHYS = 0x1_0000_0000n;
const MEMORY_BYTES = 1n << 23n;
const MAPS = abi.MEMMAP_INFO_MAPS;

function pool(host: FakeHost, index: number, values: readonly [va: bigint, phys: bigint, length: bigint]): void {
  const at = host.info + abi.DEVICE_INFO_POOL + index * abi.MEMPOOL_INFO_BYTES;
  [abi.MEMPOOL_INFO_ADDR, abi.MEMPOOL_INFO_PHYS_ADDR, abi.MEMPOOL_INFO_LENGTH].forEach((field, i) =>
    store64(at + field, values[i]!),
  );
}

/** Replaces the one map by several, given as host physical address and bytes. */
function maps(host: FakeHost, ...runs: readonly (readonly [phys: bigint, bytes: bigint])[]): void {
  const bar = host.bars[4]!;
  abi.storeMemmapInfoNbMaps(bar, runs.length);
  runs.forEach(([phys, bytes], index) => {
    store64(bar + MAPS + index * abi.MEMMAP_BYTES + abi.MEMMAP_PHYS_ADDR, phys);
    store64(bar + MAPS + index * abi.MEMMAP_BYTES + abi.MEMMAP_LENGTH, bytes);
  });
}

function syncAt(host: FakeHost, phys: bigint): void {
  store64(host.info + abi.DEVICE_INFO_SYNC_PHYS, phys);
}

/** Devices that are just outside a limit, with the whole message. */
const REFUSED: readonly (readonly [what: string, code: ErrnoName, message: RegExp, spoil: Spoil])[] = [
  [
    'min_rx_queues 9 with max_rx_queues 9',
    'EINVAL',
    /^device_info\.min_rx_queues is 9: expected at most 8 and at most max_rx_queues \(9\)$/,
    (h) => {
      abi.storeDeviceInfoMinRxQueues(h.info, 9);
      abi.storeDeviceInfoMaxRxQueues(h.info, 9);
    },
  ],
  [
    'the MAC address 0',
    'EINVAL',
    /^device_info\.ethaddr is 00:00:00:00:00:00: expected the address of one station$/,
    (h) => {
      for (let i = 0; i < 6; i++) abi.storeDeviceInfoEthaddr(h.info, i, 0);
    },
  ],
  [
    'a pool with an address and no length',
    'EINVAL',
    /^device_info\.pool\[1\]\.length is 0: expected above 0 where phys_addr is not 0$/,
    (h) => pool(h, 1, [0n, PHYS, 0n]),
  ],
  [
    'a pool one byte past the address space',
    'EINVAL',
    /^device_info\.pool\[1\]\.length is 65: expected at most 64, to the end of the address space$/,
    (h) => pool(h, 1, [(1n << 64n) - 64n, PHYS, 65n]),
  ],
  [
    'BAR 2 one byte beyond the arena',
    'EINVAL',
    /^size of BAR 2 \(avp-memory\) is \d+: expected at most \d+$/,
    (h) => storePciFunctionBarBytes(h.pci.base, 2, ARENA_BYTES - h.bars[2]! + 1),
  ],
  [
    'sync_phys that is no multiple of 4',
    'EINVAL',
    /^device_info\.sync_phys is 0x0000000100000102: expected a multiple of 4$/,
    (h) => syncAt(h, PHYS + 0x102n),
  ],
  [
    'sync_phys one byte too near to the end',
    'EFAULT',
    /^device_info\.sync_phys is 0x00000001007fffdd: expected 36 bytes from there in the memory map, not 35$/,
    (h) => syncAt(h, PHYS + MEMORY_BYTES - 35n),
  ],
  [
    'sync_phys at the end of the map',
    'EFAULT',
    /^device_info\.sync_phys is 0x0000000100800000: expected an address that the memory map holds$/,
    (h) => syncAt(h, PHYS + MEMORY_BYTES),
  ],
  [
    'a stride that is no multiple of 8',
    'EINVAL',
    /^device_info\.rx_size is 580: expected a multiple of 8, at least 528 for FIFOs of 64 slots$/,
    (h) => abi.storeDeviceInfoRxSize(h.info, 580),
  ],
  [
    'a FIFO of 2^29 slots',
    'EINVAL',
    /^tx FIFO 0: len is 536870912: expected a power of two, at least 2$/,
    (h) => abi.storeFifoLen(h.fifo('tx'), 1 << 29),
  ],
  [
    'a FIFO of 2^28 slots',
    'EFAULT',
    /^device_info\.tx_phys \(tx FIFO 0 of 268435456 slots\) is .*: expected 2147483664 bytes from there/,
    (h) => abi.storeFifoLen(h.fifo('tx'), 1 << 28),
  ],
  [
    'a second FIFO of a kind in no map',
    'EFAULT',
    /^device_info\.tx_phys \+ 1 \* tx_size is 0x/,
    (h) => abi.storeDeviceInfoTxSize(h.info, 0xffff_fff8),
  ],
  [
    'a map of no length',
    'EINVAL',
    /^memmap_info\.maps\[1\]\.length is 0x0000000000000000: expected a multiple of 4096 above 0$/,
    (h) => maps(h, [PHYS, MEMORY_BYTES - 4_096n], [0x9_0000_0000n, 0n]),
  ],
  [
    'maps with more bytes than BAR 2',
    'EINVAL',
    /^memmap_info\.maps\[1\]\.length is 0x0000000000002000: expected at most 0x0000000000001000, what BAR 2 has left$/,
    (h) => maps(h, [PHYS, MEMORY_BYTES - 4_096n], [0x9_0000_0000n, 0x2000n]),
  ],
  [
    'more maps than BAR 4 has room for',
    'EINVAL',
    /^memmap_info\.nb_maps is 3: expected an integer from 1 to 2$/,
    (h) => {
      maps(h, [PHYS, MEMORY_BYTES - 8_192n], [0x9_0000_0000n, 4_096n], [0xa_0000_0000n, 4_096n]);
      storePciFunctionBarBytes(h.pci.base, 4, MAPS + 3 * abi.MEMMAP_BYTES - 1);
    },
  ],
];

/** Devices that are just within a limit. */
const ACCEPTED: readonly (readonly [what: string, change: Spoil])[] = [
  ['host version 1.2.255', (h) => abi.storeDeviceInfoVersion(h.info, 0x1_02ff)],
  ['min_rx_queues equal to max_rx_queues', (h) => abi.storeDeviceInfoMinRxQueues(h.info, 2)],
  ['a MAC address with one byte that is not 0', (h) => abi.storeDeviceInfoEthaddr(h.info, 0, 0)],
  ['a pool that ends with the address space', (h) => pool(h, 1, [(1n << 64n) - 64n, PHYS, 64n])],
  [
    'BARs that are as small as they may be',
    (h) => {
      storePciFunctionBarBytes(h.pci.base, 0, abi.REG_MIGRATION_ACK + 4);
      storePciFunctionBarBytes(h.pci.base, 4, MAPS + abi.MEMMAP_BYTES);
      storePciFunctionBarBytes(h.pci.base, 5, abi.DEVICE_INFO_BYTES);
    },
  ],
  ['BAR 2 up to the end of the arena', (h) => storePciFunctionBarBytes(h.pci.base, 2, ARENA_BYTES - h.bars[2]!)],
  ['a sync area that ends with the map', (h) => syncAt(h, PHYS + MEMORY_BYTES - BigInt(abi.REQUEST_BYTES))],
  [
    'as many maps as BAR 4 has room for',
    (h) => {
      maps(h, [PHYS, MEMORY_BYTES - 4_096n], [0x9_0000_0000n, 4_096n]);
      storePciFunctionBarBytes(h.pci.base, 4, MAPS + 2 * abi.MEMMAP_BYTES);
    },
  ],
];

describe('driver: limits of what a host may say', () => {
  for (const [what, code, message, spoil] of REFUSED)
    it(`refuses ${what}`, () => {
      const host = new FakeHost();
      asHost(() => spoil(host));
      expectErrno(code, message, () => avpDriver.probe(host.pci, host.platform));
    });

  for (const [what, change] of ACCEPTED)
    it(`accepts ${what}`, () => {
      const host = new FakeHost();
      asHost(() => change(host));
      expect(avpDriver.probe(host.pci, host.platform).state).to.equal('probed');
    });

  it('finds buffers in each pool, and in a base pair that reaches the end of the address space', () => {
    const cases: readonly FakeOptions[] = [
      { poolVas: [0x7f12_3400_0000n, 0x1000n, (1n << 64n) - 0x4_0000n], buffers: 96 },
      { poolVas: [(1n << 64n) - 0x10_0000n], fillPools: false, buffers: 96 },
    ];
    for (const options of cases) {
      const bench: Bench = started(options);
      for (let turn = 0; turn < 4; turn++) expectTraffic(bench, turn + 1);
    }
  });

  it('takes no address for a buffer that lies behind the end of the address space', () => {
    const { host, port } = started({ poolVas: [(1n << 64n) - 0x10_0000n], fillPools: false });
    for (const va of [0n, 0x40n]) host.push('rx', 0, va);
    expect(port.rxBurst(0, new Uint32Array(4), 4)).to.equal(0);
    expect(port.xstatsGet()['rx_q0_dropped_address']).to.equal(2);
  });
});
