import type { Capture, ComputeNode, SwitchPort } from '../../emulator';
import type { Clock } from '../../shared/clock';
import { nonZero, type PortAccount } from '../api/result';
import { CapturePlayer, CaptureSink, FrameListener, type OnFrame } from '../traffic/captureEndpoints';
import type { FitCapture } from '../api/capture';

/** An endpoint of the bench on a virtual switch. It plays frames into a network or keeps those that come out. */
export interface BenchEndpoint {
  readonly name: string;
  readonly port: SwitchPort;
  account(): PortAccount;
  /** True while it has frames to send. */
  busy(): boolean;
}

/** Options of a player of captures. */
export interface PlayerOptions {
  /** Number of times that all the captures are played, one after another without a pause. Default 1. */
  readonly rounds?: number;
}

/** Connects a player of captures, one file after another, as fast as the network takes their frames. */
export function connectPlayer(
  node: ComputeNode,
  clock: Clock,
  name: string,
  network: string,
  captures: readonly FitCapture[],
  options: PlayerOptions = {},
): BenchEndpoint {
  const skipped = skippedIn(captures);
  const player = new CapturePlayer({ name, capture: joined(captures), clock, ...options });
  const port = node.connect(player, network);
  return {
    name,
    port,
    account: () => {
      const { forwarded, flooded, dropped } = port.stats();
      return {
        name,
        offered: player.sent + player.unsent + sumOf(skipped),
        delivered: forwarded + flooded,
        dropped: nonZero({ ...skipped, ...dropped, unsent: player.unsent }),
      };
    },
    busy: () => !player.done,
  };
}

/** One capture of the frames of all. The only one stays as it is, because a copy of a long list is long. */
function joined(captures: readonly FitCapture[]): Capture {
  const [first, ...others] = captures;
  if (first !== undefined && others.length === 0) return first;
  return { interfaces: [], frames: captures.flatMap(({ frames }) => frames) };
}

/** Sums the frames that were left out of captures, by cause. */
function skippedIn(captures: readonly FitCapture[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { skipped = {} } of captures)
    for (const [cause, count] of Object.entries(skipped))
      sums[`capture ${cause}`] = (sums[`capture ${cause}`] ?? 0) + count;
  return sums;
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Frames that came out of a network, oldest first. */
export interface ReceivedFrames {
  /** Copies of the frames so far, in order of arrival. */
  readonly frames: readonly Uint8Array[];
}

/** Connects an endpoint that hands the frames that come out of a network to a function. */
export function connectListener(node: ComputeNode, name: string, network: string, onFrame: OnFrame): BenchEndpoint {
  const listener = new FrameListener(name, onFrame);
  const port = node.connect(listener, network);
  return {
    name,
    port,
    account: () => ({ name, offered: port.stats().out, delivered: listener.heard, dropped: {} }),
    busy: () => false,
  };
}

/** Connects a sink that keeps the frames that come out of a network. */
export function connectSink(
  node: ComputeNode,
  clock: Clock,
  name: string,
  network: string,
): BenchEndpoint & ReceivedFrames {
  const sink = new CaptureSink(name, clock);
  const port = node.connect(sink, network);
  const frames: Uint8Array[] = [];
  return {
    name,
    port,
    get frames() {
      // Appends what is new, so that reading the list over and over costs no copy of it each time.
      while (frames.length < sink.frames.length) frames.push(sink.frames[frames.length]!.bytes);
      return frames;
    },
    account: () => ({
      name,
      offered: port.stats().out,
      delivered: sink.frames.length,
      dropped: nonZero({ full: sink.dropped }),
    }),
    busy: () => false,
  };
}
