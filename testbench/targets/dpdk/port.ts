import { parseMac } from '../../../shared/ethernet';
import { hasFailed, hasStarted, infoOf, linkOf, resultOf, wasClosed } from './testpmdOutput';
import { DpdkFrames, type FramesPort } from './frames';
import type { DpdkNic } from './nic';
import { giveSettings, type Offloads, setQueues } from './portSettings';
import type { TestpmdSession, TestpmdArguments } from './testpmdSession';
import { answersTo, FURTHER_UNSUPPORTED, UNSUPPORTED } from './unsupported';
import {
  type GeneratedForm,
  type GuestEvent,
  type GuestPort,
  LacksCapability,
  type LinkState,
  type OutFrame,
  type PoolSettings,
  type PortInfo,
  type PortSettings,
  type GuestPortStats,
  type ReceivedPacket,
  type Result,
} from '../target';

const NO_OFFLOADS: Offloads = { strip: false, insert: false };
const DONE: Result = { ok: true, value: undefined };
/** Bytes of a frame beyond the MTU: header and checksum. */
const FRAME_BYTES = 18;

/** The guest that owns a port, as the port sees it. */
export interface PortOwner {
  settle(): Promise<void>;
  /** Replaces the port's testpmd by one with these arguments, and attaches the device there. */
  replaceSession(port: DpdkPort, args: TestpmdArguments): Promise<TestpmdSession>;
  /** Kills the port's testpmd, and waits until the host has seen that. */
  killed(port: DpdkPort): Promise<void>;
  /** Tells that the driver has detached from the device. */
  released(port: DpdkPort): Promise<void>;
}

/** A port of the real C driver, with testpmd as its application. */
export class DpdkPort implements GuestPort, FramesPort {
  settings: PortSettings = { rxQueues: 1, txQueues: 1 };
  promiscuous = false;
  private readonly frames: DpdkFrames;
  private offloads = NO_OFFLOADS;
  private args: TestpmdArguments;
  /** A configuration has been accepted. */
  private configured = false;
  /** The last configuration was refused. */
  private refused = false;
  private started = false;
  private closed = false;

  constructor(
    readonly nic: DpdkNic,
    public session: TestpmdSession,
    private readonly owner: PortOwner,
  ) {
    this.args = session.args;
    this.frames = new DpdkFrames(this);
    nic.lcore = () => this.session.lcore;
    nic.interruptThread = () => this.session.interruptThread();
  }

  async configure(settings: PortSettings): Promise<Result> {
    if (this.started) throw new LacksCapability('configure-apart');
    if (settings.rxQueues === 0 && settings.txQueues === 0) throw new LacksCapability('zero-queues');
    const former = this.settings;
    this.settings = settings;
    const maxPacketBytes = settings.mtu === undefined ? this.args.maxPacketBytes : settings.mtu + FRAME_BYTES;
    this.args = { ...this.args, maxPacketBytes };
    if (this.configured) await this.configureAgain();
    const result = await this.apply();
    if (result.ok) this.configured = true;
    else this.settings = former;
    return result;
  }

  /** Makes testpmd configure the port at its next start, where no setting has changed. */
  private async configureAgain(): Promise<void> {
    // testpmd changes an MTU with rte_eth_dev_set_mtu(), which the driver does not have.
    if (this.args.maxPacketBytes !== this.session.args.maxPacketBytes) throw new LacksCapability('mtu-change');
    await setQueues(this.session, 'rxq', this.session.queues.rxq);
  }

  /**
   * Applies the settings. testpmd configures a port only when it starts it, so the port is started and
   * stopped again. Another packet or mbuf size takes another testpmd.
   */
  private async apply(): Promise<Result> {
    if (!this.session.serves(this.args)) {
      this.session = await this.owner.replaceSession(this, this.args);
      this.offloads = NO_OFFLOADS;
      this.frames.sessionReplaced();
      if (this.promiscuous) await this.session.ask('set promisc 0 on');
    }
    const { vlanStrip = false, vlanInsert = false } = this.settings;
    const refused = await giveSettings(this.session, this.settings, this.offloads);
    if (refused !== null) return refused;
    this.offloads = { strip: vlanStrip, insert: vlanInsert };
    this.refused = true;
    return this.nic.withoutLinkRequests(async () => {
      const answer = await this.session.ask('port start 0');
      if (!hasStarted(answer)) return resultOf(false, answer);
      await this.session.ask('port stop 0');
      this.refused = false;
      return DONE;
    });
  }

  async setUpRxQueue(queue: number, { dataRoomBytes }: PoolSettings): Promise<Result> {
    if (queue > 0 && dataRoomBytes !== this.args.dataRoomBytes) throw new LacksCapability('pool-per-queue');
    const former = this.args;
    this.args = { ...former, dataRoomBytes };
    if (this.session.serves(this.args)) return DONE;
    const result = await this.apply();
    if (!result.ok) this.args = former;
    return result;
  }

  async setUpTxQueue(): Promise<Result> {
    return DONE;
  }

  async start(): Promise<Result> {
    if (this.started) throw new LacksCapability('repeated-calls');
    // testpmd would configure the port once more after a refusal.
    if (this.refused) throw new LacksCapability('configure-apart');
    const answer = await this.session.ask('port start 0');
    if (!hasStarted(answer)) return resultOf(false, answer);
    this.started = true;
    await this.session.forward(!this.nic.paused);
    return DONE;
  }

  async stop(): Promise<Result> {
    await this.owner.settle();
    await this.session.forward(false);
    await this.seeOwn();
    const answer = await this.session.ask('port stop 0');
    const ok = !hasFailed(answer);
    if (ok) this.started = false;
    else await this.session.forward(!this.nic.paused);
    return resultOf(ok, answer);
  }

  async close(): Promise<Result> {
    if (this.closed) return DONE;
    await this.quieten();
    const answer = await this.session.ask('port close 0');
    if (!wasClosed(answer)) return resultOf(false, answer);
    this.closed = true;
    // testpmd's bus still holds the function. It is detached before the session takes a device again.
    await this.owner.released(this);
    return DONE;
  }

  async remove(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.quieten();
    await this.session.ask(`device detach ${this.nic.bdf}`);
    await this.owner.released(this);
  }

  private async quieten(): Promise<void> {
    // Frames that the application has not asked for go with the port.
    if (this.started) await this.owner.settle();
    this.nic.traffic.dropEchoes();
    await this.session.forward(false);
    if (this.started) await this.session.ask('port stop 0');
    this.started = false;
    this.nic.paused = false;
  }

  async send(queue: number, frames: readonly OutFrame[]): Promise<number> {
    return this.closed || !this.started ? 0 : this.frames.send(queue, frames);
  }

  async generate(form: GeneratedForm): Promise<number> {
    return this.closed || !this.started ? 0 : this.frames.generate(form);
  }

  async receive(queue: number, max: number): Promise<ReceivedPacket[]> {
    return this.closed || !this.started ? [] : this.frames.receive(queue, max);
  }

  async setPaused(paused: boolean): Promise<void> {
    if (paused) await this.owner.settle();
    this.nic.paused = paused;
    if (this.started) await this.session.forward(!paused);
  }

  stats(): Promise<GuestPortStats> {
    return this.frames.stats();
  }

  resetStats(): Promise<void> {
    return this.frames.resetStats();
  }

  settle(): Promise<void> {
    return this.owner.settle();
  }

  async counters(): Promise<Readonly<Record<string, number>>> {
    throw new LacksCapability('drop-causes');
  }

  async link(): Promise<LinkState> {
    return linkOf(await this.session.info());
  }

  async setPromiscuous(on: boolean): Promise<Result> {
    await this.session.ask(`set promisc 0 ${on ? 'on' : 'off'}`);
    this.promiscuous = on;
    this.nic.seesAll = false;
    return DONE;
  }

  async isPromiscuous(): Promise<boolean> {
    await this.seeOwn();
    return (await this.session.info())['Promiscuous mode'] === 'enabled';
  }

  /** Ends a promiscuous mode that only the bench needs. */
  private async seeOwn(): Promise<void> {
    const { nic, session, promiscuous } = this;
    if (nic.seesAll && !promiscuous) await session.ask('set promisc 0 off');
    nic.seesAll = false;
  }

  async linkEvents(): Promise<never> {
    throw new LacksCapability('link-events');
  }

  async isRemoved(): Promise<never> {
    throw new LacksCapability('removal-query');
  }

  async secondThread(): Promise<never> {
    throw new LacksCapability('second-thread');
  }

  async kill(): Promise<void> {
    this.closed = true;
    this.started = false;
    await this.owner.killed(this);
    // Packets that the application had received, and was not asked for, have gone with it.
    this.nic.traffic.dropEchoes();
    this.nic.paused = false;
    this.nic.given = this.nic.returned;
  }

  async queueStates(): Promise<never> {
    throw new LacksCapability('queue-states');
  }

  async setAllMulticast(on: boolean): Promise<Result> {
    const answer = await this.session.ask(`set allmulti 0 ${on ? 'on' : 'off'}`);
    return resultOf(!hasFailed(answer), answer);
  }

  async setVlanOffload({ strip, insert }: { readonly strip: boolean; readonly insert: boolean }): Promise<Result> {
    if (insert !== this.offloads.insert && !strip) throw new LacksCapability('tag-per-frame');
    await this.owner.settle();
    const answer = await this.session.ask(`vlan set strip ${strip ? 'on' : 'off'} 0`);
    const ok = !hasFailed(answer);
    if (ok) this.offloads = { ...this.offloads, strip };
    return resultOf(ok, answer);
  }

  async events(): Promise<readonly GuestEvent[]> {
    throw new LacksCapability('migration-events');
  }

  async unsupported(): Promise<Readonly<Record<string, Result>>> {
    return answersTo(this.session, UNSUPPORTED);
  }

  async furtherUnsupported(): Promise<Readonly<Record<string, Result>>> {
    return answersTo(this.session, FURTHER_UNSUPPORTED);
  }

  async unsupportedSettings(): Promise<never> {
    throw new LacksCapability('refused-settings');
  }

  get extendedStats(): never {
    throw new LacksCapability('xstats-by-id');
  }

  async rxQueueCount(): Promise<never> {
    throw new LacksCapability('queue-depth');
  }

  async rxDescriptorDone(): Promise<never> {
    throw new LacksCapability('queue-depth');
  }

  async info(): Promise<PortInfo> {
    const info = await this.session.info();
    const rx = await this.session.ask('show port 0 rx_offload capabilities');
    const tx = await this.session.ask('show port 0 tx_offload capabilities');
    const device = await this.session.ask(`show device info ${this.nic.bdf}`);
    return infoOf(info, rx, tx, device);
  }

  async mac(): Promise<Uint8Array> {
    return parseMac((await this.session.info())['MAC address']?.toLowerCase() ?? '');
  }

  async heldPackets(): Promise<never> {
    throw new LacksCapability('shared-mbufs');
  }

  async sendRepeated(): Promise<never> {
    throw new LacksCapability('shared-mbufs');
  }

  async mbufsInUse(): Promise<number> {
    await this.owner.settle();
    return this.session.mbufsInUse();
  }
}
