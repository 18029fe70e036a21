import { expect } from 'chai';
import type { MigrationNote } from '../../../../emulator/device/migration/migrationState';
import type { AvpDeviceSettings, DeepPartial } from '../../../../emulator/device/settings';
import * as abi from '../../../../shared/loops/layout';
import { frame, makeBench, type Bench } from './bench';
import type { ConfigFields, Ring } from './guest';

export const TRAFFIC_RINGS = ['tx', 'rx', 'alloc', 'free'] as const satisfies readonly Ring[];
export const ALL_RINGS = [...TRAFFIC_RINGS, 'req', 'resp'] as const satisfies readonly Ring[];
export interface MigrationBench extends Bench {
  /** The device's migration notes, each as `what value`. */
  readonly notes: string[];
  /** The statuses that the guest's interrupt handler has read. */
  readonly seen: number[];
}

/** A bench with a configured guest whose link is up. The guest notes migration events, and a test answers them. */
export function bound(settings: DeepPartial<AvpDeviceSettings> = {}, fields: ConfigFields = {}): MigrationBench {
  const bench = makeBench(settings);
  const { device, guest } = bench;
  const seen: number[] = [];
  const notes: string[] = [];
  device.function.setInterruptHandler(() => {
    if (guest.interruptStatus() === abi.INTERRUPT_MIGRATION) seen.push(guest.migrationStatus);
  });
  guest.setMask(abi.INTERRUPT_MASK_ALL);
  guest.configure(fields);
  device.inspect.onMigration(({ what, value }: MigrationNote) => notes.push(`${what} ${value}`));
  return { ...bench, notes, seen };
}

/** Returns the packets that were lost at the detach in each direction, and those that were dropped while detached. */
export function lost({ device }: Bench): { readonly rx: number; readonly tx: number; readonly detached: number } {
  const { toGuest, fromGuest } = device.inspect.stats();
  return {
    rx: toGuest.dropped['lostAtDetach'],
    tx: fromGuest.dropped['lostAtDetach'],
    detached: toGuest.dropped['detached'],
  };
}

export function counts({ device }: Bench): Readonly<Record<string, number>> {
  return device.inspect.stats().migration;
}

/** Expects that one packet passes each way. */
export function expectTraffic({ device, guest, deliver, sent }: Bench): void {
  while (guest.receiveAndFree() !== null);
  deliver(frame(60, 9));
  device.step();
  expect(guest.receiveAndFree()!.bytes).to.deep.equal(frame(60, 9));
  const before = sent.length;
  guest.transmit(frame(70, 9));
  device.step();
  expect(sent.slice(before)).to.deep.equal([frame(70, 9)]);
}
