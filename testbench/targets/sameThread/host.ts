import { AvpDevice, avpDeviceSettings, IVSHMEM_IDENTITY, VIRTIO_NET_IDENTITY, VirtioNic } from '../../../emulator';
import { ClauseSite } from '../../faults/clauseSite';
import { Faults } from '../../faults/faults';
import { SAME_THREAD_LACKS } from '../../faults/lacking';
import { FrameSource } from '../../traffic/frameSource';
import { extents } from '../../../shared/arena';
import type { VirtualClock } from '../../../shared/clock';
import { MAX_PACKET_BYTES, MIGRATION_DETACHED } from '../../../shared/loops/layout';
import { ACTOR_DRIVER, DRIVER_ONLY } from '../../../shared/loops/rights';
import type { PciFunction, PciIdentity } from '../../../shared/pci';
import { Random } from '../../../shared/random';
import { call } from '../guestCall';
import type { AvpNic, FifoKind, HeldBurst, Host, HostNic, NicSettings, OtherFunction } from '../host';
import { DeviceNic } from '../deviceNic';
import { NicRecorder } from '../nicRecorder';
import { watchedMemory } from '../../../shared/mem/build';
import type { Watcher } from '../../../shared/mem/watched';
import type { WireLog } from '../../evidence/wireLog';

const FIRST_DEVICE_NUMBER = 3;
/** Number of an access in the middle of a burst of several packets. */
const MIDDLE_ACCESS = 40;
/** Shorter than a guest waits for its bursts to end. */
const HOLD_MS = 100;

/** A modern virtio-net NIC. */
const VIRTIO_MODERN_IDENTITY: PciIdentity = { ...VIRTIO_NET_IDENTITY, device: 0x1041, subsystemDevice: 0x1100 };

const IDENTITIES: Readonly<Record<OtherFunction, PciIdentity>> = {
  virtio: VIRTIO_NET_IDENTITY,
  'virtio-modern': VIRTIO_MODERN_IDENTITY,
  ivshmem: IVSHMEM_IDENTITY,
};

/** Runs `body` with a watcher on this thread's memory. @throws Error on a build of `#mem` without watchers. */
async function whileWatched(watcher: Watcher, body: () => Promise<unknown>): Promise<void> {
  if (watchedMemory === null) throw new Error('accesses can be watched on the watched memory only');
  const stopWatching = watchedMemory.addWatcher(watcher);
  try {
    await body();
  } finally {
    stopWatching();
  }
}

/** The host of one clause in this thread. It acts whenever the virtual clock steps. */
export class SameThreadHost implements Host {
  /** AVP devices, in the order in which they were plugged. */
  readonly nics: DeviceNic[] = [];
  readonly faults: Faults;
  private readonly site: ClauseSite;
  private readonly recorders = new Map<DeviceNic, NicRecorder>();
  /** Keyed by what `plug` returned, which may be a recorder's NIC. */
  private readonly deviceNics = new Map<HostNic, DeviceNic>();
  private readonly functions = new Map<HostNic, PciFunction>();
  private readonly random: Random;
  private readonly source: FrameSource;

  constructor(
    private readonly clock: VirtualClock,
    seed: number,
    private readonly log: WireLog | null = null,
  ) {
    this.random = new Random(seed);
    this.site = new ClauseSite({ name: 'a driver in this thread', lacking: SAME_THREAD_LACKS, seed, clock });
    this.faults = new Faults(this.site);
    this.source = new FrameSource('network', MAX_PACKET_BYTES);
    clock.onStep(() => this.nics.forEach((nic) => this.step(nic)));
    // In a step of its own, so that a handler that waits does not stop the host.
    clock.onStep(() =>
      this.nics.forEach((nic) => !nic.interruptsWait && this.dispatch(nic) && this.recorders.get(nic)?.interrupted()),
    );
  }

  plug(settings: NicSettings = {}): AvpNic {
    const device = new AvpDevice({
      name: `nic${this.functions.size}`,
      settings: avpDeviceSettings(settings),
      deviceNumber: this.freeDeviceNumber(),
      clock: this.clock,
      random: this.random.fork(),
    });
    this.site.plugged(device);
    const nic = new DeviceNic(device, this.source, (one) => this.dispatch(one));
    const shown = this.log === null ? nic : this.recorded(nic, this.log);
    this.nics.push(nic);
    this.deviceNics.set(shown, nic);
    this.functions.set(shown, device.function);
    return shown;
  }

  private recorded(nic: DeviceNic, log: WireLog): AvpNic {
    const recorder = new NicRecorder(nic, nic.device, log);
    this.recorders.set(nic, recorder);
    return recorder.nic;
  }

  plugOther(kind: OtherFunction): HostNic {
    const other = new VirtioNic({ name: kind, deviceNumber: this.freeDeviceNumber(), identity: IDENTITIES[kind] });
    const nic = { bdf: other.function.bdf };
    this.functions.set(nic, other.function);
    return nic;
  }

  /** Device numbers repeat: a clause may plug more devices than a bus has room for. */
  private freeDeviceNumber(): number {
    return FIRST_DEVICE_NUMBER + (this.functions.size % (32 - FIRST_DEVICE_NUMBER));
  }

  /** Returns the PCI function of a NIC, as the guest sees it. @throws Error if this host has not plugged the NIC. */
  functionOf(nic: HostNic): PciFunction {
    const found = this.functions.get(nic);
    if (found === undefined) throw new Error(`no device in slot ${nic.bdf}`);
    return found;
  }

  /** Handles a guest that has died without a word: its handler runs no more, and the device forgets it. */
  guestDied(nic: HostNic): void {
    const { device } = this.deviceNicOf(nic);
    device.function.setInterruptHandler(null);
    device.guestDied();
  }

  private step(nic: DeviceNic): void {
    nic.device.step();
    this.recorders.get(nic)?.observe();
  }

  private deviceNicOf(nic: HostNic): DeviceNic {
    const found = this.deviceNics.get(nic);
    if (found === undefined) throw new Error(`no AVP device in slot ${nic.bdf}`);
    return found;
  }

  private dispatch(nic: DeviceNic): boolean {
    return call(() => nic.device.function.present && nic.device.function.dispatchInterrupt());
  }

  guestMemoryInUse(): number {
    return extents()
      .filter(({ rights }) => rights === DRIVER_ONLY)
      .reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async insideBurst(nic: AvpNic, count: number, body: () => Promise<unknown>, turn: () => void): Promise<boolean> {
    const memory = this.deviceNicOf(nic).memoryRange();
    let left = count;
    await whileWatched((_access, address, _bytes, actor) => {
      if (left === 0 || actor !== ACTOR_DRIVER || address < memory.address || address >= memory.address + memory.bytes)
        return;
      left--;
      if (left === 0) turn();
    }, body);
    return left === 0;
  }

  async detachUnderBurst(nic: AvpNic, { frames, burst, until, goesOn }: HeldBurst): Promise<void> {
    for (const frame of frames) nic.deliver(frame);
    this.deviceNicOf(nic).device.step();
    const reached = (): boolean =>
      until === 'answer' ? nic.migration.shutdown : nic.migrationAck === MIGRATION_DETACHED;
    const there = await this.insideBurst(nic, MIDDLE_ACCESS, burst, () => {
      nic.raiseMigration(MIGRATION_DETACHED);
      for (let ms = 0; ms < HOLD_MS && !reached(); ms++) this.passMs(1);
      goesOn(reached());
    });
    if (!there) throw new Error(`the burst ended before access ${MIDDLE_ACCESS}`);
  }

  passMs(durationMs: number): void {
    this.clock.sleepMs(durationMs);
  }

  async watchStores(
    nic: AvpNic,
    kind: FifoKind,
    queue: number,
    body: () => Promise<unknown>,
  ): Promise<('slot' | 'write' | 'read')[]> {
    const stores: ('slot' | 'write' | 'read')[] = [];
    const ring = this.deviceNicOf(nic);
    let last = -1;
    await whileWatched((access, address, _bytes, actor) => {
      if ((access !== 'store' && access !== 'copy') || actor !== ACTOR_DRIVER) return;
      const found = ring.partOf(kind, queue, address);
      // Count the stores of both halves of a slot as one.
      if (found === null || (found.part === 'slot' && found.slot === last)) return;
      last = found.slot;
      stores.push(found.part);
    }, body);
    return stores;
  }
}
