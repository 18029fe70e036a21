import { avpDriver, mbufFree, mbufFromBytes, MbufView, Mempool, Port } from '../../../driver';
import { ErrnoError } from '../../../shared/errors';
import { PciFunction } from '../../../shared/pci';
import { probeFrame } from '../../traffic/probeFrame';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../../shared/loops/records';
import type { ActorContext } from '../engine/actorContext';
import { ROUND_MS } from './host';
import { MESSAGES, type GuestView, type MigrationSetup, type ReceiverView, type SenderView } from './types';

const MBUFS = 512;
const BURST = 32;
/** Number of mbufs that the sender keeps for a driver that takes none for a while. */
const MAX_WAITING = 64;

interface PortAddresses {
  readonly port: number;
  readonly pool: number;
}

function platform(context: ActorContext): { readonly clock: ActorContext['clock'] } {
  return { clock: context.clock };
}

/** Stops and closes the port. Returns the refusal of a confused host, null where both succeeded. */
function close(port: Port): string | null {
  try {
    port.stop();
    port.close();
    return null;
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    return error.message;
  }
}

/** Actor: the application's control thread, which brings the port up and in the end down. */
export function control(context: ActorContext): GuestView {
  const pci = PciFunction.at(context.find<number>(MESSAGES.function));
  const port = avpDriver.probe(pci, platform(context));
  const pool = Mempool.create({ mbufs: MBUFS, label: 'mbufs' });
  port.configure({ rxQueues: 1, txQueues: 1 });
  port.rxQueueSetup(0, { mempool: pool });
  port.txQueueSetup(0);
  port.start();
  const started = port.eventSequence;
  context.post(MESSAGES.port, { port: port.address, pool: pool.address } satisfies PortAddresses);
  context.find(MESSAGES.looked);
  const xstats = port.xstatsGet();
  const mbufsOut = pool.size - pool.available;
  const entries = port.eventsSince(started);
  const events = entries.map(({ event }) => event);
  const lostFeatures = entries.findLast(({ event }) => event === 'attached')?.detail.lostFeatures ?? [];
  const closing = close(port);
  port.leave();
  return { xstats, mbufsOut, events, lostFeatures, closing };
}

/** Actor: the thread that serves the interrupt, and with it the migration. */
export function handler(context: ActorContext): void {
  const { port: address } = context.find<PortAddresses>(MESSAGES.port);
  const pci = PciFunction.at(context.find<number>(MESSAGES.function));
  const port = Port.at(address, platform(context));
  port.takeInterrupts();
  port.onEvent((event, { phase, message }) => {
    context.note(`driver: ${[event, phase, message].filter((part) => part !== undefined).join(', ')}`);
  });
  while (!context.posted(MESSAGES.looked)) {
    if (context.waitWhile(pci.base + PCI_FUNCTION_INTERRUPT_PENDING, 0, ROUND_MS)) {
      context.note('driver: takes the interrupt');
      pci.dispatchInterrupt();
    }
  }
  port.leave();
}

/** Actor: the thread of the receive queue. */
export function receiver(context: ActorContext): ReceiverView {
  const { port: address } = context.find<PortAddresses>(MESSAGES.port);
  const port = Port.at(address, platform(context));
  const burst = new Uint32Array(BURST);
  const view = new MbufView();
  const frames: Uint8Array[] = [];
  const timesMs: number[] = [];
  while (!context.posted(MESSAGES.looked)) {
    const count = port.rxBurst(0, burst, BURST);
    if (count > 0) timesMs.push(context.clock.nowMs());
    for (const mbuf of burst.subarray(0, count)) {
      frames.push(new Uint8Array(view.at(mbuf).data()));
      mbufFree(mbuf);
    }
    context.clock.sleepMs(ROUND_MS);
  }
  port.leave();
  return { frames, timesMs };
}

/** Actor: the thread of the transmit queue. */
export function sender(context: ActorContext, { fromGuest, framesPerRound }: MigrationSetup): SenderView {
  const addresses = context.find<PortAddresses>(MESSAGES.port);
  const port = Port.at(addresses.port, platform(context));
  const pool = Mempool.at(addresses.pool);
  const burst = new Uint32Array(BURST);
  const waiting: number[] = [];
  const timesMs: number[] = [];
  let made = 0;
  context.find(MESSAGES.traffic);
  while (!context.posted(MESSAGES.trafficEnds)) {
    for (let i = 0; i < framesPerRound && waiting.length < MAX_WAITING; i++) {
      const mbuf = mbufFromBytes(pool, probeFrame(fromGuest, made));
      if (mbuf === 0) break;
      waiting.push(mbuf);
      made++;
    }
    burst.set(waiting.slice(0, BURST));
    const taken = port.txBurst(0, burst, Math.min(BURST, waiting.length));
    if (taken > 0) timesMs.push(context.clock.nowMs());
    waiting.splice(0, taken);
    context.clock.sleepMs(ROUND_MS);
  }
  for (const mbuf of waiting) mbufFree(mbuf);
  port.leave();
  return { taken: made - waiting.length, unsent: waiting.length, timesMs };
}
