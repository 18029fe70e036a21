import { AvpDevice, type Instance, PciBus } from '../../emulator';
import type { VirtualClock } from '../../shared/clock';
import { decorate, type Undo } from './decorate';

/**
 * Seams at which faults are put. `device`: the host's side of an AVP device. `guest`: the guest's driver, in the
 * bench's own thread. `clock`: the virtual clock of host and guest. `process`: guests that are processes.
 */
export type Seam = 'device' | 'guest' | 'clock' | 'process';

/** An AVP device on which faults are put. */
export interface FaultyDevice {
  /** Name in reports, and for the parameter `nic`: that of the device. */
  readonly name: string;
  readonly device: AvpDevice;
  /** The guest's bus, null where the bench gives the device to its driver itself. */
  readonly bus: PciBus | null;
}

/** @param isNew no driver has seen the device yet. */
export type Visit = (place: FaultyDevice, isNew: boolean) => Undo;

/** The devices of a site. Keeps for each visitor what undoes its visit of each device. */
export class DevicePlaces {
  private readonly places = new Map<AvpDevice, FaultyDevice>();
  private readonly visits = new Map<Visit, Map<AvpDevice, Undo>>();

  /** Adds a device. Does nothing the second time. */
  add(device: AvpDevice, bus: PciBus | null, isNew: boolean): void {
    if (this.places.has(device)) return;
    const place = { name: device.name, device, bus };
    this.places.set(device, place);
    for (const [visit, undo] of this.visits) undo.set(device, visit(place, isNew));
  }

  /** Forgets a device that has left its bus. */
  remove(device: AvpDevice): void {
    this.places.delete(device);
    for (const undo of this.visits.values()) {
      undo.get(device)?.();
      undo.delete(device);
    }
  }

  get all(): readonly FaultyDevice[] {
    return [...this.places.values()];
  }

  /** Calls `visit` for each device, present or to come. The returned function undoes all visits. */
  each(visit: Visit): Undo {
    const own: Visit = (place, isNew) => visit(place, isNew);
    const undo = new Map<AvpDevice, Undo>();
    this.visits.set(own, undo);
    for (const [device, place] of this.places) undo.set(device, own(place, false));
    return () => {
      this.visits.delete(own);
      for (const one of undo.values()) one();
      undo.clear();
    };
  }
}

/** Follows the devices that come to and go from the buses of this thread. */
export function followBuses(places: DevicePlaces): Undo {
  const undoPlug = decorate(PciBus.prototype, 'plug', (bus, next, owner) => {
    if (owner instanceof AvpDevice) places.add(owner, bus, true);
    return next(owner);
  });
  const undoUnplug = decorate(PciBus.prototype, 'unplug', (bus, next, bdf) => {
    next(bdf);
    for (const { device, bus: at } of places.all) if (at === bus && device.function.bdf === bdf) places.remove(device);
  });
  return () => {
    undoPlug();
    undoUnplug();
  };
}

/** A place where faults can be put: a bench, a served host, the host of a clause. */
export interface FaultSite {
  /** Name of the site in messages, such as `mode threads`. */
  readonly name: string;
  /** Why it lacks some seams. */
  readonly lacking: Readonly<Partial<Record<Seam, string>>>;
  /** Seed of the random choices that faults make. */
  readonly seed: number;
  /** Present and null only where the site lacks the seam `clock`. */
  readonly clock: VirtualClock | null;
  /** The site's time. */
  nowMs(): number;
  readonly places: DevicePlaces;
  /** Makes a device vanish, and takes it off its network, where it is on one. */
  vanish(place: FaultyDevice): void;
  /** Processes of guests, where the site has the seam `process`. */
  guestProcesses?(): readonly number[];
  /** Called when the first fault is put, and undone after the last one. */
  open(): Undo;
}

/** Makes a device of one of these instances vanish as its network sees it too. */
export function vanishFrom(instances: readonly Instance[], { device, bus }: FaultyDevice): void {
  if (!device.function.present) return;
  const instance = instances.find((one) => one.bus === bus);
  const nic = instance?.nics.find((one) => one.device === device);
  if (instance === undefined || nic === undefined) device.surpriseRemove();
  else instance.surpriseRemove(nic);
}

/** Adds the devices that instances have already. */
export function addDevices(places: DevicePlaces, instances: readonly Instance[]): void {
  for (const { nics, bus } of instances)
    for (const { device } of nics) if (device !== null) places.add(device, bus, false);
}
