import { Random } from '../../shared/random';
import { flowFrame, type FrameText, randomFrame } from '../traffic/frames';
import type { AvpNic, Host, NicSettings } from '../targets/host';
import type {
  Capability,
  Guest,
  GuestPort,
  GuestSeat,
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

/** Rings and pools of a clause where it says nothing else: small, so that they wrap and run dry. */
export const SMALL_NIC: NicSettings = {
  fifoSlots: { tx: 64, rx: 64, alloc: 64, free: 64 },
  pools: [{ buffers: 512 }],
  rxQueues: { max: 4 },
  txQueues: { max: 4 },
};

/** MAC address of a neighbour on the network. */
export const NEIGHBOUR_MAC: Uint8Array = Uint8Array.of(0x52, 0x54, 0, 0xaa, 0xbb, 0xcc);

/** Data room that holds 2,048 bytes behind the headroom. */
export const POOL: PoolSettings = { mbufs: 256, dataRoomBytes: 2_176 };

const MAX_IDLE_ROUNDS = 3;

export interface PortOptions extends Partial<PortSettings> {
  /** Settings of the device, over the small ones; or a device plugged before. */
  readonly nic?: NicSettings;
  readonly plugged?: AvpNic;
  /** Pool of each receive queue; the last serves the rest. */
  readonly pools?: readonly PoolSettings[];
}

/** What sends: a port of the driver under test, or of a guest of the bench itself. */
interface Sender<Frame> {
  send(queue: number, frames: readonly Frame[]): Promise<number>;
}

/** What receives. */
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

/** What a clause works with: one host, one guest, checks, and the set-up that most begin with. */
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

  /** @param log where what happens is noted down, null where nobody wants to know. */
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

  /** True where the target can do that: for a check that others of the clause don't depend on. */
  can(capability: Capability): boolean {
    return this.target.capabilities.has(capability);
  }

  /** Needs `guest-in-arena`: where a guest of the bench itself sits down. */
  get seat(): GuestSeat {
    if (this.rig.seat === undefined) throw new Error(`target ${this.target.name} has no seat for another guest`);
    return this.rig.seat;
  }

  sleepMs(durationMs: number): Promise<void> {
    return this.rig.sleepMs(durationMs);
  }

  settle(): Promise<void> {
    return this.rig.settle();
  }

  /** Plugs a device with small rings and pools. */
  plug(settings: NicSettings = {}): AvpNic {
    return this.host.plug(merged(settings));
  }

  /** Set-up: what a control operation gives; ends the clause with `blocked` where it is refused. */
  async must<T>(what: string, result: Promise<Result<T>>): Promise<T> {
    const ended = await result;
    if (!ended.ok) throw new SetUpFailed(`${what} was refused with ${ended.errno}: ${ended.message}`);
    return ended.value;
  }

  /** Set-up: a device that the driver has taken. */
  async probed(options: PortOptions = {}): Promise<Running> {
    const nic = options.plugged ?? this.plug(options.nic);
    return { nic, port: await this.must('probe', this.guest.probe(nic)) };
  }

  /** Set-up: a port with its queues, not started. */
  async configured(options: PortOptions = {}): Promise<Running> {
    const running = await this.probed(options);
    await this.configure(running.port, options);
    return running;
  }

  /** Set-up: configures a port and sets its queues up. */
  async configure(port: GuestPort, options: PortOptions = {}): Promise<void> {
    const { nic: _nic, plugged: _plugged, pools = [POOL], rxQueues = 1, txQueues = 1, ...rest } = options;
    await this.must('configure', port.configure({ rxQueues, txQueues, ...rest }));
    for (let queue = 0; queue < rxQueues; queue++) {
      const pool = pools[Math.min(queue, pools.length - 1)]!;
      await this.must(`set-up of receive queue ${queue}`, port.setUpRxQueue(queue, pool));
    }
    for (let queue = 0; queue < txQueues; queue++)
      await this.must(`set-up of transmit queue ${queue}`, port.setUpTxQueue(queue));
  }

  /** Set-up: a port that carries traffic. */
  async started(options: PortOptions = {}): Promise<Running> {
    const running = await this.configured(options);
    await this.must('start', running.port.start());
    await this.settle();
    return running;
  }

  /** A frame from the neighbour to the guest, of random content. */
  frameTo(nic: AvpNic, bytes: number, text: Partial<FrameText> = {}): Uint8Array {
    return randomFrame(this.random, { to: nic.mac, from: NEIGHBOUR_MAC, bytes, ...text });
  }

  /** A frame from the guest to the neighbour, of random content. */
  frameFrom(nic: AvpNic, bytes: number, text: Partial<FrameText> = {}): Uint8Array {
    return randomFrame(this.random, { to: NEIGHBOUR_MAC, from: nic.mac, bytes, ...text });
  }

  /** A UDP packet from the neighbour; each flow number is a flow of its own. */
  flowFrameTo(nic: AvpNic, bytes: number, flow: number): Uint8Array {
    return flowFrame(this.random, { to: nic.mac, from: NEIGHBOUR_MAC, bytes }, flow);
  }

  /** Receives on one queue until nothing more comes. */
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

  /** Sends all frames on one queue, as room becomes free; gives how many the driver took. */
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

  /** Checks that traffic passes both ways: the quickest sign that a port is whole. */
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
