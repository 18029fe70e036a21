/**
 * The host thread of `hostThread.test.ts`. It makes a device that sends back every frame, and runs it once
 * it knows the line of the export. Messages: `{ line }` starts it, `detach` and `attach` migrate the guest to
 * another host, `end` stops it.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { AvpDevice } from '../../../../emulator/device/device';
import { avpDeviceSettings } from '../../../../emulator/device/settings';
import { HostLine } from '../../../../emulator/export/uio/hostLine';
import { RealClock } from '../../../../shared/clock';
import { Random } from '../../../../shared/random';

export type HostMessage = { readonly line: number } | 'detach' | 'attach' | 'end';

const ROUNDS = 50;

const device = new AvpDevice({
  name: 'vm.nic0',
  // Enough buffers for all frames of a test at once: the host drops a frame that finds none.
  settings: avpDeviceSettings({ pools: [{ buffers: 512 }], memoryBarBytes: 0x40_0000 }),
  deviceNumber: 5,
  clock: new RealClock(),
  random: new Random(1),
});
device.uplink = { deliver: (address, bytes) => device.deliver(address, bytes) };
let running = true;

async function run(line: HostLine): Promise<void> {
  while (running) {
    for (let round = 0; round < ROUNDS; round++) {
      line.step();
      device.step();
    }
    await turn();
  }
  // Process what the last guest did just before the end.
  line.step();
  parentPort!.postMessage({
    pool: device.inspect.buffers().hostPool,
    total: device.inspect.buffers().total,
    mask: device.inspect.interruptMask,
  });
  parentPort!.close();
}

parentPort!.on('message', (message: HostMessage) => {
  if (message === 'detach') device.beginDetach();
  else if (message === 'attach') {
    device.replaceHost({
      ...device.settings,
      deviceId: 2n,
      layout: { ...device.settings.layout, order: 'shuffled', gaps: true, seed: 9 },
    });
    device.beginAttach();
  } else if (message === 'end') running = false;
  else void run(new HostLine(message.line, device));
});
parentPort!.postMessage({ base: device.function.base });
