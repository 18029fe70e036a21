import { avpDriver, mbufFree, mbufFromBytes, MbufView, Mempool, type Port, type PortConfig } from '../../../driver';
import type { Clock } from '../../../shared/clock';
import type { PciFunction } from '../../../shared/pci';
import { extendedStatsOf } from './extendedStats';
import { takePacket } from './mbufs';
import { furtherUnsupportedOn, unsupportedOn, unsupportedSettingsOn } from './refusals';
import { generatedFrame } from '../generatedFrame';
import { call, control } from '../guestCall';
import type { HostNic } from '../host';
import type {
  ExtendedStats,
  GeneratedForm,
  Guest,
  GuestEvent,
  GuestPort,
  LinkState,
  OutFrame,
  PoolSettings,
  PortInfo,
  PortSettings,
  GuestPortStats,
  QueueState,
  ReceivedPacket,
  Result,
} from '../target';

const TX_POOL: PoolSettings = { mbufs: 512, dataRoomBytes: 9_408 };
const MAX_FRAMES = 256;
/** How often the application offers frames again that were not taken, a millisecond apart. */
const AGAIN_TRIES = 64;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function inUse(pools: readonly Mempool[]): number {
  return sum(pools.map((pool) => pool.size - pool.available));
}

/** A port of our driver with its pools, and an application that makes one burst at a time. */
class AvpGuestPort implements GuestPort {
  private readonly pools = new Map<number | 'tx', Mempool>();
  private readonly out = new Uint32Array(MAX_FRAMES);
  private readonly view = new MbufView();
  /** Mbufs still in use when the port was removed, null before that. */
  private leaked: number | null = null;

  readonly extendedStats: ExtendedStats;
  private readonly received: GuestEvent[] = [];

  constructor(
    private readonly port: Port,
    private readonly number: number,
    private readonly clock: Clock,
  ) {
    this.extendedStats = extendedStatsOf(port);
    port.onEvent((kind, { phase, errno, lostFeatures = [] }) => {
      if (kind !== 'detached' && kind !== 'attached' && kind !== 'migration-failed') return;
      this.received.push({
        kind,
        ...(phase === undefined ? {} : { phase }),
        ...(errno === undefined ? {} : { errno }),
        lostFeatures,
      });
    });
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
    const pools = [...this.pools.values()];
    this.leaked = call(() => inUse(pools));
    if (this.leaked === 0) call(() => pools.forEach((pool) => pool.release()));
  }

  async send(queue: number, frames: readonly OutFrame[]): Promise<number> {
    if (this.leaked !== null) return 0;
    return call(() => this.sendNow(queue, frames));
  }

  private sendNow(queue: number, frames: readonly OutFrame[]): number {
    if (!this.pools.has('tx')) this.pools.set('tx', Mempool.create({ ...TX_POOL, label: `port ${this.number} tx` }));
    const pool = this.pools.get('tx')!;
    const made = frames.slice(0, MAX_FRAMES).map((frame) => this.mbufOf(pool, frame));
    const count = made.includes(0) ? made.indexOf(0) : made.length;
    this.out.set(made.slice(0, count));
    const taken = this.port.txBurst(queue, this.out, count);
    // The application still owns what the driver did not take, and frees it.
    for (const mbuf of made.slice(taken)) mbufFree(mbuf);
    return taken;
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

  private mbufOf(pool: Mempool, { bytes, vlanTci, segmentBytes, claimedBytes }: OutFrame): number {
    const options = {
      ...(vlanTci === undefined ? {} : { vlanTci }),
      ...(segmentBytes === undefined ? {} : { segmentBytes }),
    };
    const mbuf = mbufFromBytes(pool, bytes, options);
    if (mbuf !== 0 && claimedBytes !== undefined) this.view.at(mbuf).pktLen = claimedBytes;
    return mbuf;
  }

  async receive(queue: number, max: number): Promise<ReceivedPacket[]> {
    if (this.leaked !== null) return [];
    return call(() => {
      const count = this.port.rxBurst(queue, this.out, max);
      return Array.from(this.out.subarray(0, count), (mbuf) => takePacket(this.view, mbuf, this.port.address));
    });
  }

  /** Does nothing: this application makes a burst only when it is asked to. */
  async setPaused(): Promise<void> {}

  async stats(): Promise<GuestPortStats> {
    const stats = call(() => this.port.statsGet());
    const counters = await this.counters();
    const filtered = Object.entries(counters).filter(([name]) => name.endsWith('_filtered_mac'));
    return {
      rx: { packets: stats.ipackets, bytes: stats.ibytes, errors: stats.ierrors },
      tx: { packets: stats.opackets, bytes: stats.obytes, errors: stats.oerrors },
      rxNombuf: stats.rxNombuf,
      rxFiltered: sum(filtered.map(([, count]) => count)),
      rxQueues: stats.rx,
      txQueues: stats.tx,
    };
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
    return this.received;
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
    const info = call(() => this.port.infoGet());
    return {
      maxRxQueues: info.maxRxQueues,
      maxTxQueues: info.maxTxQueues,
      minRxBufSize: info.minRxBufferBytes,
      maxRxPktLen: info.maxRxPacketBytes,
      maxMacAddrs: info.macAddresses,
      vlanStrip: info.vlanStrip,
      vlanInsert: info.vlanInsert,
      rxScatter: info.rxScatter,
      txMultiSegs: info.txMultiSegs,
      speedsMbps: info.speedsMbps,
      mtu: info.mtu,
      minMtu: info.minMtu,
      maxMtu: info.maxMtu,
    };
  }

  async mac(): Promise<Uint8Array> {
    return call(() => this.port.macAddrGet());
  }

  async mbufsInUse(): Promise<number> {
    return this.leaked ?? call(() => inUse([...this.pools.values()]));
  }
}

/** A guest whose bus and application call our driver directly. */
export class AvpGuest implements Guest {
  private ports = 0;

  /** @param functionOf returns the PCI function of a plugged device. */
  constructor(
    private readonly clock: Clock,
    private readonly functionOf: (nic: HostNic) => PciFunction,
  ) {}

  async binds(nic: HostNic): Promise<boolean> {
    return call(() => avpDriver.matches(this.functionOf(nic).identity));
  }

  async probe(nic: HostNic): Promise<Result<GuestPort>> {
    const probed = control(() => avpDriver.probe(this.functionOf(nic), { clock: this.clock }));
    return probed.ok ? { ok: true, value: new AvpGuestPort(probed.value, this.ports++, this.clock) } : probed;
  }
}
