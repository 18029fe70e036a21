import { expect } from 'chai';
import { mbufFromBytes, type Port } from '../../../driver';
import { blockPort, unblockPort } from '../../../driver/loops/gate';
import { BLOCKED_DETACHED, PORT_BLOCKED, RX_QUEUE_BUSY, TX_QUEUE_BUSY } from '../../../driver/loops/records';
import { rxQueueAt } from '../../../driver/loops/rx';
import { txQueueAt } from '../../../driver/loops/tx';
import * as abi from '../../../shared/loops/layout';
import { load32 } from '../../../shared/mem/plain';
import { type AccessKind, addWatcher } from '../../../shared/mem/watched';
import { expectErrno, frame, pieces, started, type Bench } from './build';
import { itWatched } from '../../support/watched';

interface Access {
  readonly kind: AccessKind;
  readonly address: number;
  readonly bytes: number;
}

const out = new Uint32Array(64);

/** Runs `body` and returns its memory accesses. */
function accessesOf(body: () => void, onAccess: (access: Access, index: number) => void = () => {}): Access[] {
  const seen: Access[] = [];
  let inside = false;
  const stopWatching = addWatcher((kind, address, bytes) => {
    if (inside) return;
    inside = true;
    seen.push({ kind, address, bytes });
    onAccess(seen.at(-1)!, seen.length - 1);
    inside = false;
  });
  try {
    body();
  } finally {
    stopWatching();
  }
  return seen;
}

function within(access: Access, base: number, bytes: number): boolean {
  return access.address >= base && access.address < base + bytes;
}

/** A burst of each direction with work to do, the word that announces it, and the rings that it uses. */
function bursts(bench: Bench): readonly { name: string; run: () => void; busy: number; rings: number[] }[] {
  const { host, port, pool } = bench;
  const ready = (): Port => {
    host.receive(0, [{ bytes: frame(60) }]);
    host.refill();
    return port;
  };
  return [
    {
      name: 'rx',
      run: () => void port.rxBurst(0, out, 4),
      busy: rxQueueAt(ready().address, 0) + RX_QUEUE_BUSY,
      rings: [host.fifo('rx'), host.fifo('free')],
    },
    {
      name: 'tx',
      run: () => void port.txBurst(0, Uint32Array.of(mbufFromBytes(pool, frame(60))), 1),
      busy: txQueueAt(port.address, 0) + TX_QUEUE_BUSY,
      rings: [host.fifo('tx'), host.fifo('alloc')],
    },
  ];
}

describe('driver: order of accesses in a burst', () => {
  itWatched('fills the slots of free, then publishes rx and free once each, in this order', () => {
    const { host, port } = started();
    host.receive(0, [{ bytes: frame(60) }]);
    host.receive(0, [{ bytes: frame(60) }]);
    const [rx, free] = [host.fifo('rx'), host.fifo('free')];
    const stores = accessesOf(() => port.rxBurst(0, out, 64)).filter(
      ({ kind, address }) =>
        kind === 'store' && (address === rx + abi.FIFO_READ || within({ kind, address, bytes: 4 }, free, 16 + 64 * 8)),
    );
    const slots = [0, 1].flatMap((slot) => [free + 16 + slot * 8, free + 20 + slot * 8]);
    expect(stores.map(({ address }) => address)).to.deep.equal([...slots, rx + abi.FIFO_READ, free + abi.FIFO_WRITE]);
  });

  itWatched('writes data and descriptors, then publishes alloc and tx', () => {
    const bench = started();
    const { host, port, pool } = bench;
    host.refill();
    const mbuf = mbufFromBytes(pool, frame(5_000));
    const [tx, alloc] = [host.fifo('tx'), host.fifo('alloc')];
    const memory = host.bars[2]!;
    const writes = accessesOf(() => port.txBurst(0, Uint32Array.of(mbuf), 1)).filter(
      (one) => one.kind !== 'load' && within(one, memory, 1 << 23),
    );
    expect(writes.at(-1)!.address).to.equal(tx + abi.FIFO_WRITE);
    expect(writes.at(-2)!.address).to.equal(alloc + abi.FIFO_READ);
    expect(
      writes.filter(({ address }) => address === tx + abi.FIFO_WRITE || address === alloc + abi.FIFO_READ),
    ).to.have.length(2);
  });

  itWatched('fetches each word that the host can change only once', () => {
    const { host, port } = started();
    host.receive(0, pieces(frame(100, 3), 40, 20));
    host.receive(0, [{ bytes: frame(60) }]);
    const loads = accessesOf(() => port.rxBurst(0, out, 64)).filter(
      (one) => one.kind === 'load' && within(one, host.bars[2]!, 1 << 23),
    );
    const addresses = loads.map(({ address }) => address);
    expect(new Set(addresses).size).to.equal(addresses.length);
  });

  itWatched('touches no ring after a block, unless the blocker has seen the burst announced', () => {
    for (const which of [0, 1]) {
      for (let moment = 0; ; moment++) {
        const bench = started();
        const { run, busy, rings } = bursts(bench)[which]!;
        let seenRunning = true;
        let blocked = false;
        let touchedLater = false;
        const accesses = accessesOf(run, (access, index) => {
          if (blocked) touchedLater ||= rings.some((ring) => within(access, ring, 16 + 64 * 8));
          if (index !== moment) return;
          blockPort(bench.port.address, BLOCKED_DETACHED);
          blocked = true;
          seenRunning = load32(busy) !== 0;
        });
        expect(touchedLater && !seenRunning, `blocked after access ${moment}`).to.equal(false);
        expect(load32(busy)).to.equal(0);
        if (moment >= accesses.length) break;
      }
    }
  }).timeout(20_000);

  itWatched('touches no memory of the host while the port is blocked, and goes on afterwards', () => {
    const bench = started();
    for (const { run, rings } of bursts(bench)) {
      blockPort(bench.port.address, BLOCKED_DETACHED);
      expect(bench.port.linkGet().up).to.equal(false);
      expect(accessesOf(run).some((one) => within(one, bench.host.bars[2]!, 1 << 23))).to.equal(false);
      for (const body of [
        () => bench.port.stop(),
        () => bench.port.start(),
        () => bench.port.configure({ rxQueues: 1, txQueues: 1 }),
      ])
        expectErrno('ENOTSUP', /detached/, body);
      unblockPort(bench.port.address, BLOCKED_DETACHED);
      expect(accessesOf(run).some((one) => rings.some((ring) => one.address === ring + abi.FIFO_READ))).to.equal(true);
    }
  });

  itWatched('refuses to close while a burst does not end, and does not wait for ever', () => {
    const { port } = started();
    const busy = rxQueueAt(port.address, 0) + RX_QUEUE_BUSY;
    let caught = false;
    accessesOf(
      () => port.rxBurst(0, out, 4),
      ({ address }) => {
        if (caught || address !== port.address + PORT_BLOCKED) return;
        caught = true;
        expect(load32(busy)).to.equal(1);
        expectErrno('EBUSY', /burst is still running/, () => port.close());
      },
    );
    expect(caught).to.equal(true);
    expect([port.state, port.linkGet().up]).to.deep.equal(['started', true]);
    port.close();
    expect(port.state).to.equal('closed');
  });

  it('closes a detached port without sending a request', () => {
    const { host, port } = started();
    blockPort(port.address, BLOCKED_DETACHED);
    const before = host.requests.length;
    port.close();
    expect([port.state, host.requests.length]).to.deep.equal(['closed', before]);
  });
});
