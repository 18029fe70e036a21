import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ComputeNode } from '../../emulator';
import { RealClock } from '../../shared/clock';
import { ExportedHost } from '../peers/dpdk/exportedHost';
import { parseForwardStats, PeerOutputError } from '../peers/dpdk/parse';
import type { PreparedPeer } from '../peers/dpdk/preparePeer';
import { Testpmd } from '../peers/dpdk/testpmd';
import { C_HOST_BURST, CHost, REFLECT, SINK, SOURCE } from './cHost';
import {
  CIRCLING_FRAMES,
  EMPTYING_ROUNDS,
  SPREADING_MS,
  type DriverCase,
  type DriverOptions,
  type MeasuredDriver,
  settingsFor,
  type RunCost,
} from './cases';
import { forwardingCpus } from './cpus';
import { exportRoom } from './exportRoom';
import { tidyUp } from '../runtime/tidy';

const CYCLES =
  /CPU cycles\/packet=[\d.]+ \((?:total|busy) cycles=(\d+) \/ total \S+ packets=(\d+)\) at (\d+) MHz Clock/;
const NS_PER_US = 1_000;

/**
 * Reads the cost of a run with `set record-core-cycles on` from the output of `stop`: cycles of the
 * time-stamp counter, at a rate that testpmd has measured, in rounds that had packets. The cost of none is infinite.
 * @throws PeerOutputError
 */
export function parseStepCost(output: string): RunCost {
  const [, cycles, packets, mhz] = CYCLES.exec(output) ?? [];
  const { rxPackets, txPackets } = parseForwardStats(output);
  // testpmd that had no packets, for want of a CPU, tells no cycles.
  if (cycles === undefined && rxPackets > 0) throw new PeerOutputError('no cycles per packet', output);
  return {
    nsPerPacket: cycles === undefined ? Infinity : (Number(cycles) / Number(packets) / Number(mhz)) * NS_PER_US,
    sentShare: txPackets / rxPackets,
    packets: rxPackets,
    bursts: null,
    scavenges: null,
  };
}

/** DPDK's driver in testpmd, on a device that the C host serves. */
export class PeerDriver implements MeasuredDriver {
  private constructor(
    private readonly options: DriverOptions,
    private readonly folder: string,
    private readonly node: ComputeNode,
    private readonly host: ExportedHost,
    private readonly c: CHost,
    private readonly testpmd: Testpmd,
  ) {}

  /** @throws PeerEnded, PeerStuck where testpmd does not start. */
  static async open(options: DriverOptions, prepared: PreparedPeer): Promise<PeerDriver> {
    const { shape, lanes, cpus, seed, libraries } = options;
    const folder = mkdtempSync(join(exportRoom(), 'avp-perf-'));
    const node = new ComputeNode({
      name: 'node',
      clock: new RealClock(),
      seed,
      deviceDefaults: settingsFor(shape, lanes),
    });
    const { device } = node.boot('vm', ['net-id=A,vif-model=avp'], { drivers: [] }).nics[0]!;
    const host = new ExportedHost(join(folder, 'vm'));
    let testpmd: Testpmd | null = null;
    try {
      const { exported } = host.add(device!);
      host.start();
      const env = host.tree.env;
      testpmd = await Testpmd.start({
        ...prepared,
        env,
        bdfs: [exported.bdf],
        cpus: forwardingCpus(cpus),
        args: ['--no-flush-rx', `--rxq=${lanes.queues}`, `--txq=${lanes.queues}`],
      });
      await testpmd.command('set record-core-cycles on');
      await host.stop();
      return new PeerDriver(options, folder, node, host, CHost.open(libraries.hostLoop, device!), testpmd);
    } catch (error) {
      await testpmd?.kill();
      await host.close();
      node.shutdown();
      tidyUp(folder, () => rmSync(folder, { recursive: true, force: true }));
      throw error;
    }
  }

  /** @throws PeerEnded, PeerStuck, PeerStarved, PeerOutputError */
  async measure({ loop, burst }: DriverCase, frame: Uint8Array, durationMs: number): Promise<RunCost> {
    const { testpmd, options } = this;
    await testpmd.command(`set burst ${burst}`);
    if (loop === 'circle') return this.circle(frame, durationMs);
    await testpmd.command(`set fwd ${loop}`);
    await testpmd.command('start');
    const run = this.c.start({ mode: loop === 'io' ? SOURCE + SINK : SOURCE, frame, cpu: options.cpus.host });
    try {
      await sleep(durationMs);
      return parseStepCost(await testpmd.command('stop'));
    } finally {
      await run.stop();
    }
  }

  /** The host runs in this thread, so that nothing that testpmd does at its prompt is in the time. */
  private async circle(frame: Uint8Array, durationMs: number): Promise<RunCost> {
    const { testpmd, c, options } = this;
    await this.empty();
    c.run({ mode: SOURCE, frame, rounds: CIRCLING_FRAMES / C_HOST_BURST });
    await testpmd.command('set fwd io');
    await testpmd.command('start');
    const run = { mode: REFLECT, cpu: options.cpus.host };
    c.run({ ...run, durationMs: SPREADING_MS });
    const { fromGuest, ns } = c.run({ ...run, durationMs });
    await testpmd.command('stop');
    await this.empty();
    return { nsPerPacket: ns / fromGuest, sentShare: 1, packets: fromGuest, bursts: null, scavenges: null };
  }

  /** Drops whatever is on the rings. */
  private async empty(): Promise<void> {
    this.c.run({ mode: SINK, rounds: EMPTYING_ROUNDS });
    await this.testpmd.command('set fwd rxonly');
    await this.testpmd.command('start');
    await this.testpmd.command('stop');
    this.c.run({ mode: SINK, rounds: EMPTYING_ROUNDS });
  }

  async close(): Promise<void> {
    await this.testpmd.kill();
    await this.host.close();
    this.c.close();
    this.node.shutdown();
    tidyUp(this.folder, () => rmSync(this.folder, { recursive: true, force: true }));
  }
}
