/** Faults of hot plug (section 16): devices that are not what they should be, and devices that vanish. */
import { load32 } from '#mem';
import { pciFunction } from '../../../shared/abi/records';
import { asHost } from '../../../shared/actors';
import { MIGRATION_DETACHED } from '../../../shared/loops/layout';
import { avpDeviceSettings } from '../../../emulator';
import type { z } from 'zod';
import { decorate, type Undo } from '../decorate';
import { type Fault, fault, type Placed } from '../fault';
import type { FaultyDevice } from '../site';
import { whole } from '../values';
import { accessText, eachAccess } from './registers';
import { isBusy } from './rings';

/** A fault of a device that is there before any driver sees it. */
function plugged<S extends z.ZodRawShape>(
  about: string,
  parameters: S,
  spoil: (place: FaultyDevice, parameters: z.output<z.ZodObject<S>>) => Undo,
): Fault<S> {
  return fault({
    about,
    operation: 'device that is plugged in',
    seam: 'device',
    parameters,
    put: (placed) =>
      placed.eachDevice((place, isNew) =>
        isNew && placed.strikes(place, 'plugged in') ? spoil(place, placed.parameters) : () => {},
      ),
  });
}

/** Overwrites a word of a function's record on the guest's bus. */
function overwrite({ device }: FaultyDevice, field: string, value: number, index = 0): Undo {
  const { offset } = pciFunction.fields.find(({ name }) => name === field)!;
  const former = asHost(() => load32(device.function.base + offset + 4 * index));
  device.tamper.overwrite('pci_function', field, value, { index });
  return () => {
    if (device.function.present) device.tamper.overwrite('pci_function', field, former, { index });
  };
}

const BAR = whole(2, 'number of the BAR: 0, 1, 2, 4 or 5', 0, 5);

/** Makes the device vanish before an operation of either side. */
function vanishing(placed: Placed<object>): Undo {
  const undoAccesses = eachAccess(
    placed,
    ({ place, offset }, read) => {
      vanishAt(placed, place, accessText('read', offset));
      return read();
    },
    ({ place, offset, value }, write) => {
      vanishAt(placed, place, accessText('write', offset));
      write(value);
    },
  );
  const undoDevices = placed.eachDevice((place) => {
    const { device } = place;
    let asked: string | null = null;
    const undo = [
      // A host that is taking a request goes on until its round has ended.
      device.tamper.planAnswers(({ reqId }) => {
        asked = `request ${reqId}`;
        return null;
      }),
      decorate(device, 'step', (_self, next) => {
        next();
        if (asked !== null) vanishAt(placed, place, asked);
        asked = null;
      }),
      decorate(device, 'beginDetach', (_self, next) => {
        vanishAt(placed, place, 'detach event');
        next();
      }),
      decorate(device, 'beginAttach', (_self, next) => {
        vanishAt(placed, place, 'attach event');
        next();
      }),
    ];
    return () => undo.forEach((one) => one());
  });
  return () => {
    undoAccesses();
    undoDevices();
  };
}

function vanishAt(placed: Placed<object>, place: FaultyDevice, what: string): void {
  if (place.device.function.present && placed.strikes(place, what)) placed.site.vanish(place);
}

export const HOTPLUG = {
  'hotplug.surprise-removal': fault({
    about: 'the device vanishes at a step of its life',
    operation: 'access to a register, request, or migration event',
    seam: 'guest',
    parameters: {},
    put: vanishing,
  }),
  'hotplug.removal-under-traffic': fault({
    about: 'the device vanishes while packets are on its rings',
    operation: 'round of the host with entries on rx or tx',
    seam: 'device',
    parameters: {},
    put: (placed) =>
      placed.eachDevice((place) =>
        decorate(place.device, 'step', (_self, next) => {
          next();
          if (isBusy(place)) vanishAt(placed, place, 'round');
        }),
      ),
  }),
  'hotplug.missing-bar': plugged('a BAR is missing', { bar: BAR }, (place, { bar }) => {
    const undo = [overwrite(place, 'bar_bytes', 0, bar), overwrite(place, 'bar_address', 0, bar)];
    return () => undo.forEach((one) => one());
  }),
  'hotplug.short-bar': plugged(
    'a BAR is shorter than what should be in it',
    { bar: BAR, bytes: whole(256, 'its length') },
    (place, { bar, bytes }) => overwrite(place, 'bar_bytes', bytes, bar),
  ),
  'hotplug.foreign-identity': plugged(
    'vendor and device are those of AVP, and the subsystem is that of ivshmem (section 2)',
    {},
    (place) => overwrite(place, 'subsystem_device', 0x1100),
  ),
  'hotplug.detached-at-probe': plugged('the device is being moved when it is probed', {}, ({ device }) => {
    device.tamper.setMigrationStatus(MIGRATION_DETACHED);
    return () => {
      if (device.function.present && device.migration.status === MIGRATION_DETACHED)
        device.tamper.setMigrationStatus(0);
    };
  }),
  'hotplug.host-change': fault({
    about: 'another host takes over without a detach, and announces an attach',
    operation: 'round of the host with entries on rx or tx',
    seam: 'device',
    parameters: {},
    put: (placed) =>
      placed.eachDevice((place) =>
        decorate(place.device, 'step', (device, next) => {
          next();
          if (!isBusy(place) || !placed.strikes(place, 'round')) return;
          device.replaceHost(avpDeviceSettings({ ...device.settings, deviceId: device.settings.deviceId + 1n }));
          device.beginAttach();
        }),
      ),
  }),
} as const;
