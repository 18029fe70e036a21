import type { Command } from 'commander';
import { avpDriver } from '../../driver';
import { ComputeNode } from '../../emulator';
import { VirtualClock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import type { PciDevice } from '../../testbench/api/bench';
import { pciDevicesOf } from '../../testbench/common/pciDevices';
import { makeCommand, STATUS_GOOD } from '../command';
import type { CommonOptions, Output } from '../output';
import { listValue } from '../values';

const DEFAULT_NAME = 'my-instance1';

interface BootOptions {
  readonly nic?: readonly string[];
}

function line(device: PciDevice, network: string): string {
  const ids = `${device.vendor}:${device.device} (subsystem ${device.subsystemVendor}:${device.subsystemDevice})`;
  return `${device.slot}  ${device.class.padEnd(19)}  ${ids}  driver ${(device.driver ?? '-').padEnd(3)}  network ${network}`;
}

function boot(options: BootOptions & CommonOptions, output: Output, [name = DEFAULT_NAME]: readonly string[]): number {
  if (options.nic === undefined)
    throw new UsageError('which NICs? give at least one --nic net-id=NET[,vif-model=avp|virtio]');
  const node = new ComputeNode({ name: 'compute-0', clock: new VirtualClock(), seed: options.seed });
  const instance = node.boot(name, options.nic, { drivers: [avpDriver] });
  const devices = pciDevicesOf(instance).map((device, index) => {
    const { network, model, mac } = instance.nics[index]!;
    return { ...device, network, vifModel: model, mac };
  });
  node.shutdown();
  const bound = devices.filter((device) => device.driver !== null).length;
  output.text(`${name}: ${devices.length} PCI devices, ${bound} bound by the AVP driver`);
  for (const device of devices) output.text(line(device, device.network));
  if (bound < devices.length) output.text('driver -: left alone by the AVP driver, for another driver of the guest');
  output.json({ instance: name, seed: options.seed, devices });
  return STATUS_GOOD;
}

/** `avp boot`: boots an instance and lists its devices, as a cloud user would see them. */
export function bootCommand(onStatus: (status: number) => void): Command {
  return makeCommand<BootOptions>(
    {
      name: 'boot',
      examples: [
        ['avp boot --nic net-id=A,vif-model=avp', 'one AVP NIC'],
        [
          'avp boot --nic net-id=A --nic net-id=B,vif-model=avp --nic net-id=C,vif-model=avp my-instance1',
          'a virtio and two AVP NICs',
        ],
      ],
    },
    boot,
    onStatus,
  )
    .argument('[NAME]', `name of the instance (default '${DEFAULT_NAME}')`)
    .option('--nic <net-id=NET[,vif-model=avp|virtio]>', 'attach a NIC to a network; may be repeated', listValue);
}
