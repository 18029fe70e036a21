/** Measures a node in one thread: the emulator's hosts and switch, and our driver on every device. */
import { actAs } from '#mem';
import { mbufFree } from '../../driver';
import { ACTOR_HOST } from '../../shared/loops/rights';
import { Scavenges } from '../runtime/scavenges';
import { Flood } from '../serve/flood';
import { BURST } from './cases';
import { type Measured, median, noMeasurement, rounded } from './results';
import { endGuest, startGuest, type StartedGuest } from './startedGuest';

/** Numbers of devices that are measured. */
const DEVICES = [1, 64] as const;
const FRAME_BYTES = 64;
const NS_PER_MS = 1e6;
/** Steps between two looks at the clock. */
const STEPS = 16;
const SHORT_MS = 20;

/** Cost of a packet that goes through a node: from the host to the guest, back, and through the switch. */
export interface NodeCost {
  readonly devices: number;
  readonly queues: 1;
  readonly bytes: number;
  readonly nsPerPacket: number;
  readonly leastNs: number;
  readonly mostNs: number;
  readonly scavengesPerMpackets: number;
}

/** A flood and a guest for each device. */
class NodeTraffic {
  private readonly out = new Uint32Array(BURST);
  private readonly floods: readonly Flood[];

  constructor(private readonly guest: StartedGuest) {
    this.floods = guest.devices.map((device) => new Flood(device, FRAME_BYTES));
  }

  /** Lets every host fill its rx, and every guest send back what it finds. Returns the number of packets. */
  step(): number {
    const { node, ports } = this.guest;
    const former = actAs(ACTOR_HOST);
    for (const flood of this.floods) flood.step();
    actAs(former);
    node.step();
    let packets = 0;
    for (const port of ports)
      for (let count = port.rxBurst(0, this.out, BURST); count > 0; count = port.rxBurst(0, this.out, BURST)) {
        const sent = port.txBurst(0, this.out, count);
        for (let i = sent; i < count; i++) mbufFree(this.out[i]!);
        packets += count;
      }
    return packets;
  }

  /** Takes all frames off the rings. */
  end(): void {
    this.guest.node.step();
    this.floods.forEach((flood) => flood.destroy());
  }
}

function runFor(traffic: NodeTraffic, durationMs: number): { readonly packets: number; readonly ms: number } {
  const startMs = performance.now();
  let packets = 0;
  let ms = 0;
  for (; ms < durationMs; ms = performance.now() - startMs)
    for (let step = 0; step < STEPS; step++) packets += traffic.step();
  return { packets, ms };
}

function measureInto(measured: Measured, devices: number, seed: number, durationMs: number): void {
  const guest = startGuest({ shape: 'scattered', lanes: { ports: devices, queues: 1 }, seed });
  const traffic = new NodeTraffic(guest);
  const scavenges = new Scavenges();
  try {
    runFor(traffic, SHORT_MS);
    scavenges.take();
    const { packets, ms } = runFor(traffic, durationMs);
    measured.nsPerPacket.push((ms * NS_PER_MS) / packets);
    measured.packets += packets;
    measured.scavenges = (measured.scavenges ?? 0) + scavenges.take();
  } finally {
    scavenges.close();
    traffic.end();
    endGuest(guest);
  }
}

function perMillion({ packets, scavenges }: Measured): number {
  return rounded(((scavenges ?? 0) / packets) * 1e6);
}

/** Measures a node with one device and one with 64, in turn. The first repetition does not count. */
export function measureNode(repetitions: number, durationMs: number, seed: number): NodeCost[] {
  const all = DEVICES.map(noMeasurement);
  for (let repetition = 0; repetition <= repetitions; repetition++)
    for (const [index, devices] of DEVICES.entries())
      measureInto(repetition === 0 ? noMeasurement() : all[index]!, devices, seed, durationMs);
  return DEVICES.map((devices, index) => {
    const { nsPerPacket } = all[index]!;
    return {
      ...{ devices, queues: 1, bytes: FRAME_BYTES, nsPerPacket: rounded(median(nsPerPacket)) },
      ...{ leastNs: rounded(Math.min(...nsPerPacket)), mostNs: rounded(Math.max(...nsPerPacket)) },
      scavengesPerMpackets: perMillion(all[index]!),
    };
  });
}
