import type { PeerCpus } from '../../peers/dpdk/cpus';
import { LcoreThread } from '../../peers/dpdk/lcoreThread';
import type { PreparedPeer } from '../../peers/dpdk/preparePeer';
import { PeerEnded, PeerStuck } from '../../peers/dpdk/peerExit';
import { parseForwardStats, parsePoolUse } from '../../peers/dpdk/parse';
import { Testpmd } from '../../peers/dpdk/testpmd';
import { DriverCrashed, LacksCapability } from '../target';

const COMMAND_LIMIT_MS = 12_000;
const MEMORY_MB = 64;
const MBUFS = 4_096;
const POOL = 'mb_pool_0';
/** 64 ms for a host to make room. */
const RETRY = ['fwd io retry', 'burst tx delay 1000 retry 64'];

/** What testpmd has to be told at its start. */
export interface SeatArguments {
  readonly maxPacketBytes: number;
  readonly dataRoomBytes: number;
}

export interface SeatSettings extends PreparedPeer {
  readonly cpus: PeerCpus;
  readonly wrap: string | null;
  readonly env: Readonly<Record<string, string>>;
}

/** What the peer's end or silence says of the driver in it. */
function crashed(error: unknown): never {
  if (error instanceof PeerEnded || error instanceof PeerStuck) throw new DriverCrashed(error.message);
  throw error;
}

/** A testpmd that holds one port at most, and its prompt. */
export class DpdkSeat {
  private busy = false;
  private thread: LcoreThread | null = null;
  /** Queues that it configures each port with. */
  queues = { rxq: 1, txq: 1 };
  forwarding = false;

  private constructor(
    private readonly testpmd: Testpmd,
    readonly args: SeatArguments,
  ) {}

  /** @throws PeerEnded where it ends before its prompt comes: no driver has had a device by then. */
  static async start({ cpus, peer, shim, wrap, env }: SeatSettings, args: SeatArguments): Promise<DpdkSeat> {
    const more = ['--port-topology=loop', `--max-pkt-len=${args.maxPacketBytes}`, `--mbuf-size=${args.dataRoomBytes}`];
    // Every device is attached at the prompt.
    const options = { cpus, peer, shim, wrap, env, slots: [], memoryMb: MEMORY_MB, mbufs: MBUFS, args: more };
    const seat = new DpdkSeat(await Testpmd.start(options), args);
    // Shows each packet received: its queue, its flags, its length.
    await seat.ask('set verbose 1');
    return seat;
  }

  serves({ maxPacketBytes, dataRoomBytes }: SeatArguments): boolean {
    return this.args.maxPacketBytes === maxPacketBytes && this.args.dataRoomBytes === dataRoomBytes;
  }

  /** The thread that forwards; null where a wrapper hides it. */
  get lcore(): LcoreThread | null {
    this.thread ??= LcoreThread.of(this.testpmd.pid);
    return this.thread;
  }

  /** Types a command and gives what was answered. @throws DriverCrashed */
  async ask(command: string): Promise<string> {
    if (this.busy) throw new LacksCapability('calls-meanwhile');
    this.busy = true;
    try {
      return await this.testpmd.command(command, COMMAND_LIMIT_MS).catch(crashed);
    } finally {
      this.busy = false;
    }
  }

  /** Returns once all has come that was written so far: an answer stands behind it. */
  async catchUp(): Promise<void> {
    await this.ask('').catch((error: unknown) => {
      this.check();
      throw error;
    });
  }

  /** Lets the forwarding go on, or halts it. */
  async forward(on: boolean): Promise<void> {
    if (this.forwarding === on) return;
    const answer = await this.ask(on ? 'start' : 'stop');
    if (on && !/packet forwarding/.test(answer)) throw new Error(`testpmd does not forward:\n${answer}`);
    this.forwarding = on;
  }

  /** Whether it changes the addresses of what it sends back, and puts the port's tag in: only while it forwards. */
  async turnRound(on: boolean): Promise<void> {
    await this.forward(false);
    await this.ask(`set fwd ${on ? 'macswap' : 'io'}`);
    await this.forward(true);
  }

  /**
   * Has it offer one burst of frames of its own to the driver before it forwards.
   * @param segments bytes in each mbuf of a frame.
   * @param how `again` offers for a while what was not taken; `split` is `rand` where each frame is to
   * have as many of the mbufs as chance has it.
   */
  async generate(
    frames: number,
    segments: readonly number[],
    how: { readonly again: boolean; readonly split: 'on' | 'rand' },
  ): Promise<void> {
    await this.forward(false);
    const settings = [
      `txpkts ${segments.join(',')}`,
      `txsplit ${how.split}`,
      `burst ${frames}`,
      ...(how.again ? RETRY : []),
    ];
    for (const setting of settings) await this.ask(`set ${setting}`);
    await this.ask('start tx_first 1');
    this.forwarding = true;
  }

  /** Ends that. Gives how many frames the driver took. */
  async generated(): Promise<number> {
    this.forwarding = false;
    const { txPackets } = parseForwardStats(await this.ask('stop'));
    for (const setting of ['burst 32', 'fwd io']) await this.ask(`set ${setting}`);
    await this.forward(true);
    return txPackets;
  }

  async mbufsInUse(): Promise<number> {
    return parsePoolUse(await this.ask(`dump_mempool ${POOL}`));
  }

  takePackets(): ReturnType<Testpmd['takePackets']> {
    return this.testpmd.takePackets();
  }

  stats(): ReturnType<Testpmd['portStats']> {
    return this.testpmd.portStats().catch(crashed);
  }

  xstats(): ReturnType<Testpmd['xstats']> {
    return this.testpmd.xstats().catch(crashed);
  }

  info(): ReturnType<Testpmd['portInfo']> {
    return this.testpmd.portInfo().catch(crashed);
  }

  /** @throws DriverCrashed where it has ended by itself. */
  check(): void {
    const { exit } = this.testpmd;
    if (exit !== null) crashed(new PeerEnded('while frames were forwarded', exit));
  }

  async kill(): Promise<void> {
    await this.testpmd.kill();
  }
}
