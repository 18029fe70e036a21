import { expect } from 'chai';
import { AvpDevice, avpDeviceSettings } from '../../../../emulator';
import { resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { Random } from '../../../../shared/random';
import { REPORT_LIMITS, WireLog } from '../../../../testbench/evidence/wireLog';
import { DeviceNic } from '../../../../testbench/targets/deviceNic';
import { NicRecorder } from '../../../../testbench/targets/nicRecorder';
import { FrameSource } from '../../../../testbench/traffic/frameSource';

/** A kind of NIC that has private state of its own. */
class CountingNic extends DeviceNic {
  private paused = 0;

  override pause(): void {
    this.paused++;
    super.pause();
  }

  get pauses(): number {
    return this.paused;
  }
}

describe('the recorder of a NIC', () => {
  beforeEach(resetArena);

  it('records all operations on a NIC of any kind, and passes them on', () => {
    const clock = new VirtualClock();
    const settings = avpDeviceSettings({});
    const device = new AvpDevice({ name: 'nic', settings, deviceNumber: 3, clock, random: new Random(1) });
    const behind = new CountingNic(device, new FrameSource('network', 9_238), () => true);
    const log = new WireLog(REPORT_LIMITS);
    const { nic } = new NicRecorder(behind, device, log);
    nic.pause();
    nic.deliver(new Uint8Array(64));
    nic.setMigrationStatus(3);
    expect(behind.pauses).to.equal(1);
    expect([nic.bdf, nic.mac, nic.migration.status]).to.deep.equal([behind.bdf, behind.mac, 3]);
    expect(nic.stats()).to.deep.equal(behind.stats());
    const { events, frames } = log.record();
    expect(events.first.map(({ what }) => what)).to.deep.equal([
      'plugs a device: 8 receive and 8 transmit queues at most',
      'stops looking at the rings',
      'migration status = 3',
    ]);
    expect(frames.first.map(({ direction, bytes }) => [direction, bytes])).to.deep.equal([['toGuest', 64]]);
  });
});
