/** The thread that runs an export's host (`server.ts`). Between rounds it carries out requests of the other thread. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { ErrnoError, UsageError } from '../../shared/errors';
import { Scavenges } from '../runtime/scavenges';
import { Backoff } from '../runtime/backoff';
import type { HostReply, HostRequest, HostStart } from './hostMessages';
import { carryOut } from './serveCommands';
import { type CommandReply, type PendingReply, ServedHost } from './servedHost';

/** Rounds between two looks at the messages. */
const ROUNDS = 64;
/** After the last frame, some milliseconds pass before the thread begins to pause. */
const PACE = { spins: 2_000, minPauseMs: 0.05, maxPauseMs: 1 };
/** Pause while no guest has opened a device. */
const NOBODY_MS = 5;

class HostThread {
  private readonly port = parentPort!;
  private readonly nobody = new Int32Array(new SharedArrayBuffer(4));
  private readonly backoff = new Backoff(PACE);
  private readonly host: ServedHost;
  private pending: { readonly id: number; readonly poll: PendingReply } | null = null;
  private readonly scavenges = new Scavenges();
  private readonly roundsMade: Int32Array;
  private ended = false;

  constructor({ order, rounds }: HostStart) {
    this.host = new ServedHost(order);
    this.roundsMade = rounds;
  }

  run(): void {
    this.say({ devices: this.host.devices });
    while (!this.ended) {
      Atomics.add(this.roundsMade, 0, 1);
      this.rounds();
      for (let next = this.receive(); next !== undefined; next = this.receive()) this.hear(next);
      if (this.pending !== null) this.replyToPending(this.pending);
    }
  }

  /** Runs some rounds. Pauses and returns early if nothing moves. */
  private rounds(): void {
    for (let round = 0; round < ROUNDS; round++) {
      if (this.host.step()) {
        this.backoff.reset();
        continue;
      }
      const pauseMs = this.host.hasGuest ? this.backoff.next() : NOBODY_MS;
      if (pauseMs === 0) continue;
      Atomics.wait(this.nobody, 0, 0, pauseMs);
      return;
    }
  }

  private receive(): HostRequest | undefined {
    return (receiveMessageOnPort(this.port) as { message: HostRequest } | undefined)?.message;
  }

  private hear(request: HostRequest): void {
    const { id } = request;
    try {
      const result = this.carryOut(request);
      if (typeof result === 'function') this.pending = { id, poll: result };
      else this.say({ id, reply: { ok: true, ...result } });
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof ErrnoError)) throw error;
      this.say({ id, reply: { ok: false, error: error.message } });
    }
  }

  private carryOut(request: HostRequest): CommandReply | PendingReply {
    switch (request.what) {
      case 'begin':
        this.host.begin(request.lines);
        return {};
      case 'line':
        return carryOut(this.host, request.name, request.words);
      case 'unplug':
        return this.host.unplug(request.nic);
      case 'forget':
        this.host.forget();
        return {};
      case 'countScavenges':
        return { scavenges: this.scavenges.take() };
      case 'end':
        this.ended = true;
        return this.host.end();
    }
  }

  private replyToPending({ id, poll }: { readonly id: number; readonly poll: PendingReply }): void {
    const reply = poll();
    if (reply === null) return;
    this.pending = null;
    this.say({ id, reply: { ok: true, ...reply } });
  }

  private say(message: HostReply): void {
    this.port.postMessage(message);
  }
}

try {
  new HostThread(workerData as HostStart).run();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ErrnoError)) throw error;
  parentPort!.postMessage({ refused: error.message } satisfies HostReply);
}
