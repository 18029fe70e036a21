/** Races the host of `avp serve` and the C host, each with a testpmd of its own as its guest. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ComputeNode } from '../../emulator';
import { RealClock } from '../../shared/clock';
import type { Engine } from '../../shared/engine';
import { ExportedHost } from '../peers/dpdk/exportedHost';
import type { PreparedPeer } from '../peers/dpdk/preparePeer';
import { Testpmd } from '../peers/dpdk/testpmd';
import { roomForLayouts } from '../serve/layouts';
import { Server } from '../serve/server';
import { onCpu } from '../runtime/affinity';
import { tidyUp } from '../runtime/tidy';
import { CIRCLING_FRAMES, EMPTYING_ROUNDS, type Libraries } from './cases';
import { C_HOST_BURST, CHost, type CHostReport, REFLECT, SINK, SOURCE } from './cHost';
import { type Cpus, forwardingCpus } from './cpus';
import { exportRoom } from './exportRoom';
import { captureOf, perfFrame } from './perfFrame';

/** Forwarding modes of testpmd: it sends back what it receives, drops it, or sends frames of its own. */
export const RACE_PATHS = ['io', 'rxonly', 'txonly'] as const;
export type RacePath = (typeof RACE_PATHS)[number];

/** The NIC that both hosts serve: AVP with default settings. */
const NIC = 'net-id=A,vif-model=avp';
const NS_PER_MS = 1e6;

/** Options of a race. */
export interface RaceOptions {
  readonly prepared: PreparedPeer;
  readonly libraries: Libraries;
  readonly cpus: Cpus;
  readonly frameBytes: number;
  readonly seed: number;
  /** Engine of our host. Default: WebAssembly where that is possible. */
  readonly engine?: Engine | undefined;
  readonly warmUpMs: number;
  readonly durationMs: number;
}

/** One run of a host. */
export interface RaceRun {
  readonly nsPerPacket: number;
  readonly packets: number;
  /** Null where the host's thread has no such thing. */
  readonly scavenges: number | null;
}

/** A host with its guest. */
export interface Racer {
  /** @throws PeerEnded, PeerStuck, PeerStarved */
  run(path: RacePath): Promise<RaceRun>;
  close(): Promise<void>;
}

async function startGuest(
  { prepared, cpus, frameBytes }: RaceOptions,
  env: Readonly<Record<string, string>>,
  bdf: string,
): Promise<Testpmd> {
  // Frames that are on rx at the start must circulate, so testpmd must not flush them.
  const testpmd = await Testpmd.start({
    ...{ ...prepared, env, bdfs: [bdf] },
    ...{ cpus: forwardingCpus(cpus), args: ['--no-flush-rx'] },
  });
  await testpmd.command(`set txpkts ${frameBytes}`);
  return testpmd;
}

/** Lets testpmd drop whatever is on rx. */
async function emptyRx(testpmd: Testpmd): Promise<void> {
  await testpmd.command('set fwd rxonly');
  await testpmd.command('start');
  await testpmd.command('stop');
}

/** The host of `avp serve`. Once the guest has stopped, its thread pauses and looks up once in a millisecond. */
export class OurRacer implements Racer {
  private constructor(
    private readonly options: RaceOptions,
    private readonly folder: string,
    private readonly server: Server,
    private readonly testpmd: Testpmd,
  ) {}

  /** @throws PeerEnded, PeerStuck, PeerStarved where testpmd does not start. */
  static async open(options: RaceOptions): Promise<OurRacer> {
    const folder = mkdtempSync(join(exportRoom(), 'avp-perf-'));
    const order = { nics: [NIC], layout: null, seed: options.seed };
    const server = await onCpu(options.cpus.host, () =>
      Server.open(join(folder, 'vm'), order, process.stderr, options.engine),
    );
    try {
      const testpmd = await startGuest(options, server.env, server.devices[0]!.slot);
      return new OurRacer(options, folder, server, testpmd);
    } catch (error) {
      await server.close();
      tidyUp(folder, () => rmSync(folder, { recursive: true, force: true }));
      throw error;
    }
  }

  async run(path: RacePath): Promise<RaceRun> {
    const { server, testpmd, options } = this;
    if (path === 'io') await this.putFrames();
    if (path === 'rxonly') await server.command(`flood nic0 ${options.frameBytes}`);
    await testpmd.command(`set fwd ${path}`);
    await testpmd.command('start');
    await sleep(options.warmUpMs);
    await server.countScavenges();
    const before = await this.moved(path);
    await sleep(options.durationMs);
    const after = await this.moved(path);
    const scavenges = await server.countScavenges();
    await testpmd.command('stop');
    await server.command(path === 'rxonly' ? 'flood nic0 off' : 'reflect nic0 off');
    await emptyRx(testpmd);
    const packets = after.packets - before.packets;
    return { nsPerPacket: ((after.ms - before.ms) * NS_PER_MS) / packets, packets, scavenges };
  }

  /** Puts the frames on rx that circle from then on. */
  private async putFrames(): Promise<void> {
    const { frameBytes, seed } = this.options;
    const capture = join(this.folder, 'frames.pcapng');
    const frames = Array.from({ length: CIRCLING_FRAMES }, (_unused, index) => perfFrame(frameBytes, seed, index));
    writeFileSync(capture, captureOf(frames));
    await this.server.command('reflect nic0 on');
    await this.server.command(`feed nic0 ${capture}`);
  }

  private async moved(path: RacePath): Promise<{ readonly packets: number; readonly ms: number }> {
    const answer = (await this.server.command('stats')) as {
      readonly nics: readonly {
        readonly fromGuest: { readonly forwarded: number };
        readonly toGuest: { readonly delivered: number };
      }[];
    };
    const { fromGuest, toGuest } = answer.nics[0]!;
    return { packets: path === 'rxonly' ? toGuest.delivered : fromGuest.forwarded, ms: performance.now() };
  }

  async close(): Promise<void> {
    await this.testpmd.kill();
    await this.server.close();
    tidyUp(this.folder, () => rmSync(this.folder, { recursive: true, force: true }));
  }
}

/** The C host. Our host serves until the guest has started; then the C host takes over the rings. */
export class CRacer implements Racer {
  private constructor(
    private readonly options: RaceOptions,
    private readonly folder: string,
    private readonly node: ComputeNode,
    private readonly exported: ExportedHost,
    private readonly c: CHost,
    private readonly testpmd: Testpmd,
  ) {}

  /** @throws PeerEnded, PeerStuck, PeerStarved where testpmd does not start. */
  static async open(options: RaceOptions): Promise<CRacer> {
    const folder = mkdtempSync(join(exportRoom(), 'avp-perf-'));
    const deviceDefaults = { memoryBarBytes: roomForLayouts() };
    const node = new ComputeNode({ name: 'node', clock: new RealClock(), seed: options.seed, deviceDefaults });
    const { device } = node.boot('vm', [NIC], { drivers: [] }).nics[0]!;
    const host = new ExportedHost(join(folder, 'vm'));
    let testpmd: Testpmd | null = null;
    try {
      const { exported } = host.add(device!);
      host.start();
      testpmd = await startGuest(options, host.tree.env, exported.bdf);
      await host.stop();
      const c = CHost.open(options.libraries.hostLoop, device!);
      return new CRacer(options, folder, node, host, c, testpmd);
    } catch (error) {
      await testpmd?.kill();
      await host.close();
      node.shutdown();
      tidyUp(folder, () => rmSync(folder, { recursive: true, force: true }));
      throw error;
    }
  }

  async run(path: RacePath): Promise<RaceRun> {
    const { testpmd, options, c } = this;
    const frame = perfFrame(options.frameBytes, options.seed, 0);
    if (path === 'io') c.run({ mode: SOURCE, frame, rounds: CIRCLING_FRAMES / C_HOST_BURST });
    await testpmd.command(`set fwd ${path}`);
    await testpmd.command('start');
    const mode = { io: REFLECT, rxonly: SOURCE, txonly: SINK }[path];
    const serve = (durationMs: number): CHostReport => c.run({ mode, frame, cpu: options.cpus.host, durationMs });
    serve(options.warmUpMs);
    const { fromGuest, toGuest, ns } = serve(options.durationMs);
    await testpmd.command('stop');
    c.run({ mode: SINK, rounds: EMPTYING_ROUNDS });
    await emptyRx(testpmd);
    c.run({ mode: SINK, rounds: EMPTYING_ROUNDS });
    const packets = path === 'rxonly' ? toGuest : fromGuest;
    return { nsPerPacket: ns / packets, packets, scavenges: null };
  }

  async close(): Promise<void> {
    await this.testpmd.kill();
    await this.exported.close();
    this.c.close();
    this.node.shutdown();
    tidyUp(this.folder, () => rmSync(this.folder, { recursive: true, force: true }));
  }
}
