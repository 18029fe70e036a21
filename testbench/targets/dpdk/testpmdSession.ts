import type { PeerCpus } from '../../peers/dpdk/cpus';
import { INTERRUPT_THREAD, LcoreThread } from '../../peers/dpdk/lcoreThread';
import type { PreparedPeer } from '../../peers/dpdk/preparePeer';
import { PeerEnded, PeerStarved, PeerStuck } from '../../peers/dpdk/peerExit';
import { parseForwardStats, parsePoolUse } from '../../peers/dpdk/parse';
import { Testpmd } from '../../peers/dpdk/testpmd';
import { DriverCrashed, EnvironmentFailed, GuestKilled, LacksCapability } from '../target';
import { isUnknownCommand } from './testpmdOutput';

const COMMAND_LIMIT_MS = 12_000;
const LEAST_MEMORY_MB = 64;
const MBUFS = 4_096;
const POOL = 'mb_pool_0';
/** The command that shows a mempool: since 25.11, and before. */
const POOL_COMMANDS = [`dump mempool ${POOL}`, `dump_mempool ${POOL}`] as const;
/** Makes the bus say which driver it probes; since 24.07 it does not otherwise. */
const EAL = ['--log-level=bus.pci:info'];
/** Lets testpmd retry for 64 ms while the host makes room. */
const RETRY = ['fwd io retry', 'burst tx delay 1000 retry 64'];

/** Arguments that testpmd takes at its start only. */
export interface TestpmdArguments {
  readonly maxPacketBytes: number;
  readonly dataRoomBytes: number;
}

/** Memory for the mbuf pool, MiB. testpmd needs more than the data rooms take. */
function memoryFor({ dataRoomBytes }: TestpmdArguments): number {
  return Math.max(LEAST_MEMORY_MB, Math.ceil((3 * MBUFS * dataRoomBytes) / 0x10_0000));
}

/** Ways in which testpmd forwards: it sends frames back as they are or with their addresses swapped, or only receives. */
type ForwardMode = 'io' | 'macswap' | 'rxonly';

/** Settings of a session that do not depend on its port. */
export interface SessionSettings extends PreparedPeer {
  /** CPUs of the peer's threads. */
  readonly cpus: PeerCpus;
  /** Command that wraps testpmd; null for none. */
  readonly wrap: string | null;
  /** Environment that leads to the exported devices. */
  readonly env: Readonly<Record<string, string>>;
}

/** @throws EnvironmentFailed where the machine has starved the peer, or somebody has killed it. */
function blamedElsewhere(error: unknown): void {
  if (error instanceof PeerStarved) throw new EnvironmentFailed(error.message);
  if (error instanceof PeerEnded && error.killedBy !== null)
    throw new EnvironmentFailed(
      `testpmd was ended with ${error.killedBy} from outside: look for somebody who killed it, or for a limit on memory or CPU time (dmesg)`,
    );
}

/** Turns the end or the silence of the peer into a crash of its driver, unless the machine caused it. */
function crashed(error: unknown): never {
  blamedElsewhere(error);
  if (error instanceof PeerEnded || error instanceof PeerStuck) throw new DriverCrashed(error.message);
  throw error;
}

/** A testpmd with at most one port, driven at its prompt. */
export class TestpmdSession {
  private busy = false;
  /** The bench has killed it. */
  private killed = false;
  private thread: LcoreThread | null = null;
  private poolCommand: string = POOL_COMMANDS[0];
  /** Numbers of queues with which testpmd configures a port. */
  queues = { rxq: 1, txq: 1 };
  forwarding = false;
  /** The mode in which it forwards if it has queues in both directions. */
  private twoWay: 'io' | 'macswap' = 'io';
  /** The mode that was set last. */
  private mode: ForwardMode = 'io';

  private constructor(
    private readonly testpmd: Testpmd,
    readonly args: TestpmdArguments,
  ) {}

  /** @throws PeerEnded where it ends before its prompt comes: no driver has had a device by then. */
  static async start(
    { cpus, peer, shim, wrap, env }: SessionSettings,
    args: TestpmdArguments,
  ): Promise<TestpmdSession> {
    const more = ['--port-topology=loop', `--max-pkt-len=${args.maxPacketBytes}`, `--mbuf-size=${args.dataRoomBytes}`];
    // Without it testpmd throws away what lies on rx when forwarding begins.
    more.push('--no-flush-rx');
    // No addresses: every device is attached at the prompt.
    const options = {
      cpus,
      peer,
      shim,
      wrap,
      env,
      bdfs: [],
      memoryMb: memoryFor(args),
      mbufs: MBUFS,
      eal: EAL,
      args: more,
    };
    const testpmd = await Testpmd.start(options).catch((error: unknown) => {
      blamedElsewhere(error);
      throw error;
    });
    const session = new TestpmdSession(testpmd, args);
    // A process that is about to end by a crash has lost its threads already.
    session.thread = LcoreThread.of(testpmd.pid);
    // Shows queue, flags and length of each received packet.
    await session.ask('set verbose 1');
    return session;
  }

  /** True if this testpmd was started with these arguments, and need not be replaced. */
  serves({ maxPacketBytes, dataRoomBytes }: TestpmdArguments): boolean {
    return this.args.maxPacketBytes === maxPacketBytes && this.args.dataRoomBytes === dataRoomBytes;
  }

  /** Process id of testpmd. */
  get pid(): number {
    return this.testpmd.application;
  }

  /** The thread that forwards. @throws EnvironmentFailed where the bench does not see it. */
  get lcore(): LcoreThread {
    this.thread ??= LcoreThread.of(this.testpmd.pid);
    if (this.thread === null)
      throw new EnvironmentFailed(
        'the worker lcore of testpmd is not among the threads of its session: a command of --wrap must not start it in a session of its own',
      );
    return this.thread;
  }

  /** The thread that serves interrupts, null where a wrapper hides it. */
  interruptThread(): LcoreThread | null {
    return LcoreThread.of(this.testpmd.pid, INTERRUPT_THREAD);
  }

  /** Types a command and returns its output. @throws DriverCrashed */
  async ask(command: string): Promise<string> {
    if (this.busy) throw new LacksCapability('calls-meanwhile');
    this.busy = true;
    try {
      return await this.testpmd.command(command, COMMAND_LIMIT_MS).catch((error: unknown) => {
        if (this.killed) throw new GuestKilled();
        return crashed(error);
      });
    } finally {
      this.busy = false;
    }
  }

  /** Waits for all output written so far: the next prompt comes after it. */
  async catchUp(): Promise<void> {
    await this.ask('').catch((error: unknown) => {
      this.check();
      throw error;
    });
  }

  /** Starts or stops forwarding. Without receive queues there is nothing to forward. */
  async forward(on: boolean): Promise<void> {
    const { rxq, txq } = this.queues;
    if (this.forwarding === on || (on && rxq === 0)) return;
    if (on) await this.setMode(txq === 0 ? 'rxonly' : this.twoWay);
    const answer = await this.ask(on ? 'start' : 'stop');
    if (on && !/packet forwarding/.test(answer)) throw new Error(`testpmd does not forward:\n${answer}`);
    this.forwarding = on;
  }

  private async setMode(mode: ForwardMode): Promise<void> {
    if (this.mode !== mode) await this.ask(`set fwd ${mode}`);
    this.mode = mode;
  }

  /**
   * Makes it swap the MAC addresses of the frames that it sends back, and insert the port's tag. Only while it
   * forwards.
   */
  async swapMacs(on: boolean): Promise<void> {
    await this.forward(false);
    this.twoWay = on ? 'macswap' : 'io';
    await this.forward(true);
  }

  /**
   * Makes it send one burst of generated frames, then forward.
   * @param segments bytes in each mbuf of a frame.
   * @param how `again` retries frames that the driver did not take; with `split` `rand` each frame has a
   * random number of these mbufs.
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

  /**
   * Makes it send bursts of generated frames without end, which takes no receive queue.
   * @param bytes length of each frame, in one mbuf.
   */
  async generateEndlessly(burst: number, bytes: number): Promise<void> {
    for (const setting of [`txpkts ${bytes}`, `burst ${burst}`, 'fwd txonly']) await this.ask(`set ${setting}`);
    await this.ask('start');
    this.forwarding = true;
  }

  /**
   * Ends the generation. `sent` is what the driver counts as sent. `dropped` is what testpmd dropped, because the driver
   * did not take it or because it counts as a transmit error: what testpmd shows is the sum of both.
   */
  async endGeneration(): Promise<{ readonly sent: number; readonly dropped: number }> {
    this.forwarding = false;
    const { txPackets, txDropped } = parseForwardStats(await this.ask('stop'));
    for (const setting of ['burst 32', 'fwd io']) await this.ask(`set ${setting}`);
    this.mode = 'io';
    await this.forward(true);
    return { sent: txPackets, dropped: txDropped };
  }

  /** Counts the mbufs in use in all mempools. Releases of DPDK name the command differently. */
  async mbufsInUse(): Promise<number> {
    const answer = await this.ask(this.poolCommand);
    if (this.poolCommand !== POOL_COMMANDS[0] || !isUnknownCommand(answer)) return parsePoolUse(answer);
    this.poolCommand = POOL_COMMANDS[1];
    return this.mbufsInUse();
  }

  /** Returns the packets that testpmd has printed since the last call. */
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

  /** @throws DriverCrashed where testpmd has ended by itself. */
  check(): void {
    const { exit } = this.testpmd;
    if (exit !== null) crashed(new PeerEnded('between two commands', exit));
  }

  /** Kills testpmd. A command that is under way fails with `GuestKilled`. */
  async kill(): Promise<void> {
    this.killed = true;
    await this.testpmd.kill();
  }
}
