import { avpDriver, Mempool, Port, type PortConfig } from '../../../driver';
import type { Clock } from '../../../shared/clock';
import type { PciFunction } from '../../../shared/pci';
import { extendedStatsOf } from './extendedStats';
import { furtherUnsupportedOn, unsupportedOn, unsupportedSettingsOn } from './refusals';
import { AvpBursts } from './bursts';
import { AvpEvents } from './events';
import { MortalClock } from './mortalClock';
import { infoOf, statsOf } from './portReadings';
import { generatedFrame } from '../generatedFrame';
import { call, control } from '../guestCall';
import type { HostNic } from '../host';
import type {
  ExtendedStats,
  GeneratedForm,
  Guest,
  GuestEvent,
  GuestPort,
  HeldPacket,
  LinkEvent,
  LinkState,
  OutFrame,
  PoolSettings,
  PortBursts,
  PortInfo,
  PortSettings,
  GuestPortStats,
  QueueState,
  ReceivedPacket,
  Result,
} from '../target';

/** Number of times that the application offers refused frames again, a millisecond apart. */
const AGAIN_TRIES = 64;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function inUse(pools: readonly Mempool[]): number {
  return sum(pools.map((pool) => pool.size - pool.available));
}

/** A port of our driver with its pools, and an application that makes one burst at a time. */
class AvpGuestPort implements GuestPort {
  private readonly pools = new Map<number, Mempool>();
  private readonly bursts: AvpBursts;
  /** Mbufs still in use when the port was removed, null before that. */
  private leaked: number | null = null;

  readonly extendedStats: ExtendedStats;
  private readonly told: AvpEvents;

  constructor(
    private readonly port: Port,
    private readonly number: number,
    private readonly clock: MortalClock,
    /** Tells the host that the guest has died without a word. */
    private readonly die: () => void,
  ) {
    this.extendedStats = extendedStatsOf(port);
    this.bursts = new AvpBursts(port, `port ${number} tx`);
    this.told = new AvpEvents(port);
  }

  async configure(settings: PortSettings): Promise<Result> {
    const { rxQueues, txQueues, ...rest } = settings;
    const config: PortConfig = { rxQueues, txQueues, ...rest };
    return control(() => this.port.configure(config));
  }

  async setUpRxQueue(queue: number, settings: PoolSettings): Promise<Result> {
    return control(() => {
      const mempool = Mempool.create({ ...settings, label: `port ${this.number} rx queue ${queue}` });
      this.port.rxQueueSetup(queue, { mempool });
      this.pools.get(queue)?.release();
      this.pools.set(queue, mempool);
    });
  }

  async setUpTxQueue(queue: number): Promise<Result> {
    return control(() => this.port.txQueueSetup(queue));
  }

  async start(): Promise<Result> {
    return control(() => this.port.start());
  }

  async stop(): Promise<Result> {
    return control(() => this.port.stop());
  }

  async close(): Promise<Result> {
    const result = control(() => this.port.close());
    if (result.ok) await this.remove();
    return result;
  }

  async remove(): Promise<void> {
    if (this.leaked !== null) return;
    call(() => avpDriver.remove(this.port));
    const pools = this.allPools;
    this.leaked = call(() => inUse(pools));
    if (this.leaked === 0) call(() => pools.forEach((pool) => pool.release()));
  }

  private get allPools(): Mempool[] {
    return [...this.pools.values(), ...this.bursts.pools];
  }

  /** Kills the guest: no driver code runs for the port any more, and its memory and mbufs are gone. */
  async kill(): Promise<void> {
    this.leaked = 0;
    this.clock.kill(this.die);
  }

  async isRemoved(): Promise<boolean> {
    return this.leaked !== null || call(() => this.port.removed);
  }

  async linkEvents(): Promise<readonly LinkEvent[]> {
    return this.told.ofLink;
  }

  async send(queue: number, frames: readonly OutFrame[]): Promise<number> {
    return this.leaked === null ? this.bursts.send(queue, frames) : 0;
  }

  async sendRepeated(queue: number, frame: OutFrame, times: number): Promise<number> {
    return this.leaked === null ? this.bursts.sendRepeated(queue, frame, times) : 0;
  }

  async heldPackets(): Promise<readonly HeldPacket[]> {
    return this.bursts.heldPackets();
  }

  async generate({
    frames,
    frameBytes,
    otherFrameBytes = frameBytes,
    again = false,
    ...chain
  }: GeneratedForm): Promise<number> {
    const [frame, other] = [frameBytes, otherFrameBytes].map((bytes) => ({
      bytes: generatedFrame(this.port.macAddrGet(), bytes),
      ...chain,
    }));
    const all = Array.from({ length: frames }, (_unused, i) => (i % 2 === 0 ? frame! : other!));
    let taken = await this.send(0, all);
    for (let tries = 0; again && taken < frames && tries < AGAIN_TRIES; tries++) {
      this.clock.sleepMs(1);
      taken += await this.send(0, all.slice(taken));
    }
    return taken;
  }

  async receive(queue: number, max: number): Promise<ReceivedPacket[]> {
    return this.leaked === null ? this.bursts.receive(queue, max) : [];
  }

  async secondThread(): Promise<PortBursts> {
    const { address, platform } = this.port;
    return call(() => new AvpBursts(Port.at(address, platform), `port ${this.number} second thread`));
  }

  /** Does nothing: this application makes a burst only when it is asked to. */
  async setPaused(): Promise<void> {}

  async stats(): Promise<GuestPortStats> {
    return call(() => statsOf(this.port));
  }

  async resetStats(): Promise<void> {
    call(() => this.port.statsReset());
  }

  async counters(): Promise<Readonly<Record<string, number>>> {
    return call(() => this.port.xstatsGet());
  }

  async link(): Promise<LinkState> {
    return call(() => this.port.linkGet());
  }

  async setPromiscuous(on: boolean): Promise<Result> {
    return control(() => (on ? this.port.promiscuousEnable() : this.port.promiscuousDisable()));
  }

  async isPromiscuous(): Promise<boolean> {
    return call(() => this.port.promiscuousGet());
  }

  async queueStates(): Promise<{ rx: QueueState[]; tx: QueueState[] }> {
    return call(() => {
      const { rx, tx } = this.port.statsGet();
      return {
        rx: rx.map((_unused, queue) => this.port.queueState('rx', queue)),
        tx: tx.map((_unused, queue) => this.port.queueState('tx', queue)),
      };
    });
  }

  async setAllMulticast(on: boolean): Promise<Result> {
    return control(() => this.port.allmulticastSet(on));
  }

  async setVlanOffload(offload: { readonly strip: boolean; readonly insert: boolean }): Promise<Result> {
    return control(() => this.port.vlanOffloadSet(offload));
  }

  async events(): Promise<readonly GuestEvent[]> {
    return this.told.ofMigrations;
  }

  async unsupported(): Promise<Readonly<Record<string, Result>>> {
    return unsupportedOn(this.port);
  }

  async furtherUnsupported(): Promise<Readonly<Record<string, Result>>> {
    return furtherUnsupportedOn(this.port);
  }

  async unsupportedSettings(): Promise<Readonly<Record<string, Result>>> {
    return unsupportedSettingsOn(this.port);
  }

  async rxQueueCount(queue: number): Promise<Result<number>> {
    return control(() => this.port.rxQueueCount(queue));
  }

  async rxDescriptorDone(queue: number, offset: number): Promise<Result<boolean>> {
    return control(() => this.port.rxDescriptorStatus(queue, offset) === 'done');
  }

  async info(): Promise<PortInfo> {
    return call(() => infoOf(this.port));
  }

  async mac(): Promise<Uint8Array> {
    return call(() => this.port.macAddrGet());
  }

  async mbufsInUse(): Promise<number> {
    return this.leaked ?? call(() => inUse(this.allPools));
  }
}

/** The guest's bus. */
export interface GuestBus {
  /** Returns the PCI function of a plugged device. */
  functionOf(nic: HostNic): PciFunction;
  /** Tells the host that the guest of a device has died without a word. */
  guestDied(nic: HostNic): void;
}

/** A guest whose bus and application call our driver directly. */
export class AvpGuest implements Guest {
  private ports = 0;

  constructor(
    private readonly clock: Clock,
    private readonly bus: GuestBus,
  ) {}

  async binds(nic: HostNic): Promise<boolean> {
    return call(() => avpDriver.matches(this.bus.functionOf(nic).identity));
  }

  async probe(nic: HostNic): Promise<Result<GuestPort>> {
    const clock = new MortalClock(this.clock);
    const probed = control(() => avpDriver.probe(this.bus.functionOf(nic), { clock }));
    if (!probed.ok) return probed;
    const port = new AvpGuestPort(probed.value, this.ports++, clock, () => this.bus.guestDied(nic));
    return { ok: true, value: port };
  }
}
