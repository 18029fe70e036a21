import type { PreparedPeer } from '../dpdk/preparePeer';
import { PeerEnded, PeerStuck } from '../dpdk/peerExit';
import { Testpmd } from '../dpdk/testpmd';
import { DriverCrashed, LacksCapability } from './target';

/** Names no device: every one is attached at the prompt. */
const NO_SLOT = '0000:00:00.7';
const COMMAND_LIMIT_MS = 12_000;
const MEMORY_MB = 64;
const MBUFS = 4_096;

/** What testpmd has to be told at its start. */
export interface SeatArguments {
  readonly maxPacketBytes: number;
  readonly dataRoomBytes: number;
}

export interface SeatSettings extends PreparedPeer {
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
  /** Queues that it configures each port with. */
  queues = { rxq: 1, txq: 1 };
  forwarding = false;

  private constructor(
    private readonly testpmd: Testpmd,
    readonly args: SeatArguments,
  ) {}

  /** @throws DriverCrashed where it ends before its prompt comes. */
  static async start({ peer, shim, wrap, env }: SeatSettings, args: SeatArguments): Promise<DpdkSeat> {
    const more = ['--port-topology=loop', `--max-pkt-len=${args.maxPacketBytes}`, `--mbuf-size=${args.dataRoomBytes}`];
    const options = { peer, shim, wrap, env, slots: [NO_SLOT], memoryMb: MEMORY_MB, mbufs: MBUFS, args: more };
    return new DpdkSeat(await Testpmd.start(options).catch(crashed), args);
  }

  serves({ maxPacketBytes, dataRoomBytes }: SeatArguments): boolean {
    return this.args.maxPacketBytes === maxPacketBytes && this.args.dataRoomBytes === dataRoomBytes;
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

  /** Lets the forwarding go on, or halts it. */
  async forward(on: boolean): Promise<void> {
    if (this.forwarding === on) return;
    const answer = await this.ask(on ? 'start' : 'stop');
    if (on && !/packet forwarding/.test(answer)) throw new Error(`testpmd does not forward:\n${answer}`);
    this.forwarding = on;
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
