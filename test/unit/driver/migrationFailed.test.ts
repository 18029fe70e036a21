import { expect } from 'chai';
import { avpDriver } from '../../../driver';
import { asHost } from '../../../shared/actors';
import { extents } from '../../../shared/arena';
import * as abi from '../../../shared/loops/layout';
import { addWatcher } from '../../../shared/mem/watched';
import { storePciFunctionBarBytes } from '../../../shared/loops/records';
import { store64 } from '../../../shared/u64';
import { expectErrno, started } from './build';
import { expectNoTraffic, expectTraffic, recordEvents, migrationCounters } from './exchange';
import { ELSEWHERE, FakeHost } from './fakeHost';
import { itWatched } from '../../support/watched';

const { MIGRATION_ATTACHED, MIGRATION_DETACHED, MIGRATION_ERROR } = abi;

type Spoil = (host: FakeHost) => void;

/** Faults of a new host, with the counter, the errno and the message that each must produce. */
const FAULTS: readonly (readonly [what: string, counter: string, errno: string, message: RegExp, spoil: Spoil])[] = [
  ['magic', 'refused_host', 'EINVAL', /device_info\.magic/, (h) => abi.storeDeviceInfoMagic(h.info, 1)],
  ['version', 'refused_host', 'EINVAL', /device_info\.version/, (h) => abi.storeDeviceInfoVersion(h.info, 0x1_0300)],
  ['memory map magic', 'refused_host', 'EINVAL', /memmap_info\.magic/, (h) => abi.storeMemmapInfoMagic(h.bars[4]!, 1)],
  ['number of maps', 'refused_host', 'EINVAL', /nb_maps/, (h) => abi.storeMemmapInfoNbMaps(h.bars[4]!, 0xffff_ffff)],
  ['BAR 4', 'refused_host', 'EINVAL', /BAR 4/, (h) => storePciFunctionBarBytes(h.pci.base, 4, 0)],
  ['address of rx', 'refused_host', 'EFAULT', /rx_phys/, (h) => store64(h.info + abi.DEVICE_INFO_RX_PHYS, 64n)],
  [
    'address of the pool',
    'refused_host',
    'EFAULT',
    /pool\[0\]/,
    (h) => store64(h.info + abi.DEVICE_INFO_POOL + abi.MEMPOOL_INFO_PHYS_ADDR, 64n),
  ],
  ['length of a FIFO', 'refused_host', 'EINVAL', /alloc FIFO 0: len/, (h) => abi.storeFifoLen(h.fifo('alloc'), 10)],
  ['index of a FIFO', 'refused_host', 'EINVAL', /free FIFO 1: write/, (h) => abi.storeFifoWrite(h.fifo('free', 1), 64)],
  ['buffer size', 'refused_host', 'EINVAL', /mbuf_size/, (h) => abi.storeDeviceInfoMbufSize(h.info, 63)],
  ['fewest queues', 'refused_host', 'EINVAL', /min_rx_queues/, (h) => abi.storeDeviceInfoMinRxQueues(h.info, 9)],
  ['answer to request 3', 'refused_request', 'EINVAL', /request 3/, (h) => (h.answer = () => -22)],
  ['result of request 3', 'refused_request', 'EIO', /result is 1/, (h) => (h.answer = () => 1)],
  ['silence', 'refused_timeout', 'ETIME', /request 3/, (h) => (h.answer = () => 'silent')],
  ['entry on resp', 'refused_request', 'ENODATA', /sync_va/, (h) => (h.answerWith = 5n)],
  [
    'index after request 3',
    'refused_host',
    'EIO',
    /tx FIFO 0: write is 99/,
    (h) => (h.answer = () => (asHost(() => abi.storeFifoWrite(h.fifo('tx'), 99)), 0)),
  ],
];

describe('driver: attach that fails', () => {
  for (const [what, counter, errno, message, spoil] of FAULTS)
    it(`because of a bad ${what} acks 3 and stays detached; a later attach works`, () => {
      const bench = started();
      const { host, port, pool } = bench;
      expectTraffic(bench);
      const events = recordEvents(bench);
      host.raiseMigration(MIGRATION_DETACHED);
      host.become(ELSEWHERE);
      asHost(() => spoil(host));
      const startMs = host.clock.nowMs();
      expect(host.raiseMigration(MIGRATION_ATTACHED)).to.equal(MIGRATION_ERROR);
      expect(host.clock.nowMs() - startMs).to.be.below(1_000);
      expect(port.detached).to.equal(true);
      expect(migrationCounters(bench)).to.deep.equal({ detached: 1, [counter]: 1 });
      const [event, detail] = events.at(-1)!;
      expect([event, detail.phase, detail.errno]).to.deep.equal(['migration-failed', 'attach', errno]);
      expect(detail.message).to.match(message);
      expectNoTraffic(bench);
      expectErrno('ENOTSUP', /detached/, () => port.stop());
      expect(pool.available).to.equal(pool.size);

      restoreBar4(host);
      host.answer = () => 0;
      host.become({ ...ELSEWHERE, gapBytes: 0x20_0000 });
      expect(host.raiseMigration(MIGRATION_ATTACHED)).to.equal(MIGRATION_ATTACHED);
      expect([port.detached, events.at(-1)![0]]).to.deep.equal([false, 'attached']);
      for (let i = 0; i < 3; i++) expectTraffic(bench, i);
    });

  function restoreBar4(host: FakeHost): void {
    asHost(() => storePciFunctionBarBytes(host.pci.base, 4, 65_536));
  }

  it('may be followed by another detach or a close, neither of which sends a request', () => {
    const bench = started();
    const { host, port } = bench;
    host.raiseMigration(MIGRATION_DETACHED);
    host.become({ ...ELSEWHERE, maxTx: 0 });
    host.raiseMigration(MIGRATION_ATTACHED);
    const before = host.requests.length;
    expect(host.raiseMigration(MIGRATION_DETACHED)).to.equal(MIGRATION_DETACHED);
    port.close();
    expect([host.requests.length, port.state]).to.deep.equal([before, 'closed']);
    avpDriver.remove(port);
    bench.pool.release();
  });

  itWatched('survives the removal of the device at any access', () => {
    for (let at = 1, vanished = true; vanished; at += 37) {
      const { host, port } = started();
      host.raiseMigration(MIGRATION_DETACHED);
      host.become(ELSEWHERE);
      let count = 0;
      const stopWatching = addWatcher((_kind, _address, _bytes, actor) => {
        if (actor === 1 && ++count === at) host.vanish();
      });
      try {
        host.raiseMigration(MIGRATION_ATTACHED);
      } finally {
        stopWatching();
      }
      vanished = !host.pci.present;
      if (vanished) expectErrno('ENODEV', /removed/, () => port.stop());
      avpDriver.remove(port);
    }
  }).timeout(30_000);
});

describe('driver: a migration during the probe', () => {
  /** Probes a device, and calls `change` at the moment when the driver enables the interrupt. */
  function probeWhile(change: (host: FakeHost) => void): FakeHost {
    const host = new FakeHost();
    const stopWatching = addWatcher((kind, address) => {
      if (
        kind !== 'store' ||
        address !== host.bars[0]! + abi.REG_INTERRUPT_MASK ||
        host.register(abi.REG_INTERRUPT_MASK) === 0
      )
        return;
      stopWatching();
      change(host);
    });
    const before = extents();
    try {
      expectErrno('EBUSY', /probe again/, () => avpDriver.probe(host.pci, host.platform));
    } finally {
      stopWatching();
    }
    expect(extents().map(({ address }) => address)).to.deep.equal(before.map(({ address }) => address));
    expect(host.register(abi.REG_INTERRUPT_MASK)).to.equal(0);
    return host;
  }

  itWatched('makes the probe ack 1 and fail if a detach began before the interrupt was enabled', () => {
    const host = probeWhile((at) => at.setRegister(abi.REG_MIGRATION_STATUS, MIGRATION_DETACHED));
    expect(host.register(abi.REG_MIGRATION_ACK)).to.equal(MIGRATION_DETACHED);
    host.raiseMigration(MIGRATION_ATTACHED);
    expect(avpDriver.probe(host.pci, host.platform).state).to.equal('probed');
  });

  itWatched('makes the probe fail if a whole migration passed before the interrupt was enabled', () => {
    const host = probeWhile((at) => at.become({ ...at.options, deviceId: 5n }));
    expect(host.register(abi.REG_MIGRATION_ACK)).to.equal(0);
    expect(avpDriver.probe(host.pci, host.platform).state).to.equal('probed');
  });
});
