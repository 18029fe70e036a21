import { expect } from 'chai';
import { allocate, release } from '../../../../shared/arena';
import { ErrnoError } from '../../../../shared/errors';
import { HOST_ONLY } from '../../../../shared/loops/rights';
import type { PciFunction } from '../../../../shared/pci';
import { ackAll } from './drivers';
import { ATTACHED, Cloud, DETACHED, REFUSED, steps } from './migrating';

describe('live migration that returns to the source', () => {
  let cloud: Cloud;
  let clock: Cloud['clock'];
  let driver: Cloud['driver'];
  let source: Cloud['source'];
  let destination: Cloud['destination'];
  let vm: Cloud['vm'];

  beforeEach(() => {
    cloud = new Cloud();
    ({ clock, driver, source, destination, vm } = cloud);
  });

  const bufferSize = (): unknown => vm.nics[1]!.device!.settings.mbufSize;

  it('if a guest refuses the detach of a NIC: attaches the other NICs again, and raises no event for that one', () => {
    driver.ackFor = (status, device) =>
      device.bdf.includes('05') && status === DETACHED ? REFUSED : ackAll(status, device);
    const migration = cloud.finish(cloud.migrate());
    expect(migration.outcome).to.equal('refused');
    expect(migration.cause).to.equal("the guest refused the detach of vm.nic2 at 'source'");
    cloud.expectBack(migration);
    expect(steps(migration)).to.deep.equal(['started', 'turned-back', 'ended']);
    expect(driver.seen).to.deep.equal(['04 1', '05 1', '04 2']);
    expect(cloud.statuses()).to.deep.equal([ATTACHED, 0]);
  });

  it('if no ack comes in time: raises an attach event for the silent NIC too', () => {
    driver.ackFor = (status, device) =>
      device.bdf.includes('05') && status === DETACHED ? null : ackAll(status, device);
    const migration = cloud.finish(cloud.migrate());
    expect(migration).to.include({
      outcome: 'timed-out',
      cause: "no ack for the detach of vm.nic2 at 'source' in 50 ms",
    });
    cloud.expectBack(migration);
    expect(driver.seen).to.deep.equal(['04 1', '05 1', '04 2', '05 2']);
    expect(cloud.statuses()).to.deep.equal([ATTACHED, ATTACHED]);
  });

  it('and ignores a late ack of the detach', () => {
    let device: PciFunction | null = null;
    driver.ackFor = (_status, asked) => {
      device = asked;
      return null;
    };
    const migration = cloud.migrate();
    while (migration.phase === 'detaching') clock.sleepMs(1);
    device!.write32(0, 12, REFUSED);
    clock.sleepMs(5);
    expect(migration.phase).to.equal('reattaching');
    driver.ackFor = ackAll;
    for (const nic of vm.nics) nic.device?.tamper.raiseInterrupt(2);
    cloud.finish(migration);
    expect(migration.outcome).to.equal('timed-out');
    cloud.expectBack(migration);
  });

  for (const [ack, outcome] of [
    [REFUSED, 'refused'],
    [null, 'timed-out'],
  ] as const)
    it(`if the attach at the destination gets ${ack === null ? 'no ack' : 'ack 3'}: detaches there, and attaches at the source`, () => {
      driver.ackFor = (status, device) =>
        status === ATTACHED && device.bdf.includes('05') && vm.nics[2]!.device!.settings.mbufSize === 1_024
          ? ack
          : ackAll(status, device);
      const { deviceId } = vm.nics[1]!.device!.settings;
      const migration = cloud.finish(cloud.migrate());
      expect(migration.outcome).to.equal(outcome);
      cloud.expectBack(migration);
      expect(steps(migration)).to.deep.equal([
        'started',
        'disconnected',
        'connected',
        'turned-back',
        'connected',
        'ended',
      ]);
      expect(driver.seen).to.deep.equal(['04 1', '05 1', '04 2', '05 2', '04 1', '05 1', '04 2', '05 2']);
      expect(bufferSize()).to.equal(2_048);
      expect(vm.nics[1]!.device!.settings.deviceId).to.not.equal(deviceId);
      expect(cloud.statuses()).to.deep.equal([ATTACHED, ATTACHED]);
    });

  it('if the memory does not fit at the destination', () => {
    const migration = cloud.finish(cloud.migrate({ destination: { pools: [{ buffers: 8_192 }] } }));
    expect(migration.outcome).to.equal('failed');
    expect(migration.cause).to.match(/^'destination' can't take the instance: .*BAR 2/);
    cloud.expectBack(migration);
    expect(bufferSize()).to.equal(2_048);
    expect(cloud.statuses()).to.deep.equal([ATTACHED, ATTACHED]);
  });

  it('if the destination can take the first NIC but not the second', () => {
    const ask = ({ index }: { readonly index: number }): object => (index === 2 ? { pools: [{ buffers: 8_192 }] } : {});
    const migration = cloud.finish(cloud.migrate({ destination: ask }));
    expect(migration.outcome).to.equal('failed');
    cloud.expectBack(migration);
    expect(bufferSize()).to.equal(2_048);
  });

  it('if the destination is shut down meanwhile', () => {
    const migration = cloud.migrate({ moveMs: 20 });
    clock.sleepMs(5);
    destination.shutdown();
    cloud.finish(migration);
    expect(migration).to.include({ outcome: 'failed', node: source });
    expect(migration.cause).to.contain("node 'destination' has been shut down");
    expect(cloud.connectedAt(source)).to.deep.equal([true, true, true]);
  });

  for (const phase of ['detaching', 'moving', 'attaching'] as const)
    it(`if it is cancelled while ${phase}`, () => {
      driver.ackFor = (status, device) =>
        phase === 'detaching' && status === DETACHED ? null : ackAll(status, device);
      const migration = cloud.migrate({ moveMs: 20, ackTimeoutMs: 100 });
      cloud.reach(migration, phase);
      migration.cancel();
      cloud.finish(migration);
      expect(migration).to.include({ outcome: 'cancelled', cause: 'it was cancelled' });
      cloud.expectBack(migration);
      expect(bufferSize()).to.equal(2_048);
      expect(cloud.statuses()).to.deep.equal([ATTACHED, ATTACHED]);
      migration.cancel();
      clock.sleepMs(5);
      expect(migration.outcome).to.equal('cancelled');
    });

  it('and reports it if even that fails; a later migration attaches the instance', () => {
    driver.ackFor = (status) => (status === ATTACHED ? REFUSED : status);
    const migration = cloud.finish(cloud.migrate());
    expect(migration.outcome).to.equal('failed');
    expect(migration.cause).to.equal(
      "the guest refused the attach of vm.nic1 at 'destination'; the guest refused the attach of vm.nic2 at 'destination'; " +
        "and on the way back: the guest refused the attach of vm.nic1 at 'source'; the guest refused the attach of vm.nic2 at 'source'",
    );
    cloud.expectBack(migration);
    driver.ackFor = ackAll;
    expect(cloud.finish(cloud.migrate()).outcome).to.equal('completed');
  });

  it('or stays at the destination if the source is gone', () => {
    driver.ackFor = (status) => (status === ATTACHED ? REFUSED : status);
    const migration = cloud.migrate();
    cloud.reach(migration, 'attaching');
    source.shutdown();
    cloud.finish(migration);
    expect(migration).to.include({ outcome: 'failed', node: destination });
    expect(migration.cause).to.contain("'source' can't take the instance back");
    expect(cloud.connectedAt(destination)).to.deep.equal([true, true, true]);
    driver.ackFor = ackAll;
    expect(cloud.finish(destination.migrate(vm, destination)).outcome).to.equal('completed');
  });

  it('if the arena has no room for the destination', () => {
    const migration = cloud.migrate({ moveMs: 5 });
    clock.sleepMs(3);
    const blocks: number[] = [];
    const fill = (): void => {
      for (;;) blocks.push(allocate(4, { rights: HOST_ONLY, label: 'filler' }));
    };
    expect(fill).to.throw(ErrnoError, 'extents');
    cloud.finish(migration);
    blocks.forEach(release);
    expect(migration.outcome).to.equal('failed');
    expect(migration.cause).to.contain("'destination' can't take the instance");
    cloud.expectBack(migration);
  });
});
