import { expect } from 'chai';
import { avpDriver } from '../../../driver';
import { asHost } from '../../../shared/actors';
import { extents } from '../../../shared/arena';
import * as abi from '../../../shared/loops/layout';
import { storePciFunctionBarAddress, storePciFunctionBarBytes } from '../../../shared/loops/records';
import { load64, store64 } from '../../../shared/u64';
import { expectErrno } from './build';
import { FakeHost, MAC } from './fakeHost';
import type { ErrnoName } from '../../../shared/errno';

type Spoil = (host: FakeHost) => void;

/** Faults of a device, with the errno and the message that each must produce. */
const REFUSALS: readonly (readonly [what: string, code: ErrnoName, message: RegExp, spoil: Spoil])[] = [
  [
    'device magic',
    'EINVAL',
    /device_info\.magic is 0x00000001: expected 0x20131975/,
    (h) => abi.storeDeviceInfoMagic(h.info, 1),
  ],
  [
    'host version 1.3.0',
    'EINVAL',
    /device_info\.version is 1\.3\.0: expected at most 1\.2/,
    (h) => abi.storeDeviceInfoVersion(h.info, 0x1_0300),
  ],
  [
    'min_rx_queues above 8',
    'EINVAL',
    /min_rx_queues is 9: expected at most 8 and at most max_rx_queues \(2\)/,
    (h) => abi.storeDeviceInfoMinRxQueues(h.info, 9),
  ],
  [
    'min_rx_queues above max',
    'EINVAL',
    /min_rx_queues is 3: expected .* max_rx_queues \(2\)/,
    (h) => abi.storeDeviceInfoMinRxQueues(h.info, 3),
  ],
  [
    'min_tx_queues above max',
    'EINVAL',
    /min_tx_queues is 3: expected .* max_tx_queues \(2\)/,
    (h) => abi.storeDeviceInfoMinTxQueues(h.info, 3),
  ],
  [
    'mbuf_size below 64',
    'EINVAL',
    /mbuf_size is 63: expected .* 64 to 65535/,
    (h) => abi.storeDeviceInfoMbufSize(h.info, 63),
  ],
  ['mbuf_size above 65535', 'EINVAL', /mbuf_size is 65536/, (h) => abi.storeDeviceInfoMbufSize(h.info, 65_536)],
  ['max_rx_pkt_len', 'EINVAL', /max_rx_pkt_len is 70000/, (h) => abi.storeDeviceInfoMaxRxPktLen(h.info, 70_000)],
  ['multicast MAC', 'EINVAL', /ethaddr is 01:/, (h) => abi.storeDeviceInfoEthaddr(h.info, 0, 1)],
  ['memory map magic', 'EINVAL', /memmap_info\.magic is 0x00000007/, (h) => abi.storeMemmapInfoMagic(h.bars[4]!, 7)],
  [
    'memory map version',
    'EINVAL',
    /memmap_info\.version is 2: expected 1/,
    (h) => abi.storeMemmapInfoVersion(h.bars[4]!, 2),
  ],
  ['nb_maps 0', 'EINVAL', /nb_maps is 0: expected .* 1 to 2048/, (h) => abi.storeMemmapInfoNbMaps(h.bars[4]!, 0)],
  [
    'nb_maps 2049',
    'EINVAL',
    /nb_maps is 2049: expected .* 1 to 2048/,
    (h) => abi.storeMemmapInfoNbMaps(h.bars[4]!, 2_049),
  ],
  [
    'map length',
    'EINVAL',
    /maps\[0\]\.length is .*: expected a multiple of 4096/,
    (h) => store64(h.bars[4]! + 16 + abi.MEMMAP_LENGTH, 4_097n),
  ],
  [
    'map beyond BAR 2',
    'EINVAL',
    /maps\[0\]\.length is .*: expected at most .*BAR 2/,
    (h) => store64(h.bars[4]! + 16 + abi.MEMMAP_LENGTH, 1n << 24n),
  ],
  [
    'tx_phys in no map',
    'EFAULT',
    /tx_phys is 0x0000000000000040: expected an address that the memory map holds/,
    (h) => store64(h.info + abi.DEVICE_INFO_TX_PHYS, 64n),
  ],
  [
    'rx_phys at the very end',
    'EFAULT',
    /rx_phys/,
    (h) => store64(h.info + abi.DEVICE_INFO_RX_PHYS, 0x1_0000_0000n + (1n << 23n) - 8n),
  ],
  [
    'req_phys in no map',
    'EFAULT',
    /req_phys is 0xffffffffffffffff/,
    (h) => store64(h.info + abi.DEVICE_INFO_REQ_PHYS, (1n << 64n) - 1n),
  ],
  ['sync_phys in no map', 'EFAULT', /sync_phys/, (h) => store64(h.info + abi.DEVICE_INFO_SYNC_PHYS, 0n)],
  [
    'sync_phys at the very end',
    'EFAULT',
    /sync_phys is .*: expected 36 bytes/,
    (h) => store64(h.info + abi.DEVICE_INFO_SYNC_PHYS, 0x1_0000_0000n + (1n << 23n) - 32n),
  ],
  ['mbuf_phys in no map', 'EFAULT', /mbuf_phys/, (h) => store64(h.info + abi.DEVICE_INFO_MBUF_PHYS, 1n)],
  [
    'pool longer than its map',
    'EFAULT',
    /pool\[0\]\.phys_addr/,
    (h) => store64(h.info + abi.DEVICE_INFO_POOL + abi.MEMPOOL_INFO_LENGTH, 1n << 23n),
  ],
  [
    'pool past the address space',
    'EINVAL',
    /pool\[0\]\.length/,
    (h) => store64(h.info + abi.DEVICE_INFO_POOL + abi.MEMPOOL_INFO_ADDR, (1n << 64n) - 64n),
  ],
  [
    'FIFO len 10',
    'EINVAL',
    /tx FIFO 1: len is 10: expected a power of two, at least 2/,
    (h) => abi.storeFifoLen(h.fifo('tx', 1), 10),
  ],
  ['FIFO len 0', 'EINVAL', /rx FIFO 0: len is 0/, (h) => abi.storeFifoLen(h.fifo('rx'), 0)],
  ['FIFO len 1', 'EINVAL', /response FIFO: len is 1/, (h) => abi.storeFifoLen(h.fifo('resp'), 1)],
  [
    'FIFO len beyond the memory',
    'EFAULT',
    /free FIFO 0 of 4194304 slots/,
    (h) => abi.storeFifoLen(h.fifo('free'), 1 << 22),
  ],
  [
    'FIFO elem_size',
    'EINVAL',
    /alloc FIFO 0: elem_size is 4: expected 8/,
    (h) => abi.storeFifoElemSize(h.fifo('alloc'), 4),
  ],
  [
    'FIFO write at len',
    'EINVAL',
    /rx FIFO 1: write is 64: expected .* 0 to 63/,
    (h) => abi.storeFifoWrite(h.fifo('rx', 1), 64),
  ],
  [
    'FIFO read beyond',
    'EINVAL',
    /request FIFO: read is 4294967295/,
    (h) => abi.storeFifoRead(h.fifo('req'), 0xffff_ffff),
  ],
  [
    'FIFO not aligned',
    'EINVAL',
    /resp_phys is .*: expected a multiple of 8/,
    (h) => store64(h.info + abi.DEVICE_INFO_RESP_PHYS, load64(h.info + abi.DEVICE_INFO_RESP_PHYS) + 4n),
  ],
  [
    'stride below the FIFO',
    'EINVAL',
    /rx_size is 512: expected .* at least 528/,
    (h) => abi.storeDeviceInfoRxSize(h.info, 512),
  ],
  ['BAR 5 absent', 'EFAULT', /BAR 5 \(avp-device\) is absent/, (h) => storePciFunctionBarBytes(h.pci.base, 5, 0)],
  ['BAR 4 absent', 'EINVAL', /BAR 4 \(avp-memmap\) is absent/, (h) => storePciFunctionBarAddress(h.pci.base, 4, 0)],
  [
    'BAR 5 too small',
    'EINVAL',
    /BAR 5 \(avp-device\) is 375: expected at least 376/,
    (h) => storePciFunctionBarBytes(h.pci.base, 5, 375),
  ],
  [
    'BAR 2 beyond the arena',
    'EINVAL',
    /BAR 2 \(avp-memory\) is 4294967295/,
    (h) => storePciFunctionBarBytes(h.pci.base, 2, 0xffff_ffff),
  ],
];

describe('driver: probe', () => {
  for (const [what, code, message, spoil] of REFUSALS)
    it(`refuses a bad device (${what}) with ${code} and leaves nothing behind`, () => {
      const host = new FakeHost();
      asHost(() => spoil(host));
      const before = extents();
      expectErrno(code, message, () => avpDriver.probe(host.pci, host.platform));
      expect(extents()).to.deep.equal(before);
      expect(host.register(abi.REG_INTERRUPT_MASK)).to.equal(0);
      host.interrupt(abi.INTERRUPT_MIGRATION);
      host.clock.step();
      expect(host.register(abi.REG_MIGRATION_ACK)).to.equal(0);
    });

  it('matches AVP functions only', () => {
    const { identity } = new FakeHost().pci;
    expect(avpDriver.matches(identity)).to.equal(true);
    for (const other of [
      { subsystemDevice: 0x1100 },
      { subsystemVendor: 0x1af5 },
      { device: 0x1000 },
      { vendor: 0x8086 },
    ])
      expect(avpDriver.matches({ ...identity, ...other })).to.equal(false);
  });

  it('reads the device and enables its interrupt', () => {
    const host = new FakeHost();
    const port = avpDriver.probe(host.pci, host.platform);
    expect(port.state).to.equal('probed');
    expect(port.name).to.equal('0000:00:05.0');
    expect(port.macAddrGet()).to.deep.equal(MAC);
    expect(port.linkGet()).to.deep.equal({ up: false, speedMbps: 10_000, fullDuplex: true });
    expect(host.register(abi.REG_INTERRUPT_MASK)).to.equal(abi.INTERRUPT_MASK_ALL);
    expect(port.infoGet()).to.include({
      maxRxQueues: 2,
      maxTxQueues: 2,
      maxRxPacketBytes: 9_238,
      macAddresses: 1,
      vlanStrip: true,
    });
  });

  it('refuses a detached device and acks the detach', () => {
    const host = new FakeHost();
    host.setRegister(abi.REG_MIGRATION_STATUS, abi.MIGRATION_DETACHED);
    expectErrno('EBUSY', /detached/, () => avpDriver.probe(host.pci, host.platform));
    expect(host.register(abi.REG_MIGRATION_ACK)).to.equal(abi.MIGRATION_DETACHED);
    host.setRegister(abi.REG_MIGRATION_STATUS, abi.MIGRATION_ATTACHED);
    expect(avpDriver.probe(host.pci, host.platform).state).to.equal('probed');
  });

  it('accepts objects that span adjacent maps, and refuses a gap between the maps', () => {
    const split = (gap: bigint): FakeHost => {
      const host = new FakeHost();
      asHost(() => {
        const map = host.bars[4]! + abi.MEMMAP_INFO_MAPS;
        // Cut the pool in two.
        const cut = (load64(host.info + abi.DEVICE_INFO_MBUF_PHYS) & 0xff_f000n) + 0x2000n;
        abi.storeMemmapInfoNbMaps(host.bars[4]!, 2);
        store64(map + abi.MEMMAP_LENGTH, cut);
        store64(map + abi.MEMMAP_BYTES + abi.MEMMAP_PHYS_ADDR, 0x1_0000_0000n + cut + gap);
        store64(map + abi.MEMMAP_BYTES + abi.MEMMAP_LENGTH, (1n << 23n) - cut);
      });
      return host;
    };
    const joined = split(0n);
    expect(avpDriver.probe(joined.pci, joined.platform).state).to.equal('probed');
    const apart = split(4_096n);
    expectErrno('EFAULT', /pool\[0\]/, () => avpDriver.probe(apart.pci, apart.platform));
  });

  it('needs no stride if there is only one FIFO of a kind', () => {
    const host = new FakeHost({ maxTx: 1 });
    asHost(() => abi.storeDeviceInfoTxSize(host.info, 0));
    expect(avpDriver.probe(host.pci, host.platform).state).to.equal('probed');
  });

  it('fails with ENODEV for a device that has vanished', () => {
    const host = new FakeHost();
    host.vanish();
    expectErrno('ENODEV', /removed/, () => avpDriver.probe(host.pci, host.platform));
  });
});
