import type { VirtualClock } from '../../../shared/clock';
import { MAX_QUEUES } from '../../../shared/loops/layout';
import type {
  ExtendedStats,
  GeneratedForm,
  GuestEvent,
  GuestPort,
  GuestPortStats,
  HeldPacket,
  LinkEvent,
  LinkState,
  OutFrame,
  PoolSettings,
  PortBursts,
  PortInfo,
  PortSettings,
  ReceivedPacket,
  Result,
} from '../target';

const BURST = 32;

/** A port whose application receives on every queue whenever time passes, as testpmd does. */
export class PollingPort implements GuestPort {
  private readonly waiting: ReceivedPacket[][] = [];
  private crash: Error | null = null;
  private started = false;
  private paused = false;

  constructor(
    private readonly inner: GuestPort,
    private readonly clock: VirtualClock,
  ) {
    clock.onStep(() => this.poll());
  }

  private poll(): void {
    if (!this.started || this.paused) return;
    // The driver chooses how many queues there are where the application names no number.
    for (let queue = 0; queue < MAX_QUEUES; queue++) {
      const packets = (this.waiting[queue] ??= []);
      this.inner.receive(queue, BURST).then(
        (burst) => void packets.push(...burst),
        (error: unknown) => (this.crash ??= error instanceof Error ? error : new Error(String(error))),
      );
    }
  }

  /** Lets the application receive its waiting packets, as applications do before they stop a port. */
  private async catchUp(): Promise<void> {
    for (let ms = 0; ms < 4; ms++) {
      this.clock.sleepMs(1);
      await Promise.resolve();
    }
    if (this.crash !== null) throw this.crash;
  }

  configure(settings: PortSettings): Promise<Result> {
    return this.inner.configure(settings);
  }

  async start(): Promise<Result> {
    const result = await this.inner.start();
    if (result.ok) this.started = true;
    return result;
  }

  /** An application ends its bursts before it stops the port. */
  async stop(): Promise<Result> {
    await this.catchUp();
    const { started } = this;
    this.started = false;
    const result = await this.inner.stop();
    if (!result.ok) this.started = started;
    return result;
  }

  private async quieten(): Promise<void> {
    if (!this.started) return;
    await this.catchUp();
    this.started = false;
    await this.inner.stop();
  }

  async close(): Promise<Result> {
    await this.quieten();
    return this.inner.close();
  }

  async remove(): Promise<void> {
    await this.quieten();
    await this.inner.remove();
  }

  async kill(): Promise<void> {
    this.started = false;
    await this.inner.kill();
  }

  isRemoved(): Promise<boolean> {
    return this.inner.isRemoved();
  }

  linkEvents(): Promise<readonly LinkEvent[]> {
    return this.inner.linkEvents();
  }

  secondThread(): Promise<PortBursts> {
    return this.inner.secondThread();
  }

  async setPaused(paused: boolean): Promise<void> {
    if (paused) await this.catchUp();
    this.paused = paused;
  }

  async receive(queue: number, max: number): Promise<ReceivedPacket[]> {
    await this.catchUp();
    return (this.waiting[queue] ??= []).splice(0, max);
  }

  async send(queue: number, frames: readonly OutFrame[]): Promise<number> {
    return this.started && !this.paused ? this.inner.send(queue, frames) : 0;
  }

  async generate(form: GeneratedForm): Promise<number> {
    return this.started && !this.paused ? this.inner.generate(form) : 0;
  }

  setUpRxQueue(queue: number, pool: PoolSettings): Promise<Result> {
    return this.inner.setUpRxQueue(queue, pool);
  }

  setUpTxQueue(queue: number): Promise<Result> {
    return this.inner.setUpTxQueue(queue);
  }

  async stats(): Promise<GuestPortStats> {
    await this.catchUp();
    return this.inner.stats();
  }

  async resetStats(): Promise<void> {
    await this.catchUp();
    return this.inner.resetStats();
  }

  counters(): Promise<Readonly<Record<string, number>>> {
    return this.inner.counters();
  }

  link(): Promise<LinkState> {
    return this.inner.link();
  }

  setPromiscuous(on: boolean): Promise<Result> {
    return this.inner.setPromiscuous(on);
  }

  isPromiscuous(): Promise<boolean> {
    return this.inner.isPromiscuous();
  }

  setAllMulticast(on: boolean): Promise<Result> {
    return this.inner.setAllMulticast(on);
  }

  setVlanOffload(offload: { readonly strip: boolean; readonly insert: boolean }): Promise<Result> {
    return this.inner.setVlanOffload(offload);
  }

  events(): Promise<readonly GuestEvent[]> {
    return this.inner.events();
  }

  unsupported(): Promise<Readonly<Record<string, Result>>> {
    return this.inner.unsupported();
  }

  furtherUnsupported(): Promise<Readonly<Record<string, Result>>> {
    return this.inner.furtherUnsupported();
  }

  unsupportedSettings(): Promise<Readonly<Record<string, Result>>> {
    return this.inner.unsupportedSettings();
  }

  get extendedStats(): ExtendedStats {
    return this.inner.extendedStats;
  }

  rxQueueCount(queue: number): Promise<Result<number>> {
    return this.inner.rxQueueCount(queue);
  }

  rxDescriptorDone(queue: number, offset: number): Promise<Result<boolean>> {
    return this.inner.rxDescriptorDone(queue, offset);
  }

  queueStates(): ReturnType<GuestPort['queueStates']> {
    return this.inner.queueStates();
  }

  info(): Promise<PortInfo> {
    return this.inner.info();
  }

  mac(): Promise<Uint8Array> {
    return this.inner.mac();
  }

  heldPackets(): Promise<readonly HeldPacket[]> {
    return this.inner.heldPackets();
  }

  async sendRepeated(queue: number, frame: OutFrame, times: number): Promise<number> {
    return this.started && !this.paused ? this.inner.sendRepeated(queue, frame, times) : 0;
  }

  mbufsInUse(): Promise<number> {
    return this.inner.mbufsInUse();
  }
}
