/** A host process: exports one device into a folder, prints "ready", and runs until it is killed. */
import { AvpDevice } from '../../../../emulator/device/device';
import { avpDeviceSettings } from '../../../../emulator/device/settings';
import { ExportTree } from '../../../../emulator/export/exportTree';
import { RealClock } from '../../../../shared/clock';
import { Random } from '../../../../shared/random';

async function serve(dir: string): Promise<void> {
  const tree = ExportTree.create(dir);
  const settings = avpDeviceSettings({ pools: [{ buffers: 64 }] });
  const device = new AvpDevice({
    name: 'vm.nic0',
    settings,
    deviceNumber: 5,
    clock: new RealClock(),
    random: new Random(1),
  });
  await tree.add(device.function);
  process.stdout.write(`${JSON.stringify('ready')}\n`);
}

void serve(process.argv[2]!);
