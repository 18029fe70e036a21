import { allocate } from '../../../../shared/arena';
import {
  FIFO_CORRUPT,
  fifoBytes,
  fifoCount,
  fifoFill,
  fifoFreeCount,
  fifoInit,
  fifoOpen,
  fifoPeekHi,
  fifoPeekLo,
  fifoPublishRead,
  fifoPublishWrite,
} from '../../../../shared/loops/fifo';
import { FIFO_READ, FIFO_WRITE } from '../../../../shared/loops/layout';
import { FIFO_END_BYTES } from '../../../../shared/loops/records';
import { BOTH } from '../../../../shared/loops/rights';
import { type Actor, defineCheck, type Finding, type Stage } from '../../machine/definition';

const SLOTS = 4;
/** High half of each entry, so that a torn one shows. */
const TAG = 0x5a00;

function openEnd(ring: number, label: string): number {
  const end = allocate(FIFO_END_BYTES, { rights: BOTH, label });
  fifoOpen(end, ring, SLOTS, 0);
  return end;
}

/** Puts entries 1, 2 and so on into the ring: as many as fit, and then once more, so that slots are used again. */
class Producer implements Actor {
  readonly ring: number;
  private readonly end: number;
  private readonly entries: number;
  /** Number of the entries that it has put into the ring. */
  given = 0;
  corrupt = false;

  constructor(stage: Stage) {
    this.ring = allocate(fifoBytes(SLOTS), { rights: BOTH, label: 'fifo' });
    fifoInit(this.ring, SLOTS);
    this.end = openEnd(this.ring, 'end of the producer');
    this.entries = stage.size.packets;
    stage.give('ring', this.ring);
    stage.label('fifo.write', this.ring + FIFO_WRITE, 4);
    stage.label('fifo.read', this.ring + FIFO_READ, 4);
  }

  run(): void {
    this.put();
    if (this.given < this.entries) this.put();
  }

  private put(): void {
    const room = fifoFreeCount(this.end);
    if (room === FIFO_CORRUPT) this.corrupt = true;
    const count = Math.min(room, this.entries - this.given);
    for (let i = 0; i < count; i++) fifoFill(this.end, i, this.given + i + 1, TAG + this.given + i + 1);
    fifoPublishWrite(this.end, count);
    this.given += count;
  }
}

/** Takes what there is, twice. */
class Consumer implements Actor {
  private readonly end: number;
  readonly taken: number[] = [];
  corrupt = false;

  constructor(stage: Stage) {
    this.end = openEnd(stage.find<number>('ring'), 'end of the consumer');
  }

  run(): void {
    this.take();
    this.take();
  }

  take(): void {
    const count = fifoCount(this.end);
    if (count === FIFO_CORRUPT) this.corrupt = true;
    else if (count > 0) {
      for (let i = 0; i < count; i++) {
        const [lo, hi] = [fifoPeekLo(this.end, i), fifoPeekHi(this.end, i)];
        this.taken.push(hi === TAG + lo ? lo : -1);
      }
      fifoPublishRead(this.end, count);
    }
  }
}

/** Entries come out once each, whole and in order: the ring is linearizable as a queue with one reader and one writer. */
function judge({ producer, consumer }: { producer: Producer; consumer: Consumer }): Finding | null {
  if (producer.corrupt || consumer.corrupt) return { cause: 'a side found an index outside the ring' };
  if (consumer.taken.some((entry, i) => entry !== i + 1))
    return { cause: 'entries came out torn, twice, or out of order', details: [consumer.taken.join(' ')] };
  consumer.take();
  return consumer.taken.length === producer.given ? null : { cause: 'an entry never comes out' };
}

export const fifo = defineCheck({
  name: 'fifo',
  description: 'one ring, a producer and a consumer',
  actors: { producer: (stage) => new Producer(stage), consumer: (stage) => new Consumer(stage) },
  size: { packets: 1 },
  judge,
});
