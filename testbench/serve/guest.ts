import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { Mempool } from '../../driver';
import { listTree } from '../../emulator/export/importTree';
import { RealClock } from '../../shared/clock';
import { ErrnoError, UsageError } from '../../shared/errors';
import { engineHere } from '../../shared/wasm/load';
import { type GuestMode, GuestDevice } from './guestDevice';

const MBUFS = 8_192;
/** Rounds between two turns of the event loop. */
const ROUNDS = 32;
/** Turns without a packet after which the guest begins to pause. */
const SPINS = 64;
const PAUSE_MS = 1;
const LOOK_ROUND_MS = 200;
/** Longest time that a starting guest waits for the end of a former one. */
const FORMER_GUEST_MS = 2_000;
/** Errors after which another attempt may succeed: the host is busy or about to end. */
const PASSING: readonly string[] = ['EBUSY', 'ETIME', 'ENODEV'];

export interface GuestOptions {
  readonly mode: GuestMode;
  /** Queues of each port in each direction; a device with fewer queues uses those. */
  readonly queues: number;
  /** BDFs of the functions to drive; empty for every AVP device. */
  readonly bdfs: readonly string[];
}

/**
 * Runs our driver in this process on the AVP devices of a tree of any origin, under an application
 * like testpmd's. Devices may vanish and come back, and new ones may appear.
 */
export class Guest {
  private readonly clock = new RealClock();
  private readonly pool = Mempool.create({ mbufs: MBUFS, label: 'guest' });
  private readonly ports: GuestDevice[] = [];
  private readonly others = new Set<string>();
  private ended = false;
  private nextLookMs = 0;

  private constructor(
    private readonly dir: string,
    private readonly options: GuestOptions,
  ) {}

  /**
   * Takes the devices that the options name, or every AVP device.
   * @throws UsageError if there is none, if a named one is missing, if nobody serves one, or if another
   *   guest has it; ErrnoError if the driver refuses one.
   */
  static async open(dir: string, options: GuestOptions): Promise<Guest> {
    const guest = new Guest(dir, options);
    const bdfs = guest.bdfs();
    const absent = options.bdfs.find((bdf) => !bdfs.includes(bdf));
    if (absent !== undefined)
      throw new UsageError(`${dir} shows no ${absent}: it has ${listTree(dir).join(', ') || 'none'}`);
    for (const bdf of bdfs) {
      const port = guest.portOf(bdf);
      try {
        if (await port.take(FORMER_GUEST_MS)) guest.ports.push(port);
        else guest.others.add(bdf);
      } catch (error) {
        if (!(error instanceof ErrnoError && PASSING.includes(error.code))) throw error;
        port.trouble = error.message;
        guest.ports.push(port);
      }
    }
    if (guest.ports.length === 0)
      throw new UsageError(`${dir} shows no AVP device: start avp serve --dir ${dir} first`);
    return guest;
  }

  get devices(): readonly { readonly slot: string; readonly mac: string }[] {
    return this.ports.map(({ bdf, mac }) => ({ slot: bdf, mac }));
  }

  /** Makes `run` end. */
  end(): void {
    this.ended = true;
  }

  /** Moves packets until `end`, then releases all devices in order. @throws errors that are no host's fault. */
  async run(): Promise<void> {
    let idle = 0;
    while (!this.ended) {
      let moved = 0;
      for (let round = 0; round < ROUNDS; round++) moved += this.round();
      for (const port of this.ports) port.look();
      await this.lookRound();
      idle = moved > 0 ? 0 : idle + 1;
      await (idle > SPINS ? sleep(PAUSE_MS) : turn());
    }
    for (const port of this.ports) port.letGo();
  }

  report(): Readonly<Record<string, unknown>> {
    return {
      mode: this.options.mode,
      engine: engineHere('driver'),
      queues: this.options.queues,
      ports: this.ports.map((port) => port.report()),
      mbufsInUse: this.pool.size - this.pool.available,
    };
  }

  private round(): number {
    let moved = 0;
    for (let index = 0; index < this.ports.length; index++)
      moved += this.ports[index]!.round(this.options.mode, this.ports[this.peerOf(index)]!);
    return moved;
  }

  /** Index of the port that a port forwards to: ports are paired, and the last of an odd number is its own peer. */
  private peerOf(index: number): number {
    return (index ^ 1) < this.ports.length ? index ^ 1 : index;
  }

  /** Tries lost devices again, and looks for new ones. */
  private async lookRound(): Promise<void> {
    for (const port of this.ports) if (!port.driven) await port.takeAgain();
    if (this.clock.nowMs() < this.nextLookMs) return;
    this.nextLookMs = this.clock.nowMs() + LOOK_ROUND_MS;
    for (const port of this.ports) port.lookAtTree();
    for (const bdf of this.bdfs()) {
      if (this.others.has(bdf) || this.ports.some((port) => port.bdf === bdf)) continue;
      await this.greet(this.portOf(bdf));
    }
  }

  /** Takes a new device. If that fails, a later round tries again. */
  private async greet(port: GuestDevice): Promise<void> {
    try {
      if (await port.take()) this.ports.push(port);
      else this.others.add(port.bdf);
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof ErrnoError)) throw error;
    }
  }

  /** Lists the BDFs in the tree that this guest may take. */
  private bdfs(): string[] {
    const wanted = this.options.bdfs;
    return listTree(this.dir).filter((bdf) => wanted.length === 0 || wanted.includes(bdf));
  }

  private portOf(bdf: string): GuestDevice {
    return new GuestDevice(this.dir, bdf, this.pool, this.options.queues, this.clock);
  }
}
