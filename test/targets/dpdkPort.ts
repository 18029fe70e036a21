import { parseMac } from '../../shared/ethernet';
import { MAX_PACKET_BYTES } from '../../shared/layout';
import { resultOf, statsOf, type Share } from './dpdkAnswers';
import type { DpdkNic } from './dpdkNic';
import type { DpdkSeat, SeatArguments } from './dpdkSeat';
import {
  type GuestEvent,
  type GuestPort,
  LacksCapability,
  type LinkState,
  type OutFrame,
  type PoolSettings,
  type PortInfo,
  type PortSettings,
  type PortStats,
  type ReceivedPacket,
  type Result,
} from './target';

const DONE: Result = { ok: true, value: undefined };
/** Frames on their way at a time: fewer than the smallest rings hold. */
const WINDOW = 6;
/** Behind a frame's MTU: header and checksum. */
const FRAME_BYTES = 18;
/** It shows the MAC address of what it has started. */
const STARTED = /^Port 0: (?:[0-9A-F]{2}:){5}/m;
const NOTHING: Share = { packets: 0, bytes: 0 };

function plus({ packets, bytes }: Share, frames: readonly Uint8Array[]): Share {
  return { packets: packets + frames.length, bytes: bytes + frames.reduce((sum, frame) => sum + frame.length, 0) };
}

/** What a port wants of the guest that it is in. */
export interface PortHome {
  settle(): Promise<void>;
  /** A testpmd with these arguments that has taken the device; the former one is gone. */
  reseat(port: DpdkPort, args: SeatArguments): Promise<DpdkSeat>;
  /** The driver has let go of the device. */
  left(port: DpdkPort): void;
}

/** A port of the real C driver, and testpmd as its application. */
export class DpdkPort implements GuestPort {
  private settings: PortSettings = { rxQueues: 1, txQueues: 1 };
  private offloads = { vlan_strip: false, vlan_insert: false };
  private args: SeatArguments;
  private promiscuous = false;
  private started = false;
  private closed = false;
  private forSending = NOTHING;
  private forReceiving = NOTHING;

  constructor(
    readonly nic: DpdkNic,
    public seat: DpdkSeat,
    private readonly home: PortHome,
  ) {
    this.args = seat.args;
    nic.seeOwnOnly = () => this.seeOwnOnly();
  }

  async configure(settings: PortSettings): Promise<Result> {
    if (this.started) throw new LacksCapability('configure-apart');
    // testpmd itself ends with an error where it could forward nothing.
    if (settings.rxQueues === 0 || settings.txQueues === 0) throw new LacksCapability('queue-choice');
    this.settings = settings;
    const maxPacketBytes = settings.mtu === undefined ? this.args.maxPacketBytes : settings.mtu + FRAME_BYTES;
    this.args = { ...this.args, maxPacketBytes };
    return this.apply();
  }

  /**
   * testpmd configures a port only when it starts it; so it is started, and stopped again. Another
   * size of packets or mbufs takes another testpmd.
   */
  private async apply(): Promise<Result> {
    if (!this.seat.serves(this.args)) {
      this.seat = await this.home.reseat(this, this.args);
      this.offloads = { vlan_strip: false, vlan_insert: false };
    }
    const refused = await this.applySettings();
    if (refused !== null) return refused;
    return this.nic.withoutLinkRequests(async () => {
      const answer = await this.seat.ask('port start 0');
      if (!STARTED.test(answer)) return resultOf(false, answer);
      await this.seat.ask('port stop 0');
      return DONE;
    });
  }

  async setUpRxQueue(queue: number, { dataRoomBytes }: PoolSettings): Promise<Result> {
    if (queue > 0 && dataRoomBytes !== this.args.dataRoomBytes) throw new LacksCapability('pool-per-queue');
    this.args = { ...this.args, dataRoomBytes };
    return this.seat.serves(this.args) ? DONE : this.apply();
  }

  async setUpTxQueue(): Promise<Result> {
    return DONE;
  }

  async start(): Promise<Result> {
    if (this.started) throw new LacksCapability('queue-set-up-apart');
    const answer = await this.seat.ask('port start 0');
    if (!STARTED.test(answer)) return resultOf(false, answer);
    this.started = true;
    await this.seat.ask(`set promisc 0 ${this.promiscuous ? 'on' : 'off'}`);
    this.nic.seesAll = false;
    await this.seat.forward(true);
    return DONE;
  }

  private async applySettings(): Promise<Result | null> {
    const { rxQueues, txQueues, vlanStrip = false, vlanInsert = false } = this.settings;
    for (const [name, count] of [['rxq', rxQueues], ['txq', txQueues]] as const) {
      if (this.seat.queues[name] === count) continue;
      const answer = await this.seat.ask(`port config all ${name} ${count}`);
      if (/can't be greater than/.test(answer)) return resultOf(false, answer);
      this.seat.queues[name] = count;
    }
    if (this.offloads.vlan_strip !== vlanStrip) await this.seat.ask(`port config 0 rx_offload vlan_strip ${vlanStrip ? 'on' : 'off'}`);
    if (this.offloads.vlan_insert !== vlanInsert) await this.seat.ask(`port config 0 tx_offload vlan_insert ${vlanInsert ? 'on' : 'off'}`);
    this.offloads = { vlan_strip: vlanStrip, vlan_insert: vlanInsert };
    await this.seat.ask(`set verbose ${vlanStrip ? 1 : 0}`);
    return null;
  }

  async stop(): Promise<Result> {
    await this.home.settle();
    await this.seat.forward(false);
    const answer = await this.seat.ask('port stop 0');
    const ok = !/fail|error|ret=-/i.test(answer);
    if (ok) this.started = false;
    else await this.seat.forward(true);
    return resultOf(ok, answer);
  }

  async close(): Promise<Result> {
    if (this.closed) return DONE;
    await this.quieten();
    const answer = await this.seat.ask('port close 0');
    if (!/is closed/.test(answer)) return resultOf(false, answer);
    this.closed = true;
    const detached = await this.seat.ask(`device detach ${this.nic.slot}`);
    this.home.left(this);
    return resultOf(/is detached/.test(detached), detached);
  }

  async remove(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.quieten();
    await this.seat.ask(`device detach ${this.nic.slot}`);
    this.home.left(this);
  }

  private async quieten(): Promise<void> {
    // What the application has not asked for goes with the port.
    if (this.started) await this.home.settle();
    this.nic.dropEchoes();
    await this.seat.forward(false);
    if (this.started) await this.seat.ask('port stop 0');
    this.started = false;
  }

  async send(queue: number, frames: readonly OutFrame[]): Promise<number> {
    if (this.closed || !this.started) return 0;
    this.oneQueueOnly(queue);
    // What a detached driver takes shows only to who makes the burst.
    if (this.nic.migration.released) throw new LacksCapability('burst-choice');
    if (frames.some(({ vlanTci }) => vlanTci !== undefined)) throw new LacksCapability('tag-per-frame');
    const { maxRxPacketBytes } = this.nic.settings;
    const longest = Math.min(maxRxPacketBytes, MAX_PACKET_BYTES);
    const oddForm = ({ bytes, segmentBytes, claimedBytes }: OutFrame): boolean =>
      segmentBytes !== undefined || claimedBytes !== undefined || bytes.length < 14 || bytes.length > longest;
    if (frames.some(oddForm)) throw new LacksCapability('mbuf-forms');
    await this.home.settle();
    await this.seeAll();
    await this.sendAll(frames.map(({ bytes }) => bytes));
    return frames.length;
  }

  private async sendAll(frames: readonly Uint8Array[]): Promise<void> {
    const { nic } = this;
    nic.sending = true;
    try {
      for (let sent = 0; sent < frames.length; sent += WINDOW) {
        const window = frames.slice(sent, sent + WINDOW);
        const before = nic.returned;
        window.forEach((frame) => nic.inject(frame));
        await this.home.settle();
        this.forSending = plus(this.forSending, window.slice(0, nic.returned - before));
      }
    } finally {
      nic.sending = false;
    }
  }

  /** Frames of the guest itself are to another station, and it has to receive them first. */
  private async seeAll(): Promise<void> {
    if (this.promiscuous || this.nic.seesAll) return;
    await this.seat.ask('set promisc 0 on');
    this.nic.seesAll = true;
  }

  private async seeOwnOnly(): Promise<void> {
    if (!this.promiscuous) await this.seat.ask('set promisc 0 off');
    this.nic.seesAll = false;
  }

  /** Which queue a frame came by shows nowhere. */
  private oneQueueOnly(queue: number): void {
    if (queue !== 0 || this.settings.rxQueues !== 1) throw new LacksCapability('queue-choice');
  }

  async receive(queue: number, max: number): Promise<ReceivedPacket[]> {
    if (this.closed || !this.started) return [];
    this.oneQueueOnly(queue);
    await this.home.settle();
    const frames = this.nic.echoed.splice(0, max);
    this.forReceiving = plus(this.forReceiving, frames);
    const tags = this.offloads.vlan_strip ? this.tagsOf(frames) : [];
    return frames.map((bytes, index) => ({
      bytes,
      vlanTci: tags[index]?.tci ?? null,
      vlanStripped: tags[index]?.stripped ?? false,
      segments: [bytes.length],
      pktLen: bytes.length,
      nbSegs: 1,
      fromThisPort: true,
    }));
  }

  /** What testpmd showed of each frame when it received it; those that it was to send are among them. */
  private tagsOf(frames: readonly Uint8Array[]): { tci: number | null; stripped: boolean }[] {
    const shown = this.seat.takePackets().filter(({ direction }) => direction === 'received');
    let at = 0;
    return frames.map((frame) => {
      while (at < shown.length && shown[at]!.length !== frame.length) at++;
      const packet = shown[at++];
      return { tci: packet?.vlanTci ?? null, stripped: packet?.flags.includes('RTE_MBUF_F_RX_VLAN_STRIPPED') ?? false };
    });
  }

  async stats(): Promise<PortStats> {
    await this.home.settle();
    this.forReceiving = plus(this.forReceiving, []);
    const stats = await this.seat.stats();
    return statsOf(stats, await this.seat.xstats(), this.forSending, plus(this.forReceiving, this.nic.echoed));
  }

  async resetStats(): Promise<void> {
    await this.home.settle();
    await this.seat.ask('clear port stats 0');
    await this.seat.ask('clear port xstats 0');
    this.forSending = NOTHING;
    // What was received already and not asked for yet is counted once it is asked for.
    const waiting = plus(NOTHING, this.nic.echoed);
    this.forReceiving = { packets: -waiting.packets, bytes: -waiting.bytes };
  }

  async counters(): Promise<Readonly<Record<string, number>>> {
    throw new LacksCapability('drop-causes');
  }

  async link(): Promise<LinkState> {
    const info = await this.seat.info();
    const [, speed, unit] = /^(\d+) ([GM])bps/.exec(info['Link speed'] ?? '') ?? [];
    return {
      up: info['Link status'] === 'up',
      speedMbps: Number(speed ?? 0) * (unit === 'G' ? 1_000 : 1),
      fullDuplex: info['Link duplex'] === 'full-duplex',
    };
  }

  async setPromiscuous(on: boolean): Promise<Result> {
    await this.seat.ask(`set promisc 0 ${on ? 'on' : 'off'}`);
    this.promiscuous = on;
    this.nic.seesAll = false;
    return DONE;
  }

  async setVlanOffload({ strip, insert }: { readonly strip: boolean; readonly insert: boolean }): Promise<Result> {
    if (insert !== this.offloads.vlan_insert && !strip) throw new LacksCapability('tag-per-frame');
    await this.home.settle();
    const answer = await this.seat.ask(`vlan set strip ${strip ? 'on' : 'off'} 0`);
    const ok = !/fail|error|ret=-/i.test(answer);
    if (ok) this.offloads.vlan_strip = strip;
    await this.seat.ask(`set verbose ${strip ? 1 : 0}`);
    return resultOf(ok, answer);
  }

  async events(): Promise<readonly GuestEvent[]> {
    throw new LacksCapability('migration-events');
  }

  async unsupported(): Promise<Readonly<Record<string, Result>>> {
    throw new LacksCapability('refusals');
  }

  async info(): Promise<PortInfo> {
    const info = await this.seat.info();
    const number = (name: string): number => Number(info[name] ?? Number.NaN);
    const rx = await this.seat.ask('show port 0 rx_offload capabilities');
    const tx = await this.seat.ask('show port 0 tx_offload capabilities');
    return {
      maxRxQueues: number('Max possible RX queues'),
      maxTxQueues: number('Max possible TX queues'),
      minRxBufSize: number('Minimum size of RX buffer'),
      maxRxPktLen: number('Maximum configurable length of RX packet'),
      maxMacAddrs: number('Maximum number of MAC addresses'),
      vlanStrip: rx.includes('VLAN_STRIP'),
      vlanInsert: tx.includes('VLAN_INSERT'),
    };
  }

  async mac(): Promise<Uint8Array> {
    return parseMac((await this.seat.info())['MAC address']?.toLowerCase() ?? '');
  }

  async mbufsInUse(): Promise<number> {
    throw new LacksCapability('mbuf-balance');
  }
}
