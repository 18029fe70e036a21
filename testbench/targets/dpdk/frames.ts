import { MAX_PACKET_BYTES, REQ_CONFIG, REQ_LINK } from '../../../shared/loops/layout';
import { addedStats, hasStarted, shownStats, withoutShares } from './answers';
import type { DpdkNic } from './nic';
import type { DpdkSeat } from './seat';
import type { Echo, Purpose } from './traffic';
import {
  type GeneratedForm,
  LacksCapability,
  type OutFrame,
  type PortSettings,
  type PortStats,
  type ReceivedPacket,
} from '../target';

/** Frames on their way at a time: fewer than the smallest rings hold. */
const WINDOW = 6;
const STRIPPED = 'RTE_MBUF_F_RX_VLAN_STRIPPED';

/** What it takes of the port whose frames these are. */
export interface FramesPort {
  readonly nic: DpdkNic;
  readonly seat: DpdkSeat;
  readonly settings: PortSettings;
  readonly promiscuous: boolean;
  settle(): Promise<void>;
}

function packetOf({ bytes, length, shown }: Echo): ReceivedPacket {
  return {
    bytes: bytes ?? new Uint8Array(0),
    vlanTci: shown?.vlanTci ?? null,
    vlanStripped: shown?.flags.includes(STRIPPED) ?? false,
    segments: [length],
    pktLen: length,
    nbSegs: shown?.segments ?? 1,
    fromThisPort: true,
  };
}

/** Frames with the same tag, in their order. */
function runsOf(frames: readonly OutFrame[]): OutFrame[][] {
  const runs: OutFrame[][] = [];
  for (const frame of frames) {
    const last = runs.at(-1);
    if (last !== undefined && last[0]!.vlanTci === frame.vlanTci) last.push(frame);
    else runs.push([frame]);
  }
  return runs;
}

/** The frame as it has to come in, so that it goes out as it is after its two addresses have changed places. */
function turnedRound(frame: Uint8Array): Uint8Array {
  const turned = frame.slice();
  turned.set(frame.subarray(6, 12), 0);
  turned.set(frame.subarray(0, 6), 6);
  return turned;
}

/** Frames through a testpmd that sends each one back, and what its port counts of them. */
export class DpdkFrames {
  /** Counted before testpmd set the queues up anew for the bench's sake. */
  private carried: PortStats | null = null;
  /** The device's activity when notice was taken of it last. */
  private lookedAt = -1;
  /** What testpmd puts in where frames are to have a tag; 0 at its start. */
  private tag = 0;

  constructor(private readonly port: FramesPort) {
    port.nic.beforeHeld = () => this.beforeHeld();
  }

  async send(queue: number, frames: readonly OutFrame[]): Promise<number> {
    const { nic } = this.port;
    const fifo = this.fifoOf(queue);
    // What a detached driver takes shows only to who makes the burst.
    if (nic.migration.released) throw new LacksCapability('burst-choice');
    this.checkForms(frames);
    await this.port.settle();
    await this.look('receive');
    await nic.traffic.during('send', async () => {
      for (const run of runsOf(frames)) await this.sendRun(fifo, run);
      await this.look('send');
    });
    return frames.length;
  }

  private checkForms(frames: readonly OutFrame[]): void {
    const longest = Math.min(this.port.nic.settings.maxRxPacketBytes, MAX_PACKET_BYTES);
    const isOdd = ({ bytes, segmentBytes, claimedBytes }: OutFrame): boolean =>
      segmentBytes !== undefined || claimedBytes !== undefined || bytes.length < 14 || bytes.length > longest;
    if (frames.some(isOdd)) throw new LacksCapability('mbuf-forms');
    const { vlanInsert = false } = this.port.settings;
    // To ask for a tag is to configure the offload, and testpmd takes the number of a VLAN alone.
    const cannotTag = ({ vlanTci = 0 }: OutFrame): boolean => vlanTci > 0xfff || !vlanInsert;
    if (frames.some((frame) => frame.vlanTci !== undefined && cannotTag(frame)))
      throw new LacksCapability('tag-per-frame');
  }

  private async sendRun(fifo: number, run: readonly OutFrame[]): Promise<void> {
    const { seat } = this.port;
    const tci = run[0]!.vlanTci;
    const frames = run.map(({ bytes }) => (tci === undefined ? bytes : turnedRound(bytes)));
    await this.seeAll();
    if (tci === undefined) return this.inject(fifo, frames);
    await this.retag(tci);
    await seat.turnRound(true);
    await this.inject(fifo, frames);
    await seat.turnRound(false);
  }

  private async inject(fifo: number, frames: readonly Uint8Array[]): Promise<void> {
    for (let sent = 0; sent < frames.length; sent += WINDOW) {
      for (const frame of frames.slice(sent, sent + WINDOW)) this.port.nic.inject(frame, fifo);
      await this.port.settle();
    }
  }

  /** Frames of the guest itself are to another station, and it has to receive them first. */
  private async seeAll(): Promise<void> {
    const { nic, seat, promiscuous } = this.port;
    if (promiscuous || nic.seesAll) return;
    await seat.ask('set promisc 0 on');
    nic.seesAll = true;
  }

  private async beforeHeld(): Promise<void> {
    const { nic, seat, promiscuous } = this.port;
    if (!nic.showsAll) await seat.ask('set verbose 0');
    if (nic.seesAll && !promiscuous) await seat.ask('set promisc 0 off');
    nic.seesAll = false;
  }

  /**
   * The first of the rx FIFOs that a queue serves. testpmd turns what comes by a receive queue back to
   * the transmit queue of the same number, and serves one queue only where a direction has no more.
   */
  private fifoOf(queue: number): number {
    const { rxQueues, txQueues } = this.port.settings;
    const fifos = this.port.nic.device.inspect.negotiated.rxQueues;
    const turned = Math.min(rxQueues, txQueues);
    if (queue >= turned || (fifos > 0 && queue >= fifos)) throw new LacksCapability('queue-choice');
    const [common, longer] = [Math.floor(fifos / rxQueues), fifos % rxQueues];
    return queue * common + Math.min(queue, longer);
  }

  async receive(queue: number, max: number): Promise<ReceivedPacket[]> {
    const { rxQueues, txQueues } = this.port.settings;
    if (queue >= Math.min(rxQueues, txQueues)) throw new LacksCapability('queue-choice');
    await this.port.settle();
    await this.look('receive');
    return this.port.nic.traffic.queue(queue).waiting.splice(0, max).map(packetOf);
  }

  async generate({
    frames,
    frameBytes,
    segmentBytes = frameBytes,
    otherFrameBytes,
    again = false,
  }: GeneratedForm): Promise<number> {
    const { seat, nic, settings } = this.port;
    // Every queue would make a burst.
    if (settings.txQueues > 1) throw new LacksCapability('queue-choice');
    await this.port.settle();
    const chain = Array.from({ length: Math.ceil(frameBytes / segmentBytes) }, (_unused, i) =>
      Math.min(segmentBytes, frameBytes - i * segmentBytes),
    );
    // Frames of two lengths are such of one and of two mbufs.
    const segments = otherFrameBytes === undefined ? chain : [otherFrameBytes, frameBytes - otherFrameBytes];
    return nic.traffic.during('generate', async () => {
      await seat.generate(frames, segments, { again, split: otherFrameBytes === undefined ? 'on' : 'rand' });
      await this.port.settle();
      return seat.generated();
    });
  }

  /** Takes notice of what testpmd has shown of the frames so far. */
  private async look(purpose: Purpose): Promise<void> {
    const { seat, nic } = this.port;
    const { activity } = nic.device.inspect;
    if (activity === this.lookedAt) return;
    this.lookedAt = activity;
    await seat.catchUp();
    nic.traffic.match(seat.takePackets(), purpose);
  }

  private async shown(): Promise<PortStats> {
    const { seat } = this.port;
    const stats = await seat.stats();
    const shown = shownStats(stats, await seat.xstats());
    return this.carried === null ? shown : addedStats(shown, this.carried);
  }

  async stats(): Promise<PortStats> {
    await this.port.settle();
    await this.look('receive');
    return withoutShares(await this.shown(), this.port.nic.traffic.shares());
  }

  async resetStats(): Promise<void> {
    const { seat, nic } = this.port;
    await this.port.settle();
    await this.look('receive');
    await seat.ask('clear port stats 0');
    await seat.ask('clear port xstats 0');
    this.carried = null;
    nic.traffic.resetShares();
  }

  /** Another testpmd has the port. */
  seated(): void {
    this.tag = 0;
  }

  /** testpmd changes a tag only while the port stands still, and sets it up anew then: it counts from zero. */
  private async retag(tci: number): Promise<void> {
    const { seat, nic } = this.port;
    if (this.tag === tci) return;
    this.carried = await this.shown();
    await seat.forward(false);
    await nic.withoutRequests(async () => {
      await seat.ask('port stop 0');
      await seat.ask(`tx_vlan set 0 ${tci}`);
      const answer = await seat.ask('port start 0');
      if (!hasStarted(answer)) throw new Error(`the port does not start with another tag:\n${answer}`);
    }, [REQ_LINK, REQ_CONFIG]);
    await seat.forward(true);
    this.tag = tci;
  }
}
