import { rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { actAs } from '#mem';
import { ComputeNode, type Instance } from '../../emulator';
import { HostLine } from '../../emulator/export/uio/hostLine';
import { RealClock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import { parseMac } from '../../shared/ethernet';
import { MIGRATION_ATTACHED, MIGRATION_DETACHED } from '../../shared/loops/layout';
import { ACTOR_HOST } from '../../shared/loops/rights';
import type { FrameBytes } from '../api/traffic';
import { Faults } from '../faults/faults';
import { SERVE_LACKS } from '../faults/lacking';
import { runFaultCommand } from '../faults/lineCommand';
import { addDevices, DevicePlaces, type FaultSite, followBuses, vanishFrom } from '../faults/site';
import { countsText } from '../evidence/deviceReading';
import { makeTemporaryFolder, tidyUp } from '../runtime/tidy';
import { layoutOf, roomForLayouts } from './layouts';
import { nicText, readNic } from './nicReading';
import { Probes } from './probes';
import { ServedNic } from './servedNic';
import { AckWatch } from './waitForAck';

/** Order for a host: the NICs to serve, and seeds. */
export interface ServeOrder {
  readonly nics: readonly string[];
  /** Seed of the first memory layout; null for the default one. */
  readonly layout: number | null;
  readonly seed: number;
}

/** An exported NIC, as the ready line lists it. */
export interface ServedDevice {
  readonly nic: string;
  /** BDF, as in `0000:00:03.0`. */
  readonly slot: string;
  readonly network: string;
  readonly mac: string;
}

/** The reply to a command, which is printed as a line of JSON. */
export type CommandReply = Readonly<Record<string, unknown>>;

/** Polled between the host's steps for the reply to a command; null while there is none. */
export type PendingReply = () => CommandReply | null;

/** The compute node behind an export, with one instance whose guest is in another process. */
export class ServedHost {
  private readonly clock = new RealClock();
  private readonly node: ComputeNode;
  private readonly instance: Instance;
  private readonly probes: Probes;
  private readonly faults: Faults;
  private probed = false;
  private served: ServedNic[];
  /** NICs that were taken out of the export and whose devices still exist. */
  private readonly unplugged: ServedNic[] = [];

  /** @throws UsageError for a bad NIC. */
  constructor({ nics, layout, seed }: ServeOrder) {
    const deviceDefaults = { memoryBarBytes: roomForLayouts(), ...(layout === null ? {} : layoutOf(layout)) };
    this.node = new ComputeNode({ name: 'node', clock: this.clock, seed, deviceDefaults });
    this.instance = this.node.boot('vm', nics, { drivers: [] });
    this.probes = new Probes(seed, this.clock);
    const avp = this.instance.nics.filter(({ device }) => device !== null);
    if (avp.length === 0)
      throw new UsageError('none of the NICs is of the model avp: give at least one --nic net-id=NET,vif-model=avp');
    this.faults = new Faults(this.faultSite(seed));
    this.served = avp.map((nic) => new ServedNic(nic, `nic${nic.index}`, this.clock, this.probes, () => this.probed));
  }

  private faultSite(seed: number): FaultSite {
    const places = new DevicePlaces();
    return {
      name: 'avp serve',
      lacking: SERVE_LACKS,
      seed,
      clock: null,
      nowMs: () => this.clock.nowMs(),
      places,
      vanish: (place) => vanishFrom([this.instance], place),
      guestProcesses: () => [...new Set(this.served.flatMap(({ guestProcess }) => guestProcess ?? []))],
      open: () => {
        addDevices(places, [this.instance]);
        return followBuses(places);
      },
    };
  }

  /** Puts, lists or removes faults. Replies with the one, or with every fault that was put. @throws UsageError */
  fault(words: readonly string[]): CommandReply {
    const found = runFaultCommand(this.faults, words);
    return words[0] === 'list' ? { faults: found } : { ...found[0] };
  }

  /** The devices, each with the arena address of its PCI function. */
  get devices(): readonly { readonly device: ServedDevice; readonly base: number }[] {
    return this.served.map(({ nic, label, device }) => ({
      device: { nic: label, slot: nic.bdf, network: nic.network, mac: nic.mac },
      base: device.function.base,
    }));
  }

  /** Starts to serve the devices, which are exported now; `lines` are the arena addresses of their `uio_line`. */
  begin(lines: readonly number[]): void {
    this.served.forEach((served, index) => (served.line = new HostLine(lines[index]!, served.device)));
  }

  /** Runs one round. Returns true if anything moved. */
  step(): boolean {
    const former = actAs(ACTOR_HOST);
    try {
      let moved = false;
      for (const served of this.served) if (served.step()) moved = true;
      this.node.step();
      return moved;
    } finally {
      actAs(former);
    }
  }

  get hasGuest(): boolean {
    return this.served.some(({ hasGuest }) => hasGuest);
  }

  stats(): CommandReply {
    return { nics: this.served.map(readNic), probes: this.probed ? this.probes.report() : null };
  }

  /** `stats` for people. */
  statsText(): string {
    const probes = this.probed ? [`probes       ${countsText(this.probes.report())}`] : [];
    return [...this.served.flatMap(nicText), ...probes].join('\n');
  }

  /** Detaches one NIC or all. Replies with the guest's acks. @throws UsageError */
  detach(name: string | null): PendingReply {
    const chosen = this.choose(name);
    const busy = chosen.find(({ device }) => device.migration.status === MIGRATION_DETACHED);
    if (busy !== undefined) throw new UsageError(`${busy.label} is detached already: attach it first`);
    for (const { device } of chosen) device.beginDetach();
    return this.acks(chosen, MIGRATION_DETACHED);
  }

  /** Attaches one NIC or all at a host with another memory layout. @throws UsageError, ErrnoError */
  attach(name: string | null, seed: number | null): PendingReply {
    const chosen = this.choose(name);
    const other = chosen.find(({ device }) => device.migration.status !== MIGRATION_DETACHED);
    if (other !== undefined) throw new UsageError(`${other.label} is not detached: detach it first`);
    const drawn = seed ?? this.node.host.random.u32();
    for (const { nic, device } of chosen) {
      device.replaceHost(nic.settingsAt(this.node.host, layoutOf(drawn)));
      device.beginAttach();
    }
    const done = this.acks(chosen, MIGRATION_ATTACHED);
    return () => {
      const reply = done();
      return reply === null ? null : { ...reply, seed: drawn };
    };
  }

  /**
   * Feeds a capture to the guest. Replies after its last frame.
   * @param unfit treatment of frames that can't be played: `refuse` (default) or `skip`.
   * @throws UsageError, CaptureError
   */
  feed(name: string, path: string, unfit?: string): PendingReply {
    const served = this.one(name);
    const before = served.fed;
    const skipped = served.feed(path, unfit);
    return () => (served.isFed ? { nic: served.label, frames: served.fed - before, skipped } : null);
  }

  /**
   * Starts to record what the guest sends, or writes the file and stops. A recording that can't be written goes on, and
   * may then be written to another file.
   * @throws UsageError
   */
  dump(name: string, path: string | null): CommandReply {
    const served = this.one(name);
    const other = this.served.find((one) => one !== served && path !== null && one.isDumpedTo(path));
    if (other !== undefined) throw new UsageError(`${other.label} is being dumped to that file: name another one`);
    const former = served.dumpPath;
    if (former !== null && path !== null && path !== former && !served.isDumpStuck)
      throw new UsageError(`${served.label} is being dumped to ${former}: stop that first with 'dump ${name}'`);
    if (former !== null) {
      served.saveDump(path);
      return { nic: served.label, dumping: false, ...served.endDump() };
    }
    if (path === null) throw new UsageError(`${served.label} is not being dumped: expected dump NIC FILE`);
    served.startDump(path);
    return { nic: served.label, dumping: true };
  }

  /** Sends `perSecond` probe frames a second to the guest from now on; 0 ends it. @throws UsageError */
  probe(name: string, perSecond: number, frameBytes: FrameBytes): CommandReply {
    const served = this.one(name);
    served.probing = perSecond === 0 ? null : this.probes.stream(parseMac(served.nic.mac), perSecond, frameBytes);
    this.probed ||= perSecond > 0;
    return { nic: served.label, perSecond };
  }

  /** Switches reflecting on, so that each frame of the guest goes back to it, or off. @throws UsageError */
  reflect(name: string, on: boolean): CommandReply {
    const served = this.one(name);
    served.reflecting = on;
    return { nic: served.label, reflecting: on };
  }

  /**
   * Keeps rx of a NIC's first queue full with copies of one broadcast frame from now on.
   * @param frameBytes size of the frame; null ends it.
   * @throws UsageError, ErrnoError
   */
  flood(name: string, frameBytes: number | null): CommandReply {
    const served = this.one(name);
    served.floodWith(frameBytes);
    return { nic: served.label, flooding: frameBytes !== null };
  }

  /**
   * Makes a NIC vanish for its guest. `forget` destroys it, once it is no longer exported.
   * @throws UsageError, also if its recording can't be written; then nothing has changed.
   */
  unplug(name: string | null): { readonly reply: CommandReply; readonly bdfs: readonly string[] } {
    const chosen = this.choose(name);
    for (const served of chosen) served.saveDump();
    for (const served of chosen) {
      if (served.dumpPath !== null) served.endDump();
      this.instance.surpriseRemove(served.nic);
    }
    this.served = this.served.filter((served) => !chosen.includes(served));
    this.unplugged.push(...chosen);
    return { reply: { nics: chosen.map(({ label }) => label) }, bdfs: chosen.map(({ nic }) => nic.bdf) };
  }

  forget(): void {
    for (const served of this.unplugged.splice(0)) {
      this.instance.hotUnplug(served.nic);
      served.destroy();
    }
  }

  /** Ends all recordings; the devices end with the process. Replies with the last `stats`. */
  end(): CommandReply {
    this.faults.end();
    const troubles = this.served.flatMap((served) => saveAtEnd(served) ?? []);
    return troubles.length === 0 ? this.stats() : { ...this.stats(), ok: false, error: troubles.join('; ') };
  }

  private acks(chosen: readonly ServedNic[], event: number): PendingReply {
    const watches = chosen.map((served) => new AckWatch(served, event, () => this.clock.nowMs()));
    return () => {
      const done = watches.map((watch) => watch.step()).every((each) => each);
      return done ? { ok: watches.every(({ good }) => good), nics: watches.map((watch) => watch.report()) } : null;
    };
  }

  private choose(name: string | null): readonly ServedNic[] {
    return name === null ? this.served : [this.one(name)];
  }

  private one(name: string): ServedNic {
    const found = this.served.filter((served) => served.isCalled(name));
    if (found.length === 1) return found[0]!;
    const known = this.served.map(({ label }) => label).join(', ') || 'none left';
    throw new UsageError(
      `NIC '${name}' ${found.length === 0 ? 'is unknown' : 'may be several'}: expected one of ${known}, or a slot`,
    );
  }
}

/**
 * Writes the recording of a NIC when the process ends: to its file, or else into the folder for temporary files, because
 * it would be lost.
 * @returns what went wrong; null for nothing.
 */
function saveAtEnd(served: ServedNic): string | null {
  const problem = problemOf(() => served.saveDump());
  if (problem === null) return null;
  let folder = '';
  const worse = problemOf(() => {
    folder = makeTemporaryFolder('avp-serve-');
    served.saveDump(join(folder, `${served.label}.pcapng`));
  });
  if (worse === null) return `${problem}; the recording is ${served.dumpPath}`;
  if (folder !== '') tidyUp(folder, () => rmdirSync(folder));
  return `${problem}; ${worse}; the recording is lost`;
}

function problemOf(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
}
