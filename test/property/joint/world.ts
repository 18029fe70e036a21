/** A compute node with one instance whose NICs are plugged and unplugged, and an application on each port. */
import { expect } from 'chai';
import { avpDriver, Port } from '../../../driver';
import type { Instance } from '../../../emulator/machine/instance';
import type { Nic } from '../../../emulator/machine/nic';
import { ComputeNode } from '../../../emulator/machine/node';
import type { AvpDeviceSettings, DeepPartial } from '../../../emulator/device/settings';
import { extents } from '../../../shared/arena';
import { VirtualClock } from '../../../shared/clock';
import { ErrnoError } from '../../../shared/errors';
import { ensure } from './ensure';
import { makeFrame, sequenceOf, type FrameSpec } from './frames';
import { Guest, type Received } from './guest';
import {
  addWork,
  checkBuffers,
  checkExchange,
  checkHostStats,
  checkPortStats,
  NO_WORK,
  sum,
  workOf,
} from './invariants';
import { LATE_ANSWER_MS, type Outcome, type PortModel, queuesOf, type Wanted } from './model';
import { settle, startOver, Wire } from './rig';

export const QUEUES = 2;

const SETTINGS: DeepPartial<AvpDeviceSettings> = {
  mac: '52:54:00:00:00:01',
  pools: [{ buffers: 100 }, { buffers: 60 }],
  fifoSlots: { tx: 32, rx: 64, alloc: 32, free: 64, req: 64, resp: 64 },
  mbufSize: 512,
  layout: { offsets: 'different', order: 'shuffled', gaps: true, nearFourGiB: true, segments: 20 },
};

/** The random parameters of a NIC. */
export interface NicDraw {
  readonly minRx: number;
  readonly vlan: boolean;
  /** Entries that the host processes per queue and step; a small number makes it slow. */
  readonly budget: number;
}

/** One NIC: its device, its wire, its port and the application on it. */
export class RealPort {
  guest: Guest;
  private work = NO_WORK;
  private sequence = 0;
  /** Frames on the way to the guest, and from it, by sequence number. */
  private readonly toGuest = new Map<number, Received & { readonly spec: FrameSpec }>();
  private readonly fromGuest = new Map<number, Received>();
  /** Packets lost when the host emptied the rings, as far as already accounted for. */
  private emptied = 0;

  constructor(
    private readonly world: World,
    readonly nic: Nic,
    readonly wire: Wire,
  ) {
    this.guest = this.openGuest();
  }

  get device(): NonNullable<Nic['device']> {
    return this.nic.device!;
  }

  get port(): Port {
    return this.guest.port;
  }

  /** Makes the application for the port that the driver has just probed. */
  private openGuest(): Guest {
    const port = this.world.instance.portOf(this.nic, avpDriver);
    expect(port, 'port after a probe').to.be.instanceOf(Port);
    return new Guest(port!, {
      rxQueues: QUEUES,
      txQueues: QUEUES,
      rxMbufs: 48,
      txMbufs: 48,
      rxMbufBytes: [600, 1_000],
    });
  }

  configure(wanted: Wanted): void {
    this.port.configure(wanted);
    const { rxQueues, txQueues } = queuesOf(wanted);
    for (let queue = 0; queue < rxQueues; queue++)
      this.port.rxQueueSetup(queue, { mempool: this.guest.rxPools[queue]! });
    for (let queue = 0; queue < txQueues; queue++) this.port.txQueueSetup(queue);
  }

  /** Unplugs the device and plugs it again, so that the driver removes the port and probes a new one. */
  reprobe(): void {
    const { bus } = this.world.instance;
    this.recordWork();
    bus.unplug(this.nic.bdf);
    this.guest.release();
    // A new port would take a late answer for its own (section 8), so wait until none can come.
    this.world.clock.sleepMs(LATE_ANSWER_MS);
    bus.plug(this.nic.owner);
    this.guest = this.openGuest();
    this.world.clock.step();
  }

  /** Saves the packet counts of the port before its record is released, and frees all mbufs. */
  recordWork(): void {
    this.work = addWork(this.work, workOf(this.port));
    this.guest.dropBacklog();
    this.guest.freeKept();
  }

  settle(): void {
    settle(this.device, () => this.world.clock.step());
  }

  /** Sends frames from the network, and checks their outcome at the host and in the guest. */
  receive(specs: readonly FrameSpec[], model: PortModel): void {
    const cause = model.dropCause;
    for (const spec of specs) {
      const frame = makeFrame(spec, this.sequence);
      const before = this.hostDrops();
      this.wire.send(frame);
      const risen = Object.entries(this.hostDrops())
        .filter(([name, value]) => value !== before[name])
        .map(([name]) => name);
      // Packets that nobody receives may fill the ring or exhaust the buffers.
      const full = this.toGuest.size > 0 && (risen[0] === 'ringFull' || risen[0] === 'noBuffers');
      if (!full) expect(risen, 'cause of a drop at the host').to.deep.equal(cause === null ? [] : [cause]);
      if (risen.length === 0 && model.presence === 'present') this.expectFrame(spec, frame, model);
    }
    this.settle();
    this.take(model);
  }

  private hostDrops(): Readonly<Record<string, number>> {
    return this.device.inspect.stats().toGuest.dropped;
  }

  private expectFrame(spec: FrameSpec, frame: Uint8Array, model: PortModel): void {
    const stripped = spec.tci !== null && model.host.agreed.features === 1;
    const bytes = stripped ? Buffer.concat([frame.subarray(0, 12), frame.subarray(16)]) : frame;
    this.toGuest.set(this.sequence++, { bytes, vlanTci: stripped ? spec.tci : null, spec });
  }

  /** Receives until no more packets come. Each packet must be one that is on the way. */
  take(model: PortModel): void {
    const before = workOf(this.port);
    const lost = this.lostCounts();
    // A burst that returns no packet may have dropped some, so watch the count of packets taken off rx.
    for (let taken = -1; taken !== workOf(this.port).received;) {
      taken = workOf(this.port).received;
      for (const packet of this.guest.receiveAll()) this.receiveOne(packet, model);
      this.settle();
    }
    if (!model.up || !model.receives) {
      expect(workOf(this.port).received - before.received, 'packets taken though no queue receives').to.equal(0);
      return;
    }
    this.expectNoneWaiting(model, lost);
  }

  private receiveOne({ bytes, vlanTci }: Received, model: PortModel): void {
    const number = sequenceOf(bytes);
    const sent = this.toGuest.get(number);
    const tag = model.rxVlan ? (sent?.vlanTci ?? null) : null;
    ensure(
      sent !== undefined && Buffer.compare(sent.bytes, bytes) === 0 && tag === vlanTci,
      () => `packet ${number} is not as it was sent, or came twice`,
    );
    ensure(sent!.spec.to !== 'other' || model.promiscuous, () => `packet ${number} is for another station`);
    this.toGuest.delete(number);
  }

  /** Counts of packets that the driver filtered, and of packets lost for lack of an mbuf. */
  private lostCounts(): { readonly filtered: number; readonly noMbuf: number } {
    const all = Object.entries(this.port.xstatsGet());
    const named = (end: string): number => sum(all.filter(([name]) => name.endsWith(end)).map(([, value]) => value));
    return { filtered: named('_filtered_mac'), noMbuf: named('_no_mbuf') };
  }

  /** Expects that every packet that did not reach a running port was filtered, or lost for lack of an mbuf. */
  private expectNoneWaiting(model: PortModel, before: ReturnType<RealPort['lostCounts']>): void {
    const after = this.lostCounts();
    const missing = [...this.toGuest.values()];
    const foreign = model.promiscuous ? 0 : missing.filter(({ spec }) => spec.to === 'other').length;
    const noMbuf = after.noMbuf - before.noMbuf;
    const { ringEmptied = 0 } = this.hostDrops();
    const lost = after.filtered - before.filtered + noMbuf + ringEmptied - this.emptied;
    expect(lost, 'packets that did not arrive').to.equal(missing.length);
    this.emptied = ringEmptied;
    expect(after.filtered - before.filtered, 'packets filtered').to.be.most(foreign);
    if (this.guest.rxPools.every((pool) => pool.available > 16))
      expect(noMbuf, 'no mbuf, with many in the pool').to.equal(0);
    this.toGuest.clear();
  }

  /** Sends packets from the application, and checks their outcome at the driver and at the host. */
  send(queue: number, specs: readonly FrameSpec[], model: PortModel): void {
    const alive = model.up && queue < model.agreed.txQueues;
    const vlan = model.features === 1;
    const offered: number[] = [];
    for (const spec of specs) {
      const bytes = makeFrame({ ...spec, tci: null }, this.sequence);
      if (!this.guest.offer(queue, bytes, spec.tci === null ? {} : { vlanTci: spec.tci })) continue;
      if (alive && (spec.tci === null || vlan)) this.fromGuest.set(this.sequence, { bytes, vlanTci: spec.tci });
      offered.push(this.sequence++);
    }
    let taken = 0;
    for (let sent = -1; sent !== 0; taken += sent) {
      sent = this.guest.send(queue, 64);
      this.settle();
    }
    if (!alive) expect(taken, 'packets taken by a port that is not up').to.equal(0);
    else if (!model.host.paused) expect(taken, 'packets taken').to.equal(offered.length);
    for (const number of offered.slice(taken)) this.fromGuest.delete(number);
    this.guest.dropBacklog();
    this.expectArrivals();
  }

  /** Expects that each frame on the wire is one that is on the way, and arrives once. */
  expectArrivals(): void {
    for (const frame of this.wire.take()) {
      const number = sequenceOf(frame);
      const sent = this.fromGuest.get(number);
      const wanted = sent === undefined || sent.vlanTci === null ? sent?.bytes : withTag(sent.bytes, sent.vlanTci);
      ensure(
        wanted !== undefined && Buffer.compare(wanted, frame) === 0,
        () => `frame ${number} on the wire is not as it was sent, or came twice`,
      );
      this.fromGuest.delete(number);
    }
  }

  /** Forgets all frames on the way, because the rings are gone; the host has counted them. */
  clearExpected(): void {
    this.toGuest.clear();
    this.fromGuest.clear();
  }

  check(model: PortModel): void {
    const { device, port, guest } = this;
    const stale = model.host.renewal || model.presence === 'vanished';
    const work = addWork(this.work, workOf(port));
    checkBuffers(device, 0, stale);
    checkHostStats(device);
    checkExchange(device, work, stale);
    checkPortStats(port);
    guest.checkPools();
    if (model.presence === 'present') expect(device.inspect.brokenCanaries(), 'canaries').to.deep.equal([]);
    const { live, link, agreed } = model.host;
    expect([device.configured, device.inspect.linkUp], 'host: configured, link up').to.deep.equal([live, live && link]);
    expect(port.state, 'state of the port').to.equal(model.state);
    expect(port.linkGet().up, 'link of the port').to.equal(model.up);
    const { rxQueues, txQueues, features } = device.inspect.negotiated;
    const expected = live ? agreed : { rxFifos: 0, txQueues: 0, features: 0 };
    expect({ rxFifos: rxQueues, txQueues, features }, 'negotiated').to.deep.equal(expected);
  }
}

function withTag(bytes: Uint8Array, tci: number): Uint8Array {
  return Buffer.concat([bytes.subarray(0, 12), Uint8Array.of(0x81, 0, tci >>> 8, tci & 0xff), bytes.subarray(12)]);
}

export class World {
  readonly clock = new VirtualClock(5);
  readonly node: ComputeNode;
  readonly instance: Instance;
  readonly ports: RealPort[] = [];
  private plugged = 0;
  private readonly extentsBefore: number;

  constructor() {
    startOver();
    this.node = new ComputeNode({ name: 'node', clock: this.clock, seed: 1 });
    this.extentsBefore = extents().length;
    this.instance = this.node.boot('guest', [], { drivers: [avpDriver] });
  }

  plug({ minRx, vlan, budget }: NicDraw): void {
    const network = `net${this.plugged++}`;
    const wire = new Wire(network);
    this.node.connect(wire, network);
    const nic = this.instance.hotPlug({
      network,
      model: 'avp',
      mac: '52:54:00:00:00:01',
      settings: {
        ...SETTINGS,
        rxQueues: { min: minRx, max: 4 },
        txQueues: { min: 1, max: QUEUES },
        vlanOffload: vlan,
        budget: { tx: budget, free: budget, alloc: budget },
      },
    });
    this.ports.push(new RealPort(this, nic, wire));
    this.clock.step();
  }

  /** Unplugs a NIC, and expects that all its memory is released. */
  unplug(index: number): void {
    const port = this.ports[index]!;
    port.recordWork();
    this.instance.hotUnplug(port.nic);
    port.guest.release();
    const left = extents().filter(({ label }) => label.includes(port.nic.name) || label === `port ${port.nic.bdf}`);
    expect(left, 'memory of a NIC that was removed').to.deep.equal([]);
    this.ports.splice(index, 1);
  }

  /** Runs a control operation and returns its outcome. */
  static outcome(body: () => void): Outcome {
    try {
      body();
      return null;
    } catch (error) {
      if (error instanceof ErrnoError) return error.code;
      throw error;
    }
  }

  check(models: readonly PortModel[]): void {
    this.ports.forEach((port, i) => port.check(models[i]!));
    for (const { kind, error } of this.instance.bus.events)
      expect(error, `error of the driver at '${kind}'`).to.equal(null);
  }

  /** Unplugs everything, and expects that all memory except the wires' is released. */
  end(): void {
    while (this.ports.length > 0) this.unplug(0);
    this.node.shutdown();
    const left = extents().filter(({ label }) => !label.startsWith('wire '));
    expect(left.length, 'memory at the end').to.be.most(this.extentsBefore);
  }
}
