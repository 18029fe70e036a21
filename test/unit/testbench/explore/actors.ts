import { add32, load32, store32 } from '#mem';
import { blockPort, enterBurst, leaveBurst, unblockPort } from '../../../../driver/loops/gate';
import {
  fifoCount,
  fifoFill,
  fifoFreeCount,
  fifoPeekLo,
  fifoPublishRead,
  fifoPublishWrite,
} from '../../../../shared/loops/fifo';
import type { ActorContext } from '../../../../testbench/explore/engine';

/** The actors of the tests, each of which runs in a thread of its own. */

/** Adds 1 several times, either with a load and a store, which is a race, or with one atomic update. */
export function count(_context: ActorContext, data: { address: number; times: number; atomic: boolean }): void {
  for (let i = 0; i < data.times; i++)
    if (data.atomic) add32(data.address, 1);
    else store32(data.address, load32(data.address) + 1);
}

/** Adds 1 with a load and a store, as often as a word in memory says. */
export function countAsTold(context: ActorContext, { address }: { address: number }): void {
  count(context, { address, times: load32(address + 8), atomic: false });
}

export interface GateAddresses {
  /** Address of a port record, of which the gate uses a few fields. */
  readonly port: number;
  /** Address of the word that announces a burst. */
  readonly busy: number;
  /** Address of a word that is 1 while the port is blocked and no burst runs. */
  readonly exclusive: number;
}

/** Runs bursts through the driver's gate. Returns how often `exclusive` was 1 during a burst. */
export function burst(context: ActorContext, { port, busy, exclusive }: GateAddresses): number {
  let met = 0;
  for (let i = 0; i < 3; i++) {
    if (enterBurst(port, busy)) {
      met += load32(exclusive);
      met += load32(exclusive);
      leaveBurst(busy);
    }
    context.yield();
  }
  return met;
}

/** Blocks the port, waits for the burst to end, and sets `exclusive` for a moment. */
export function block(context: ActorContext, { port, busy, exclusive }: GateAddresses): void {
  for (let i = 0; i < 2; i++) {
    blockPort(port, 2);
    while (load32(busy) !== 0) context.clock.sleepMs(1);
    store32(exclusive, 1);
    store32(exclusive, 0);
    unblockPort(port, 2);
  }
}

export interface RingAddresses {
  readonly producer: number;
  readonly consumer: number;
  readonly items: number;
}

export function produce(context: ActorContext, { producer, items }: RingAddresses): void {
  for (let next = 1; next <= items;) {
    const room = Math.min(fifoFreeCount(producer), items - next + 1, 3);
    for (let i = 0; i < room; i++) fifoFill(producer, i, next + i, 0);
    if (room > 0) fifoPublishWrite(producer, room);
    next += room;
    context.yield();
  }
}

export function consume(context: ActorContext, { consumer, items }: RingAddresses): number[] {
  const got: number[] = [];
  while (got.length < items) {
    const filled = fifoCount(consumer);
    for (let i = 0; i < filled; i++) got.push(fifoPeekLo(consumer, i));
    if (filled > 0) fifoPublishRead(consumer, filled);
    context.yield();
  }
  return got;
}

export function sleeper(context: ActorContext, data: { ms: number; times: number }): number[] {
  return Array.from({ length: data.times }, () => {
    context.clock.sleepMs(data.ms);
    return context.clock.nowMs();
  });
}

export function server(context: ActorContext): number {
  let rounds = 0;
  for (; !context.over; rounds++) context.clock.sleepMs(0.5);
  return rounds;
}

export function waiter(context: ActorContext, data: { word?: number; name?: string }): unknown {
  return data.name === undefined ? context.waitWhile(data.word!, 0) : context.find(data.name);
}

export function poster(
  context: ActorContext,
  data: { name: string; value: unknown; atMs: number; word?: number },
): void {
  context.clock.sleepMs(data.atMs);
  if (data.word !== undefined) store32(data.word, 7);
  context.post(data.name, data.value);
}

export function thrower(context: ActorContext, data: { atMs: number }): void {
  context.clock.sleepMs(data.atMs);
  throw new TypeError('the actor has a bug');
}

/** Catches the exception that ends a run early, and goes on. */
export function stubborn(context: ActorContext): void {
  for (;;)
    try {
      context.clock.sleepMs(1);
    } catch {
      // No code under test should do this.
    }
}

export function hang(): void {
  for (;;);
}

/** Stores to an address without the right to, and returns what it loads from there. */
export function trespass(_context: ActorContext, data: { address: number }): number {
  store32(data.address, 5);
  return load32(data.address);
}

/** Polls a word until it is not 0, without a pause. */
export function spin(_context: ActorContext, data: { word: number }): void {
  while (load32(data.word) === 0);
}

/** Keeps evidence, and ends as it is told. */
export function witness(context: ActorContext, { fails }: { fails: boolean }): void {
  let steps = 0;
  context.keep('steps', () => (context.keepsEvidence ? steps : 'asked for although nobody wants it'));
  steps++;
  context.clock.sleepMs(1);
  if (fails) throw new Error('planted');
  steps++;
}
