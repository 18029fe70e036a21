import type { AvpDevice } from '../../../../../emulator';
import { bytes8 } from '../../../../../shared/mem/memory';
import { HostRecords } from '../../../../../testbench/evidence/inspect/hostRecords';
import { AddressSpace } from '../../../../../testbench/evidence/inspect/addressSpace';
import { inspectDevice } from '../../../../../testbench/evidence/inspect/inspectDevice';
import { Problems } from '../../../../../testbench/evidence/inspect/problems';
import type { DeviceBars, DeviceInspection } from '../../../../../testbench/evidence/inspect/inspection';

/** Copies the current contents of a device's BARs, as a process that maps them would see them. */
export function barsOf(device: AvpDevice): DeviceBars {
  const bar = (number: number): Uint8Array => {
    const address = device.function.barAddress(number);
    return bytes8.slice(address, address + device.function.barBytes(number));
  };
  return { mmio: bar(0), memory: bar(2), memmap: bar(4), device: bar(5) };
}

/** Inspects a device with the host's private records, as from a dump. */
export function inspectWithHost(device: AvpDevice, bars = barsOf(device)): DeviceInspection {
  const problems = new Problems();
  const space = new AddressSpace([{ address: 0, bytes: bytes8 }]);
  return inspectDevice(bars, {
    host: HostRecords.at(space, device.inspect.host.port, problems),
    driverIndex: () => null,
    problems,
  });
}
