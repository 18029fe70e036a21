/** A host process: exports one device into a folder, prints "ready", and runs until it is killed. */
import { AvpDevice } from '../../../../emulator/device/device';
import { avpDeviceSettings } from '../../../../emulator/device/settings';
import { ExportTree } from '../../../../emulator/export/exportTree';
import { HostLine } from '../../../../emulator/export/uio/hostLine';
import { RealClock } from '../../../../shared/clock';
import { Random } from '../../../../shared/random';

const STEP_MS = 1;

function serve(dir: string): void {
  const tree = ExportTree.create(dir);
  const settings = avpDeviceSettings({ pools: [{ buffers: 64 }] });
  const device = new AvpDevice({
    name: 'vm.nic0',
    settings,
    deviceNumber: 5,
    clock: new RealClock(),
    random: new Random(1),
  });
  const line = new HostLine(tree.add(device.function).line, device);
  setInterval(() => line.step(), STEP_MS);
  process.stdout.write(`${JSON.stringify('ready')}\n`);
}

serve(process.argv[2]!);
