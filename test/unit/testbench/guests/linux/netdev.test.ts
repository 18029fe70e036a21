import { load32 } from '#mem';
import { expect } from 'chai';
import { REQUEST_RESULT } from '../../../../../shared/loops/layout';
import { CACHE_BUFFERS, Netdev } from '../../../../../testbench/guests/linux';
import { SMALL_NIC } from '../../../../../testbench/conformance/context';
import { avpTarget } from '../../../../../testbench/targets/avp/target';
import type { NicSettings } from '../../../../../testbench/targets/host';
import type { DeviceNic } from '../../../../../testbench/targets/deviceNic';
import type { Rig } from '../../../../../testbench/targets/target';

const DETACHED = 1;

describe('a Linux-like guest', () => {
  let rig: Rig;

  beforeEach(async () => {
    rig = await avpTarget.open(1);
  });

  afterEach(() => rig.close());

  function plug(settings: NicSettings = {}): DeviceNic {
    return rig.host.plug({ ...SMALL_NIC, ...settings }) as DeviceNic;
  }

  function probe(nic: DeviceNic, cpus = 1): Netdev {
    return Netdev.probe(rig.arena!.functionOf(nic), { clock: rig.arena!.clock, cpus });
  }

  function started(nic: DeviceNic): Netdev {
    const netdev = probe(nic);
    netdev.configure();
    netdev.open();
    return netdev;
  }

  function frame(bytes: number): { bytes: Uint8Array; vlanTci: null } {
    return { bytes: new Uint8Array(bytes).fill(7), vlanTci: null };
  }

  it('presets the result of a request with -524', () => {
    const nic = plug();
    const presets: number[] = [];
    nic.onRequest(() => presets.push(load32(nic.device.inspect.host.address('sync') + REQUEST_RESULT) | 0));
    started(nic);
    expect(presets).to.deep.equal([-524, -524]);
  });

  it('waits three times 500 ms for an answer, and 500 ms for an overdue one', () => {
    const nic = plug();
    const netdev = started(nic);
    const { clock } = rig.arena!;
    nic.answerNext({ never: true });
    const askedMs = clock.nowMs();
    expect(() => netdev.stop())
      .to.throw('no answer')
      .with.property('code', 'ETIME');
    expect(clock.nowMs() - askedMs).to.equal(1_500);
    netdev.stop();
    expect(clock.nowMs() - askedMs).to.be.within(2_000, 2_020);
    nic.pause();
    expect(() => netdev.stop())
      .to.throw()
      .with.property('code', 'ETIME');
    expect(() => netdev.stop())
      .to.throw('not taken')
      .with.property('code', 'EBUSY');
    nic.resume();
    netdev.stop();
  });

  it('treats a positive result, or another entry on resp, as an error', () => {
    const nic = plug();
    const netdev = started(nic);
    nic.answerNext({ result: 3 }, { entry: 0x1234n });
    expect(() => netdev.open())
      .to.throw()
      .with.property('code', 'EIO');
    expect(() => netdev.open())
      .to.throw()
      .with.property('code', 'ENODATA');
  });

  it('sends no request to a device that is not in guest mode', () => {
    const nic = plug({ mode: 2 });
    started(nic);
    expect(nic.requests).to.have.length(0);
  });

  it('caches at most 32 buffers per queue, and counts packets that are too short or too long as errors', async () => {
    const nic = plug();
    const netdev = started(nic);
    await rig.settle();
    expect(netdev.send(0, [frame(13), frame(14), frame(5 * 2_048 + 1), frame(5 * 2_048)])).to.equal(4);
    expect(netdev.cached).to.equal(CACHE_BUFFERS - 6);
    await rig.settle();
    expect(nic.taken().map(({ length }) => length)).to.deep.equal([14, 5 * 2_048]);
    expect(netdev.counts).to.include({ sent: 2, txErrors: 2 });
  });

  it('counts cached buffers as lost that find no room on alloc', async () => {
    const nic = plug();
    const netdev = started(nic);
    await rig.settle();
    netdev.send(0, [frame(100)]);
    await rig.settle();
    const { cached } = netdev;
    expect(nic.buffers().guest).to.equal(cached);
    netdev.remove();
    netdev.remove();
    expect([netdev.cached, netdev.counts.lostBuffers]).to.deep.equal([0, cached]);
  });

  it('detaches once the request that is under way is answered', async () => {
    const nic = plug();
    const netdev = started(nic);
    nic.answerNext({ delayMs: 200 });
    let detachedInside = false;
    nic.onRequest(() => {
      nic.onRequest(() => (detachedInside = netdev.detached));
      nic.raiseMigration(DETACHED);
    });
    netdev.stop();
    expect(detachedInside, 'detached when request 4 came').to.equal(true);
    expect(nic.requests.map(({ reqId }) => reqId)).to.deep.equal([3, 2, 2, 4]);
    expect(nic.migrationAck).to.equal(DETACHED);
    expect(() => netdev.open())
      .to.throw()
      .with.property('code', 'EBUSY');
  });

  it('stays detached if the attach fails, and attaches at the next event', async () => {
    const nic = plug();
    const netdev = started(nic);
    for (const [status, ack] of [
      [1, 1],
      [2, 3],
      [2, 2],
    ] as const) {
      if (ack === 3) nic.answerNext({ result: -22 });
      nic.raiseMigration(status);
      await rig.settle();
      expect(nic.migrationAck).to.equal(ack);
      expect(netdev.detached).to.equal(ack !== 2);
    }
  });

  it('refuses a device that it cannot use, and leaves it alone', () => {
    const info = { struct: 'device_info' } as const;
    const faults: [what: string, spoil: (nic: DeviceNic) => void, code: string][] = [
      ['magic', (nic) => nic.overwrite(info, 'magic', 1), 'EINVAL'],
      ['version', (nic) => nic.overwrite(info, 'version', 0x1_0300), 'EINVAL'],
      ['minimum of queues', (nic) => nic.overwrite(info, 'min_tx_queues', 9), 'EINVAL'],
      ['maximum of queues', (nic) => nic.overwrite(info, 'max_rx_queues', 0), 'EINVAL'],
      ['ethaddr', (nic) => nic.overwrite(info, 'ethaddr', 1), 'EINVAL'],
      ['address in no map', (nic) => nic.overwrite(info, 'free_phys', 1n), 'EFAULT'],
      ['map', (nic) => nic.overwrite({ struct: 'memmap_info' }, 'magic', 1), 'EINVAL'],
      ['maps', (nic) => nic.overwrite({ struct: 'memmap_info' }, 'nb_maps', 2_049), 'EINVAL'],
      ['FIFO', (nic) => nic.overwrite({ struct: 'fifo', fifo: 'free', queue: 1 }, 'len', 3), 'EINVAL'],
      ['BAR 4', (nic) => nic.withoutBar(4), 'EFAULT'],
      ['BAR 5', (nic) => nic.withoutBar(5), 'EFAULT'],
    ];
    for (const [what, spoil, code] of faults) {
      const nic = plug();
      spoil(nic);
      expect(() => probe(nic), what)
        .to.throw()
        .with.property('code', code);
      expect(nic.interruptMask, what).to.equal(0);
    }
  });

  it('survives the surprise removal of the device', async () => {
    const nic = plug();
    const netdev = started(nic);
    nic.surpriseRemove();
    netdev.remove();
    expect(netdev.poll(0, 8)).to.deep.equal([]);
    expect(() => netdev.open())
      .to.throw()
      .with.property('code', 'ENODEV');
  });
});
