import { MAX_PACKET_BYTES, REQ_CONFIG, REQ_LINK } from '../../../shared/loops/layout';
import { addedStats, hasStarted, shownStats, takenOf, withoutShares } from './testpmdOutput';
import type { DpdkNic } from './nic';
import type { TestpmdSession } from './testpmdSession';
import type { Echo, Purpose } from './traffic';
import {
  type GeneratedForm,
  LacksCapability,
  type OutFrame,
  type PortSettings,
  type GuestPortStats,
  type ReceivedPacket,
} from '../target';

/** Frames in flight: fewer than the smallest rings hold. */
const WINDOW = 6;
const STRIPPED = 'RTE_MBUF_F_RX_VLAN_STRIPPED';
/** Flags of a tag, and those that say that nothing is known. */
const NO_CLAIM = /^RTE_MBUF_F_RX_VLAN(_STRIPPED)?$|_UNKNOWN$/;

/** The port, as `DpdkFrames` sees it. */
export interface FramesPort {
  readonly nic: DpdkNic;
  readonly session: TestpmdSession;
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
    claims: shown?.flags.filter((flag) => !NO_CLAIM.test(flag)) ?? [],
    headroomBytes: [],
  };
}

/** Splits frames into runs with the same tag, in order. */
function runsOf(frames: readonly OutFrame[]): OutFrame[][] {
  const runs: OutFrame[][] = [];
  for (const frame of frames) {
    const last = runs.at(-1);
    if (last !== undefined && last[0]!.vlanTci === frame.vlanTci) last.push(frame);
    else runs.push([frame]);
  }
  return runs;
}

/** The frame with its MAC addresses swapped, so that testpmd sends it as it was. */
function withMacsSwapped(frame: Uint8Array): Uint8Array {
  const swapped = frame.slice();
  swapped.set(frame.subarray(6, 12), 0);
  swapped.set(frame.subarray(0, 6), 6);
  return swapped;
}

/** Sends and receives frames through a testpmd that sends every frame back, and keeps the port's statistics. */
export class DpdkFrames {
  /** Statistics from before the bench made testpmd set up the queues again; null if it did not. */
  private carried: GuestPortStats | null = null;
  /** The device's activity at the last look. */
  private lookedAt = -1;
  /** The tag that testpmd inserts; 0 at its start. */
  private tag = 0;

  constructor(private readonly port: FramesPort) {
    port.nic.beforeHeld = () => this.beforeHeld();
  }

  async send(queue: number, frames: readonly OutFrame[]): Promise<number> {
    const { nic } = this.port;
    const fifo = this.fifoOf(queue);
    // Only the caller of the burst could see which frames a detached driver takes.
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
    if (frames.some(({ sharing }) => sharing !== undefined)) throw new LacksCapability('shared-mbufs');
    const longest = Math.min(this.port.nic.settings.maxRxPacketBytes, MAX_PACKET_BYTES);
    const isOdd = ({ bytes, segmentBytes, claimedBytes }: OutFrame): boolean =>
      segmentBytes !== undefined || claimedBytes !== undefined || bytes.length < 14 || bytes.length > longest;
    if (frames.some(isOdd)) throw new LacksCapability('mbuf-forms');
    const { vlanInsert = false } = this.port.settings;
    // A tag needs the offload configured, and testpmd takes a VLAN id only.
    const cannotTag = ({ vlanTci = 0 }: OutFrame): boolean => vlanTci > 0xfff || !vlanInsert;
    if (frames.some((frame) => frame.vlanTci !== undefined && cannotTag(frame)))
      throw new LacksCapability('tag-per-frame');
  }

  private async sendRun(fifo: number, run: readonly OutFrame[]): Promise<void> {
    const { session } = this.port;
    const tci = run[0]!.vlanTci;
    const frames = run.map(({ bytes }) => (tci === undefined ? bytes : withMacsSwapped(bytes)));
    await this.seeAll();
    if (tci === undefined) return this.inject(fifo, frames);
    await this.retag(tci);
    await session.swapMacs(true);
    await this.inject(fifo, frames);
    await session.swapMacs(false);
  }

  private async inject(fifo: number, frames: readonly Uint8Array[]): Promise<void> {
    for (let sent = 0; sent < frames.length; sent += WINDOW) {
      for (const frame of frames.slice(sent, sent + WINDOW)) this.port.nic.inject(frame, fifo);
      await this.port.settle();
    }
  }

  /** Makes the port promiscuous: it has to receive the frames that it is to send, which go to other stations. */
  private async seeAll(): Promise<void> {
    const { nic, session, promiscuous } = this.port;
    if (promiscuous || nic.seesAll) return;
    await session.ask('set promisc 0 on');
    nic.seesAll = true;
  }

  private async beforeHeld(): Promise<void> {
    const { nic, session, promiscuous } = this.port;
    if (!nic.showsAll) await session.ask('set verbose 0');
    if (nic.seesAll && !promiscuous) await session.ask('set promisc 0 off');
    nic.seesAll = false;
  }

  /**
   * The first of the rx FIFOs that a queue serves. testpmd sends what it receives on a queue back on the
   * transmit queue of the same number, and serves only as many queues as both directions have.
   */
  private fifoOf(queue: number): number {
    const { rxQueues, txQueues } = this.port.settings;
    const fifos = this.port.nic.device.inspect.negotiated.rxQueues;
    const served = Math.min(rxQueues, txQueues);
    if (queue >= served || (fifos > 0 && queue >= fifos)) throw new LacksCapability('queue-choice');
    const [common, longer] = [Math.floor(fifos / rxQueues), fifos % rxQueues];
    return queue * common + Math.min(queue, longer);
  }

  async receive(queue: number, max: number): Promise<ReceivedPacket[]> {
    const { rxQueues, txQueues } = this.port.settings;
    if (queue >= (txQueues === 0 ? rxQueues : Math.min(rxQueues, txQueues))) throw new LacksCapability('queue-choice');
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
    const { session, nic, settings } = this.port;
    // testpmd would make a burst on every queue.
    if (settings.txQueues > 1) throw new LacksCapability('queue-choice');
    if (settings.rxQueues === 0) return this.generateOneWay(frames, frameBytes);
    await this.port.settle();
    const chain = Array.from({ length: Math.ceil(frameBytes / segmentBytes) }, (_unused, i) =>
      Math.min(segmentBytes, frameBytes - i * segmentBytes),
    );
    // Frames of two lengths are frames of one and of two mbufs.
    const segments = otherFrameBytes === undefined ? chain : [otherFrameBytes, frameBytes - otherFrameBytes];
    const { txErrors } = await session.stats();
    return nic.traffic.during('generate', async () => {
      await session.generate(frames, segments, { again, split: otherFrameBytes === undefined ? 'on' : 'rand' });
      await this.port.settle();
      const { dropped } = await session.endGeneration();
      return takenOf(frames, dropped, (await session.stats()).txErrors - txErrors);
    });
  }

  /**
   * Makes testpmd send on a port without receive queues: at least `burst` frames. It can only do so without end, so
   * the host stops serving the rings meanwhile, and the frames are those for which it has given buffers.
   */
  private async generateOneWay(burst: number, bytes: number): Promise<number> {
    const { session, nic } = this.port;
    await this.port.settle();
    return nic.traffic.during('generate', async () => {
      nic.device.tamper.pause();
      try {
        await session.generateEndlessly(burst, bytes);
        await this.port.settle();
        return (await session.endGeneration()).sent;
      } finally {
        nic.device.tamper.resume();
        // `settle` can't see yet that the host has work to do, so step the device first.
        nic.device.step();
        await this.port.settle();
      }
    });
  }

  /** Evaluates what testpmd has shown of the frames so far. */
  private async look(purpose: Purpose): Promise<void> {
    const { session, nic } = this.port;
    const { activity } = nic.device.inspect;
    if (activity === this.lookedAt) return;
    this.lookedAt = activity;
    await session.catchUp();
    nic.traffic.match(session.takePackets(), purpose);
  }

  private async shown(): Promise<GuestPortStats> {
    const { session } = this.port;
    const stats = await session.stats();
    const shown = shownStats(stats, await session.xstats());
    return this.carried === null ? shown : addedStats(shown, this.carried);
  }

  async stats(): Promise<GuestPortStats> {
    await this.port.settle();
    await this.look('receive');
    return withoutShares(await this.shown(), this.port.nic.traffic.shares());
  }

  async resetStats(): Promise<void> {
    const { session, nic } = this.port;
    await this.port.settle();
    await this.look('receive');
    await session.ask('clear port stats 0');
    await session.ask('clear port xstats 0');
    this.carried = null;
    nic.traffic.resetShares();
  }

  /** Notes that another testpmd has the port. */
  sessionReplaced(): void {
    this.tag = 0;
  }

  /** Changes the inserted tag. testpmd stops and restarts the port for it, which resets the counters. */
  private async retag(tci: number): Promise<void> {
    const { session, nic } = this.port;
    if (this.tag === tci) return;
    this.carried = await this.shown();
    await session.forward(false);
    await nic.withoutRequests(async () => {
      await session.ask('port stop 0');
      await session.ask(`tx_vlan set 0 ${tci}`);
      const answer = await session.ask('port start 0');
      if (!hasStarted(answer)) throw new Error(`the port does not start with another tag:\n${answer}`);
    }, [REQ_LINK, REQ_CONFIG]);
    await session.forward(true);
    this.tag = tci;
  }
}
