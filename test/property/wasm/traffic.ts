/** Traffic between driver and device, with both of them hostile at times, and all memory after each turn. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { avpDriver, mbufAttach, mbufReference, Mempool } from '../../../driver';
import type { AvpDeviceSettings, DeepPartial } from '../../../emulator/device/settings';
import { asHost } from '../../../shared/actors';
import { arenaImage } from '../../../shared/arenaImage';
import { BenchError, ErrnoError } from '../../../shared/errors';
import { deviceSettings } from '../joint/arbitraries';
import { makeFrame, ownFrame } from '../joint/frames';
import { Guest } from '../joint/guest';
import { corruption, Target } from '../joint/hostile';
import { Rig } from '../joint/rig';
import { extreme32 } from './values';

const bytes = fc.oneof(fc.integer({ min: 14, max: 400 }), fc.constantFrom(14, 60, 64, 512, 1_514, 9_000));
const tci = fc.constantFrom(null, null, 1, 0x0fff, 0xffff);

/** A packet of the application, or a handle that is no mbuf. */
const packet = fc.record({
  bytes,
  tci,
  segmentBytes: fc.constantFrom(2_048, 2_048, 64, 33),
  /** Sent once more, or together with an mbuf that is attached to its data. */
  sharing: fc.constantFrom('none', 'none', 'twice', 'attached'),
  wild: fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: extreme32 }),
});

const turn = fc.record({
  toGuest: fc.array(fc.record({ bytes, tci, flow: fc.nat({ max: 9 }) }), { maxLength: 12 }),
  fromGuest: fc.array(packet, { maxLength: 8 }),
  burst: fc.constantFrom(1, 5, 32, 64, 70),
  keep: fc.boolean(),
  control: fc.constantFrom('none', 'none', 'none', 'stop', 'start', 'vlan', 'migrate'),
  /** Words that the host overwrites before the guest's bursts. */
  byHost: fc.array(corruption, { maxLength: 6 }),
  /** Words that the guest overwrites before the host's step. */
  byGuest: fc.array(corruption, { maxLength: 3 }),
});
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

export interface TrafficCase {
  readonly settings: DeepPartial<AvpDeviceSettings>;
  readonly rxQueues: number;
  readonly txQueues: number;
  readonly simple: boolean;
  readonly turns: readonly Turn[];
}

/** A sound host has sound turns only, so that packets get through. */
export function trafficCase(hostile: boolean): fc.Arbitrary<TrafficCase> {
  const sound = turn.map((one): Turn => ({ ...one, byHost: [], byGuest: [] }));
  return fc.record({
    settings: deviceSettings.map((settings) => ({
      ...settings,
      rxQueues: { min: 1, max: 4 },
      txQueues: { min: 1, max: 2 },
    })),
    rxQueues: fc.integer({ min: 1, max: 2 }),
    txQueues: fc.integer({ min: 1, max: 2 }),
    simple: fc.boolean(),
    turns: fc.array(hostile ? turn : sound, { minLength: 1, maxLength: 5 }),
  });
}

/** The hash of each allocation, by its label and its number. */
export type MemoryHashes = Readonly<Record<string, string>>;

export interface TrafficOutcome {
  /** All memory after each turn. */
  readonly memory: readonly MemoryHashes[];
  /** Packets that the application got, and frames that reached the wire. */
  readonly received: readonly string[];
  readonly sent: readonly string[];
  readonly driver: Readonly<Record<string, number>>;
  /** Counted for all mempools, and in no allocation of the arena. */
  readonly refusedFrees: number;
  /** JSON of the host's counters. */
  readonly host: string;
}

function memoryHashes(): MemoryHashes {
  return Object.fromEntries(
    arenaImage().map(({ label, content }, index) => [
      `${index} ${label}`,
      createHash('sha1').update(content).digest('base64'),
    ]),
  );
}

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex');
}

class Traffic {
  private readonly target: Target;
  private readonly received: string[] = [];
  private readonly memory: MemoryHashes[] = [];
  private sequence = 0;

  constructor(
    private readonly rig: Rig,
    private readonly guest: Guest,
  ) {
    this.target = new Target(rig);
  }

  run(turns: readonly Turn[]): TrafficOutcome {
    for (const one of turns) {
      for (const { bytes: length, flow, tci: tag } of one.toGuest)
        this.rig.wire.send(
          tag === null
            ? ownFrame(this.sequence++, { bytes: length, flow })
            : makeFrame({ to: 'own', bytes: length + 4, tci: tag, flow }, this.sequence++),
        );
      one.fromGuest.forEach((what, index) => this.offer(index % this.guest.options.txQueues, what));
      for (const word of one.byGuest) this.target.corruptAsGuest(word, true);
      this.rig.clock.step();
      asHost(() => one.byHost.forEach((word) => this.target.corrupt(word)));
      this.bursts(one);
      this.control(one.control);
      this.memory.push(memoryHashes());
    }
    return this.end();
  }

  private offer(
    queue: number,
    { bytes: length, tci: tag, segmentBytes, sharing, wild }: Turn['fromGuest'][number],
  ): void {
    const waiting = this.guest.backlog[queue]!;
    if (wild !== null) {
      waiting.push(wild);
      return;
    }
    const frame = makeFrame({ to: 'other', bytes: length, tci: null, flow: queue }, this.sequence++);
    const options = { segmentBytes, ...(tag === null ? {} : { vlanTci: tag }) };
    if (!this.guest.offer(queue, frame, options) || sharing === 'none') return;
    const first = waiting.at(-1)!;
    if (sharing === 'twice') mbufReference(first);
    const again = sharing === 'twice' ? first : this.guest.txPool.alloc();
    if (again === 0) return;
    if (sharing === 'attached') mbufAttach(again, first, 0, Math.min(length, segmentBytes));
    waiting.push(again);
  }

  private bursts({ burst, keep }: Turn): void {
    const { rxQueues, txQueues } = this.guest.options;
    for (let queue = 0; queue < rxQueues; queue++) {
      this.guest.port.rxQueueCount(queue);
      for (const { bytes: data, vlanTci } of this.guest.receive(queue, burst, keep))
        this.received.push(`${queue} ${vlanTci} ${hex(data)}`);
    }
    for (let queue = 0; queue < txQueues; queue++) this.guest.send(queue, burst);
  }

  /** A control operation may be refused by a host that has overwritten its own answer. */
  private control(what: Turn['control']): void {
    const { port } = this.guest;
    try {
      if (what === 'stop') port.stop();
      if (what === 'start') port.start();
      if (what === 'vlan') port.vlanOffloadSet({ strip: false });
      if (what === 'migrate') this.migrate();
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
    }
  }

  private migrate(): void {
    try {
      this.rig.device.beginDetach();
      for (let step = 0; step < 4; step++) this.rig.clock.step();
      this.rig.device.beginAttach();
      for (let step = 0; step < 4; step++) this.rig.clock.step();
    } catch (error) {
      // The device refuses an event out of order.
      if (!(error instanceof BenchError)) throw error;
    }
  }

  private end(): TrafficOutcome {
    this.rig.clock.step();
    const driver = this.guest.port.xstatsGet();
    const host = JSON.stringify(this.rig.device.inspect.stats());
    this.guest.dropBacklog();
    this.guest.freeKept();
    this.memory.push(memoryHashes());
    avpDriver.remove(this.guest.port);
    this.memory.push(memoryHashes());
    const { memory, received } = this;
    return { memory, received, sent: this.rig.wire.take().map(hex), driver, refusedFrees: Mempool.refusedFrees, host };
  }
}

/** Runs a case in this thread, with the loops that the thread has chosen. */
export function runTraffic({ settings, rxQueues, txQueues, simple, turns }: TrafficCase): TrafficOutcome {
  const rig = new Rig(settings, 7);
  const guest = new Guest(rig.probe(), {
    rxQueues,
    txQueues,
    rxMbufs: 40,
    txMbufs: 60,
    rxMbufBytes: simple ? [9_300] : [2_048, 300],
    txMbufBytes: 2_048,
    vlanStrip: rig.device.settings.vlanOffload,
    vlanInsert: rig.device.settings.vlanOffload,
  }).setUp();
  guest.start();
  rig.settle();
  return new Traffic(rig, guest).run(turns);
}
