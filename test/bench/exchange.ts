import { TrafficOracle, type TrafficReport } from '../../emulator';
import { type FrameBytes, type ProbeFlow, probeFlow, probeFrame, readProbe } from '../../shared/probe';
import type { AppPort } from './appPort';
import type { Random } from '../../shared/random';

const DEFAULT_FLOWS = 4;
/** Frames handed to the application in each millisecond. */
const FRAMES_PER_MS = 16;

export interface ExchangeOptions {
  /** Frames, or requests, in all. */
  readonly frames: number;
  /** Bytes of each, a size or a range. Default 64 to 1,514. */
  readonly frameBytes?: FrameBytes;
  /** How many flows they are dealt out to, default 4. */
  readonly flows?: number;
  /** Sent with this 802.1Q tag. */
  readonly vlanTci?: number;
}

/** What an exchange needs of the bench. */
export interface Surroundings {
  readonly random: Random;
  runFor(durationMs: number): Promise<void>;
  settle(): Promise<void>;
}

/** What became of an exchange. */
export interface ExchangeReport {
  readonly sent: number;
  /** Arrived whole, once, in the order of their flow. */
  readonly delivered: number;
  /** The same of the replies. */
  readonly answered: number;
  /** Frames missing, corrupted, duplicated, reordered or foreign, both ways. */
  readonly wrong: number;
}

function wrongIn(report: TrafficReport): number {
  return report.missing + report.corrupted + report.duplicated + report.reordered + report.unexpected + report.foreign;
}

/** Flow numbers stand in the payload; replies have those above the requests'. */
function makeFlows(bench: Surroundings, from: AppPort, to: AppPort, options: ExchangeOptions, firstId: number): ProbeFlow[] {
  const { flows = DEFAULT_FLOWS, frameBytes = { min: 64, max: 1_514 }, vlanTci = null } = options;
  const seed = bench.random.u32();
  return Array.from({ length: flows }, (_unused, index) =>
    probeFlow({ id: firstId + index, seed, sourceMac: from.mac, destinationMac: to.mac, frameBytes, vlanTci }),
  );
}

/** Sends probe frames from one port to another, with or without replies, until all is quiet. */
export async function exchange(
  bench: Surroundings,
  from: AppPort,
  to: AppPort,
  options: ExchangeOptions & { readonly reply: boolean },
): Promise<ExchangeReport> {
  const requests = makeFlows(bench, from, to, options, 0);
  const replies = makeFlows(bench, to, from, options, requests.length);
  const there = new TrafficOracle();
  const back = new TrafficOracle();
  there.addFlows(requests);
  back.addFlows(replies);
  to.onFrame((frame) => {
    if (there.judge(frame) !== 'delivered' || !options.reply) return;
    const flow = replies[readProbe(frame)!.flow]!;
    to.send(probeFrame(flow, back.nextSequence(flow.id)));
  });
  from.onFrame((frame) => void back.judge(frame));
  for (let sent = 0; sent < options.frames; sent++) {
    const flow = requests[bench.random.below(requests.length)]!;
    from.send(probeFrame(flow, there.nextSequence(flow.id)));
    if (sent % FRAMES_PER_MS === 0) await bench.runFor(1);
  }
  await bench.settle();
  const [went, came] = [there.report(), back.report()];
  return { sent: went.sent, delivered: went.delivered, answered: came.delivered, wrong: wrongIn(went) + wrongIn(came) };
}
