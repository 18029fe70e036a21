import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AvpDevice, avpDeviceSettings, IVSHMEM_IDENTITY, VIRTIO_NET_IDENTITY, VirtioNic } from '../../../emulator';
import { type ExportedFunction, ExportTree } from '../../../emulator/export/exportTree';
import { HostLine } from '../../../emulator/export/uio/hostLine';
import { ClauseSite } from '../../faults/clauseSite';
import { Faults } from '../../faults/faults';
import { SERVE_LACKS } from '../../faults/lacking';
import { FrameSource } from '../../traffic/frameSource';
import { RealClock } from '../../../shared/clock';
import { MAX_PACKET_BYTES, MIGRATION_DETACHED } from '../../../shared/loops/layout';
import type { PciFunction } from '../../../shared/pci';
import { Random } from '../../../shared/random';
import { HostLoop, type HostRounds } from '../../peers/dpdk/hostLoop';
import { DpdkNic } from './nic';
import type { AvpNic, HeldBurst, Host, HostNic, NicSettings, OtherFunction } from '../host';
import { peerFolderPrefix } from '../../peers/dpdk/peerFolders';
import { makeTemporaryFolder, tidyUp } from '../../runtime/tidy';
import { EnvironmentFailed, LacksCapability } from '../target';
import { CountedTime, MAX_STRETCH, readThreads, starvedText } from '../../peers/dpdk/countedTime';
import type { LcoreThread } from '../../peers/dpdk/lcoreThread';
import type { WireLog } from '../../evidence/wireLog';

const FOLDER = peerFolderPrefix();
const FIRST_DEVICE_NUMBER = 3;
const LAST_DEVICE_NUMBER = 31;
const POLL_MS = 1;
const SLEEP_MS = 50;
/** Added to the limits on real time, for short waits. */
const SPARE_MS = 1_000;
/** Shorter than the preloaded library holds a thread. */
const HOLD_MS = 1_000;
/** Attempts to hold a burst. Even on an idle machine, one in a few attempts fails. */
const HOLD_TRIES = 200;
/** Room for the memory of any host that takes over a device. */
const MEMORY_BAR_BYTES = 0x200_0000;

const IDENTITIES = {
  virtio: VIRTIO_NET_IDENTITY,
  'virtio-modern': { ...VIRTIO_NET_IDENTITY, device: 0x1041, subsystemDevice: 0x1100 },
  ivshmem: IVSHMEM_IDENTITY,
} as const;

interface Exported {
  readonly exported: ExportedFunction;
  readonly line: HostLine | null;
}

/** The host of one clause in this thread, with devices that guests in other processes map. */
export class DpdkHost implements Host, HostRounds {
  readonly tree: ExportTree;
  readonly clock = new RealClock();
  readonly nics: DpdkNic[] = [];
  private readonly folder = makeTemporaryFolder(FOLDER);
  private readonly functions = new Map<HostNic, PciFunction>();
  private readonly exports = new Map<HostNic, Exported>();
  private loop: HostLoop | null = null;
  private plugged = 0;
  /** Process ids of the guests; set by their owner. */
  guestPids: () => readonly number[] = () => [];
  private world: {
    readonly random: Random;
    readonly source: FrameSource;
    readonly log: WireLog | null;
    readonly site: ClauseSite;
    readonly faults: Faults;
  } | null = null;

  constructor() {
    this.tree = ExportTree.create(join(this.folder, 'tree'));
  }

  /** Begins a clause: devices can be plugged from now on. The arena must be fresh. */
  begin(seed: number, log: WireLog | null): void {
    const { clock } = this;
    const guestProcesses = (): readonly number[] => this.guestPids();
    const site = new ClauseSite({
      name: 'a driver in another process',
      lacking: SERVE_LACKS,
      seed,
      clock,
      guestProcesses,
    });
    const source = new FrameSource('network', MAX_PACKET_BYTES);
    this.world = { random: new Random(seed), source, log, site, faults: new Faults(site) };
    log?.timeBy(() => Number(this.clock.nowNs()));
    this.loop = new HostLoop(this);
  }

  private get begun(): NonNullable<DpdkHost['world']> {
    if (this.world === null) throw new Error('the host has not begun');
    return this.world;
  }

  get faults(): Faults {
    return this.begun.faults;
  }

  plug(settings: NicSettings = {}): AvpNic {
    const { random, source, log } = this.begun;
    const deviceNumber = this.nextDeviceNumber();
    const make = (memoryBarBytes: number): AvpDevice =>
      new AvpDevice({
        name: `nic${this.plugged}`,
        settings: avpDeviceSettings({ memoryBarBytes, ...settings }),
        deviceNumber,
        clock: this.clock,
        random: random.fork(),
      });
    const device = roomiest(make);
    this.begun.site.plugged(device);
    const nic = new DpdkNic(device, source, this, log);
    this.functions.set(nic, nic.device.function);
    this.nics.push(nic);
    return nic;
  }

  plugOther(kind: OtherFunction): HostNic {
    const other = new VirtioNic({ name: kind, deviceNumber: this.nextDeviceNumber(), identity: IDENTITIES[kind] });
    const nic = { bdf: other.function.bdf };
    this.functions.set(nic, withoutBars(other.function));
    return nic;
  }

  private nextDeviceNumber(): number {
    return FIRST_DEVICE_NUMBER + (this.plugged++ % (LAST_DEVICE_NUMBER + 1 - FIRST_DEVICE_NUMBER));
  }

  /** Exports a device to the guests. */
  export(nic: HostNic): void {
    if (this.exports.has(nic)) return;
    const device = this.functions.get(nic);
    if (device === undefined) throw new Error(`no device in slot ${nic.bdf}`);
    const exported = this.tree.add(device);
    const isAvp = nic instanceof DpdkNic;
    this.exports.set(nic, {
      exported,
      line: isAvp ? new HostLine(exported.line, nic.device, () => nic.guestLeaves()) : null,
    });
    if (isAvp) nic.line = exported.line;
  }

  get busy(): boolean {
    return [...this.exports.values()].some(({ line }) => line?.hasGuest === true);
  }

  step(): void {
    for (const [nic, { line }] of this.exports) {
      if (line === null) continue;
      line.step();
      (nic as DpdkNic).device.step();
    }
  }

  /** True while a guest has the device open. */
  hasGuest(nic: HostNic): boolean {
    return this.exports.get(nic)?.line?.hasGuest === true;
  }

  /**
   * Lets the host run until `holds`; false at the limit, in which time without a CPU does not count.
   * @throws EnvironmentFailed where host and guests had hardly any. @throws the error of a round of the host.
   */
  async until(holds: () => boolean, limitMs: number): Promise<boolean> {
    if (holds()) return true;
    for (const time = this.countedTime(); !holds(); await sleep(POLL_MS)) {
      const failure = this.loop?.failure ?? null;
      if (failure !== null) throw failure;
      const { countedMs, totalMs } = time;
      if (countedMs > limitMs) return false;
      if (totalMs > MAX_STRETCH * limitMs + SPARE_MS) throw new EnvironmentFailed(starvedText(totalMs, countedMs));
    }
    return true;
  }

  /** Lets time pass in which host and guests have their CPUs. */
  async sleepMs(durationMs: number): Promise<void> {
    for (
      const time = this.countedTime();
      time.countedMs < durationMs && time.totalMs < MAX_STRETCH * durationMs + SPARE_MS;
    )
      await sleep(Math.min(durationMs, SLEEP_MS));
  }

  private countedTime(): CountedTime {
    return new CountedTime(() => readThreads(this.guestPids()));
  }

  guestMemoryInUse(): number {
    throw new LacksCapability('guest-memory');
  }

  async insideBurst(): Promise<boolean> {
    throw new LacksCapability('turn-inside-burst');
  }

  async detachUnderBurst(nic: AvpNic, { frames, until, goesOn }: HeldBurst): Promise<void> {
    const thread = (nic as DpdkNic).lcore();
    if (thread === null || !thread.canBeHeld) throw new LacksCapability('held-burst');
    const reached = (): boolean =>
      until === 'answer' ? nic.migration.shutdown : nic.migrationAck === MIGRATION_DETACHED;
    try {
      await this.holdInsideBurst(nic, thread, frames);
      nic.raiseMigration(MIGRATION_DETACHED);
      goesOn(await this.until(reached, HOLD_MS));
    } finally {
      thread.release();
    }
  }

  /**
   * Stops the thread after it has taken some of the frames from rx, and before it has taken all. It copies frames nearly
   * all of that time, so it stops inside a burst. On a busy machine it may take all before the signal, or none.
   */
  private async holdInsideBurst(nic: AvpNic, thread: LcoreThread, frames: readonly Uint8Array[]): Promise<void> {
    const taken = (): number => nic.fifo('rx', 0, 'read');
    for (let tries = 0; tries < HOLD_TRIES; tries++) {
      const before = taken();
      for (const frame of frames) nic.deliver(frame);
      this.step();
      thread.hold();
      if (!(await this.until(() => thread.stands, HOLD_MS)))
        throw new Error('the thread of the application does not stand still');
      if (taken() !== before && taken() !== nic.fifo('rx', 0, 'write')) return;
      thread.release();
      await this.until(() => taken() === nic.fifo('rx', 0, 'write'), HOLD_MS);
    }
    throw new EnvironmentFailed(
      `the machine let no signal through while a burst ran, in ${HOLD_TRIES} tries: give the bench two idle CPUs`,
    );
  }

  passMs(): void {
    throw new LacksCapability('turn-inside-burst');
  }

  async watchStores(): Promise<('slot' | 'write' | 'read')[]> {
    throw new LacksCapability('turn-inside-burst');
  }

  async close(): Promise<void> {
    this.world?.faults.end();
    const { loop } = this;
    this.loop = null;
    await loop?.stop().finally(() => this.discard());
    if (loop === null) this.discard();
  }

  private discard(): void {
    tidyUp(this.tree.dir, () => this.tree.close());
    tidyUp(this.folder, () => rmSync(this.folder, { recursive: true, force: true }));
  }
}

/** Hides the BARs, because a driver must reject the device by its identity alone. */
function withoutBars(device: PciFunction): PciFunction {
  return Object.create(device, { barBytes: { value: () => 0 } }) as PciFunction;
}

/** Makes a device with room for another host's memory, or just large enough where its own needs more. */
function roomiest(make: (memoryBarBytes: number) => AvpDevice): AvpDevice {
  try {
    return make(MEMORY_BAR_BYTES);
  } catch {
    return make(0);
  }
}
