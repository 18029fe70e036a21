import { UsageError } from '../../shared/errors';
import { Random } from '../../shared/random';
import type { BenchFaults } from '../api/faults';
import { flowFrame, type FrameText, randomFrame } from '../traffic/randomFrames';
import type { AvpNic, Host, NicSettings } from '../targets/host';
import type {
  Capability,
  Guest,
  GuestPort,
  ArenaAccess,
  PoolSettings,
  PortSettings,
  Result,
  Rig,
  Target,
} from '../targets/target';
import type { WireLog } from '../evidence/wireLog';
import { Expect } from './expect';
import { recordGuest } from './recordGuest';
import { SetUpFailed } from './verdict';

/** Default device of a clause. Its rings and pools are small, so that they wrap and run empty within a few packets. */
export const SMALL_NIC: NicSettings = {
  fifoSlots: { tx: 64, rx: 64, alloc: 64, free: 64 },
  pools: [{ buffers: 512 }],
  rxQueues: { max: 4 },
  txQueues: { max: 4 },
};

/** MAC address of the peer that exchanges frames with the guest. */
export const NEIGHBOUR_MAC: Uint8Array = Uint8Array.of(0x52, 0x54, 0, 0xaa, 0xbb, 0xcc);

/** Default mempool: 256 mbufs, each with room for 2,048 bytes after the 128-byte headroom. */
export const POOL: PoolSettings = { mbufs: 256, dataRoomBytes: 2_176 };

const MAX_IDLE_ROUNDS = 3;

export interface SetUpOptions extends Partial<PortSettings> {
  /** Overrides of `SMALL_NIC` for a device that is plugged now. Has no effect together with `plugged`. */
  readonly nic?: NicSettings;
  /** Device to use instead of a new one. */
  readonly plugged?: AvpNic;
  /** Mempool of each receive queue, by queue. Queues beyond the end of the list use the last entry. */
  readonly pools?: readonly PoolSettings[];
}

/** Transmit side of a port, either of the driver under test or of a guest that the bench brings along. */
interface Sender<Frame> {
  send(queue: number, frames: readonly Frame[]): Promise<number>;
}

/** Receive side of a port. */
interface Receiver<Packet> {
  receive(queue: number, max: number): Promise<Packet[]>;
}

/** A device and the guest's port on it. */
export interface Running<Port = GuestPort> {
  readonly nic: AvpNic;
  readonly port: Port;
}

function merged(settings: NicSettings): NicSettings {
  return {
    ...SMALL_NIC,
    ...settings,
    fifoSlots: { ...SMALL_NIC.fifoSlots, ...settings.fifoSlots },
    rxQueues: { ...SMALL_NIC.rxQueues, ...settings.rxQueues },
    txQueues: { ...SMALL_NIC.txQueues, ...settings.txQueues },
  };
}

/** Everything a clause works with: one host, one guest, the checks, and the set-up steps that most clauses share. */
export class ClauseContext {
  readonly expect: Expect;
  readonly random: Random;

  private constructor(
    requirement: string,
    private readonly target: Target,
    private readonly rig: Rig,
    readonly guest: Guest,
    seed: number,
  ) {
    this.expect = new Expect(requirement);
    this.random = new Random(seed);
  }

  /** @param log records what happens. Pass null to record nothing. */
  static async open(
    requirement: string,
    target: Target,
    seed: number,
    log: WireLog | null = null,
  ): Promise<ClauseContext> {
    const rig = await target.open(seed, log);
    const guest = log === null ? rig.guest : recordGuest(rig.guest, log);
    return new ClauseContext(requirement, target, rig, guest, seed);
  }

  async close(): Promise<void> {
    await this.rig.close();
  }

  get host(): Host {
    return this.rig.host;
  }

  /**
   * Faults to put, such as `t.faults.add('ctrl.late-response', { after: 1 })`; docs/faults.md lists them.
   * @throws UsageError where the target offers none.
   */
  get faults(): BenchFaults {
    const { faults } = this.host;
    if (faults === undefined) throw new UsageError(`target ${this.target.name} offers no faults`);
    return faults;
  }

  /**
   * Tells whether the target has a capability. Use it to guard one check of a clause that is useful without it;
   * list the capability in `needs` when the whole clause depends on it.
   */
  can(capability: Capability): boolean {
    return this.target.capabilities.has(capability);
  }

  /** True where DPDK's ethdev stands between the application and the driver. `ethdevAnswers.ts` has what it answers. */
  get behindEthdev(): boolean {
    return this.target.behindEthdev === true;
  }

  /**
   * Access for a guest that the bench runs in place of the driver under test. Needs the capability
   * `guest-in-arena`.
   */
  get arena(): ArenaAccess {
    if (this.rig.arena === undefined) throw new Error(`target ${this.target.name} has no arena for another guest`);
    return this.rig.arena;
  }

  sleepMs(durationMs: number): Promise<void> {
    return this.rig.sleepMs(durationMs);
  }

  settle(): Promise<void> {
    return this.rig.settle();
  }

  /** Plugs a device. Rings and pools are small unless `settings` says otherwise. */
  plug(settings: NicSettings = {}): AvpNic {
    return this.host.plug(merged(settings));
  }

  /** Set-up: returns the value of a control operation. If the driver refuses it, the clause ends with `blocked`. */
  async must<T>(what: string, result: Promise<Result<T>>): Promise<T> {
    const ended = await result;
    if (!ended.ok) throw new SetUpFailed(`${what} was refused with ${ended.errno}: ${ended.message}`);
    return ended.value;
  }

  /** Set-up: plugs a device and probes it. */
  async probed(options: SetUpOptions = {}): Promise<Running> {
    const nic = options.plugged ?? this.plug(options.nic);
    return { nic, port: await this.must('probe', this.guest.probe(nic)) };
  }

  /** Set-up: probes a device, configures the port and sets up its queues. Does not start it. */
  async configured(options: SetUpOptions = {}): Promise<Running> {
    const running = await this.probed(options);
    await this.configure(running.port, options);
    return running;
  }

  /** Set-up: configures a port and sets up all its queues. */
  async configure(port: GuestPort, options: SetUpOptions = {}): Promise<void> {
    const { nic: _nic, plugged: _plugged, pools = [POOL], rxQueues = 1, txQueues = 1, ...rest } = options;
    await this.must('configure', port.configure({ rxQueues, txQueues, ...rest }));
    for (let queue = 0; queue < rxQueues; queue++) {
      const pool = pools[Math.min(queue, pools.length - 1)]!;
      await this.must(`set-up of receive queue ${queue}`, port.setUpRxQueue(queue, pool));
    }
    for (let queue = 0; queue < txQueues; queue++)
      await this.must(`set-up of transmit queue ${queue}`, port.setUpTxQueue(queue));
  }

  /** Set-up: brings a port to the state in which it carries traffic. */
  async started(options: SetUpOptions = {}): Promise<Running> {
    const running = await this.configured(options);
    await this.must('start', running.port.start());
    await this.settle();
    return running;
  }

  /** Makes a frame from the neighbour to the guest with random content. */
  frameTo(nic: AvpNic, bytes: number, text: Partial<FrameText> = {}): Uint8Array {
    return randomFrame(this.random, { to: nic.mac, from: NEIGHBOUR_MAC, bytes, ...text });
  }

  /** Makes a frame from the guest to the neighbour with random content. */
  frameFrom(nic: AvpNic, bytes: number, text: Partial<FrameText> = {}): Uint8Array {
    return randomFrame(this.random, { to: NEIGHBOUR_MAC, from: nic.mac, bytes, ...text });
  }

  /** Makes a UDP packet from the neighbour. Each flow number, 0 to 999, has its own pair of ports and so its own flow. */
  flowFrameTo(nic: AvpNic, bytes: number, flow: number): Uint8Array {
    return flowFrame(this.random, { to: nic.mac, from: NEIGHBOUR_MAC, bytes }, flow);
  }

  /** Receives on one queue until several polls in a row return nothing. */
  async drain<Packet>(port: Receiver<Packet>, queue = 0): Promise<Packet[]> {
    const packets: Packet[] = [];
    for (let idle = 0; idle < MAX_IDLE_ROUNDS;) {
      await this.settle();
      const burst = await port.receive(queue, 32);
      packets.push(...burst);
      idle = burst.length === 0 ? idle + 1 : 0;
    }
    return packets;
  }

  /**
   * Sends all frames on one queue, in bursts, as room becomes free.
   * @returns how many frames the driver took.
   */
  async sendAll<Frame>(port: Sender<Frame>, frames: readonly Frame[], queue = 0): Promise<number> {
    let taken = 0;
    for (let idle = 0; taken < frames.length && idle < MAX_IDLE_ROUNDS;) {
      const count = await port.send(queue, frames.slice(taken, taken + 32));
      taken += count;
      idle = count === 0 ? idle + 1 : 0;
      await this.settle();
    }
    return taken;
  }

  /** Checks that one frame passes in each direction, which is the quickest proof that a port works. */
  async expectTraffic(
    { nic, port }: Running<Sender<{ readonly bytes: Uint8Array }> & Receiver<{ readonly bytes: Uint8Array }>>,
    bytes = 200,
  ): Promise<void> {
    const incoming = this.frameTo(nic, bytes);
    nic.deliver(incoming);
    const received = await this.drain(port);
    this.expect.frames(
      'received',
      received.map((packet) => packet.bytes),
      [incoming],
    );
    const outgoing = this.frameFrom(nic, bytes);
    nic.taken();
    await this.sendAll(port, [{ bytes: outgoing }]);
    this.expect.frames('on the network', nic.taken(), [outgoing]);
  }
}
