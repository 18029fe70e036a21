/** Races the host of `avp serve` and the C host, each with testpmd in io mode as its guest. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ComputeNode } from '../../emulator';
import { FrameSource } from '../traffic/frameSource';
import type { Engine } from '../../shared/engine';
import { RealClock } from '../../shared/clock';
import { ExportedHost } from '../peers/dpdk/exportedHost';
import type { PreparedPeer } from '../peers/dpdk/preparePeer';
import { Testpmd } from '../peers/dpdk/testpmd';
import { roomForLayouts } from '../serve/layouts';
import { Server } from '../serve/server';
import { onCpu } from '../runtime/affinity';
import { CHost, REFLECT } from './cHost';
import type { Libraries } from './cases';
import { type Cpus, forwardingCpus } from './cpus';
import { perfFrame, captureOf } from './perfFrame';
import { exportRoom } from './exportRoom';
import { tidyUp } from '../runtime/tidy';

/** The NIC that both hosts serve: AVP with default settings. */
const NIC = 'net-id=A,vif-model=avp';
/** Frames in flight: enough to keep both sides busy, too few to fill a ring. */
const FRAMES = 256;
const WARM_UP_MS = 700;
const MS_PER_S = 1_000;

/** Options of a race. */
export interface RaceOptions {
  readonly prepared: PreparedPeer;
  readonly libraries: Libraries;
  readonly cpus: Cpus;
  readonly frameBytes: number;
  readonly seed: number;
  /** How our host runs. Default: compiled where that is possible. */
  readonly engine?: Engine | undefined;
  readonly durationMs: number;
}

async function startGuest(
  { prepared, cpus }: RaceOptions,
  env: Readonly<Record<string, string>>,
  bdf: string,
): Promise<Testpmd> {
  // Frames that are on rx at the start must circulate, so testpmd must not flush them.
  const testpmd = await Testpmd.start({
    ...prepared,
    env,
    bdfs: [bdf],
    cpus: forwardingCpus(cpus),
    args: ['--no-flush-rx'],
  });
  await testpmd.command('set fwd io');
  return testpmd;
}

function framesOf({ frameBytes, seed }: RaceOptions): Uint8Array[] {
  return Array.from({ length: FRAMES }, (_unused, index) => perfFrame(frameBytes, seed, index));
}

/** Measures the packets a second that `avp serve` moves in each direction. */
export async function raceOurs(options: RaceOptions): Promise<number> {
  const folder = mkdtempSync(join(exportRoom(), 'avp-perf-'));
  const order = { nics: [NIC], layout: null, seed: options.seed };
  const server = await onCpu(options.cpus.host, () =>
    Server.open(join(folder, 'vm'), order, process.stderr, options.engine),
  );
  let testpmd: Testpmd | null = null;
  try {
    testpmd = await startGuest(options, server.env, server.devices[0]!.slot);
    const capture = join(folder, 'frames.pcapng');
    writeFileSync(capture, captureOf(framesOf(options)));
    await server.command('reflect nic0 on');
    await server.command(`feed nic0 ${capture}`);
    await testpmd.command('start');
    await sleep(WARM_UP_MS);
    const before = await forwardedBy(server);
    await sleep(options.durationMs);
    const after = await forwardedBy(server);
    return ((after.packets - before.packets) / (after.ms - before.ms)) * MS_PER_S;
  } finally {
    await testpmd?.kill();
    await server.close();
    tidyUp(folder, () => rmSync(folder, { recursive: true, force: true }));
  }
}

interface Moment {
  readonly packets: number;
  readonly ms: number;
}

async function forwardedBy(server: Server): Promise<Moment> {
  const answer = (await server.command('stats')) as {
    readonly nics: readonly { readonly fromGuest: { readonly forwarded: number } }[];
  };
  return { packets: answer.nics[0]!.fromGuest.forwarded, ms: performance.now() };
}

/**
 * Measures the packets a second of the C host. Our host serves until the guest has started. Then the
 * C host takes over the rings.
 */
export async function raceC(options: RaceOptions): Promise<number> {
  const folder = mkdtempSync(join(exportRoom(), 'avp-perf-'));
  const node = new ComputeNode({
    name: 'node',
    clock: new RealClock(),
    seed: options.seed,
    deviceDefaults: { memoryBarBytes: roomForLayouts() },
  });
  const { device } = node.boot('vm', [NIC], { drivers: [] }).nics[0]!;
  const host = new ExportedHost(join(folder, 'vm'));
  const source = new FrameSource('race', options.frameBytes);
  let testpmd: Testpmd | null = null;
  try {
    const { exported } = host.add(device!);
    host.start();
    testpmd = await startGuest(options, host.tree.env, exported.bdf);
    for (const frame of framesOf(options)) source.send(device!, frame);
    await host.stop();
    const c = CHost.open(options.libraries.hostLoop, device!);
    await testpmd.command('start');
    const run = { mode: REFLECT, cpu: options.cpus.host };
    c.run({ ...run, durationMs: WARM_UP_MS });
    const { fromGuest, ns } = c.run({ ...run, durationMs: options.durationMs });
    c.close();
    return (fromGuest / ns) * 1e9;
  } finally {
    await testpmd?.kill();
    await host.close();
    source.destroy();
    node.shutdown();
    tidyUp(folder, () => rmSync(folder, { recursive: true, force: true }));
  }
}
