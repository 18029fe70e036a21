import { avpDriver, mbufFree, mbufFromBytes, MbufView, Mempool, Port } from '../../../../../driver';
import { HEADROOM_BYTES } from '../../../../../shared/loops/layout';
import { PciFunction } from '../../../../../shared/pci';
import type { Size, Stage } from '../../../machine/definition';
import { packet, packetBytes, packetNumber } from './packets';

const MBUFS_PER_QUEUE = 16;
const MTU = 200;
const BURST = 32;
/** First number of the packets that a queue sends, as a multiple of the queue. */
const QUEUE_NUMBERS = 100;

/** Names by which the actors of a guest find what they share. */
const PORT = 'port';
const POOLS = 'pools to send from';

/** Numbers of packets that a queue has sent. One that is not intact counts for the first queue. */
export function numbersOfQueue(numbers: readonly number[], queue: number): number[] {
  return numbers.filter((number) => Math.floor(number / QUEUE_NUMBERS) === queue);
}

/** A port that is up. Each queue has a mempool of its own, so that no thread waits for the lock of another one's. */
export class SmallGuest {
  readonly pci: PciFunction;
  readonly port: Port;
  private readonly mempools: Mempool[] = [];

  constructor(stage: Stage) {
    const { queues, shape } = stage.size;
    this.pci = PciFunction.at(stage.find<number>('function'));
    this.port = avpDriver.probe(this.pci, stage.platform);
    const dataRoomBytes = HEADROOM_BYTES + (shape === 'simple' ? 256 : 64);
    const pools: number[] = [];
    this.port.configure({ rxQueues: queues, txQueues: queues, mtu: MTU });
    for (let queue = 0; queue < queues; queue++) {
      const [rx, tx] = ['rx', 'tx'].map((kind) =>
        Mempool.create({ mbufs: MBUFS_PER_QUEUE, dataRoomBytes, label: `mbufs of ${kind} ${queue}` }),
      );
      this.mempools.push(rx!, tx!);
      pools.push(tx!.address);
      this.port.rxQueueSetup(queue, { mempool: rx! });
      this.port.txQueueSetup(queue);
    }
    this.port.start();
    stage.give(PORT, this.port.address);
    stage.give(POOLS, pools);
  }

  /** Number of mbufs that lie in no mempool. */
  get mbufsOut(): number {
    return this.mempools.reduce((sum, { available }) => sum + MBUFS_PER_QUEUE - available, 0);
  }
}

/** The thread of a receive queue. */
export class Receiver {
  private readonly port: Port;
  private readonly view = new MbufView();
  private readonly burst = new Uint32Array(BURST);
  /** Numbers of the packets that it got, 0 for one that is not intact. */
  readonly numbers: number[] = [];

  /** @param numberOf tells the number of a packet from its bytes. */
  constructor(
    stage: Stage,
    private readonly queue: number,
    private readonly numberOf = packetNumber,
  ) {
    this.port = Port.at(stage.find<number>(PORT), stage.platform);
  }

  /** Makes one burst. Returns the number of packets. */
  receive(): number {
    const count = this.port.rxBurst(this.queue, this.burst, BURST);
    for (let i = 0; i < count; i++) this.look(this.burst[i]!);
    return count;
  }

  /** Ends this thread's use of the port. */
  leave(): void {
    this.port.leave();
  }

  private look(mbuf: number): void {
    let bytes = new Uint8Array(0);
    for (let at = mbuf; at !== 0; at = this.view.next) bytes = joined(bytes, this.view.at(at).data());
    this.numbers.push(this.numberOf(bytes));
    mbufFree(mbuf);
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** The thread of a transmit queue, with packets that are ready to be sent. */
export class Sender {
  private readonly port: Port;
  private readonly mbufs: Uint32Array;
  /** Packets that the port has taken. */
  taken = 0;

  constructor(
    stage: Stage,
    readonly queue: number,
    packets: number,
  ) {
    this.port = Port.at(stage.find<number>(PORT), stage.platform);
    const pool = Mempool.at(stage.find<number[]>(POOLS)[queue]!);
    this.mbufs = Uint32Array.from({ length: packets }, (_unused, i) =>
      makeMbuf(pool, queue * QUEUE_NUMBERS + i + 1, stage.size),
    );
  }

  /** Makes one burst with the packets that are left, or with the first of them. Returns how many the port took. */
  send(most = this.left): number {
    const taken = this.port.txBurst(this.queue, this.mbufs.subarray(this.taken), most);
    this.taken += taken;
    return taken;
  }

  /** Ends this thread's use of the port. */
  leave(): void {
    this.port.leave();
  }

  get count(): number {
    return this.mbufs.length;
  }

  get left(): number {
    return this.mbufs.length - this.taken;
  }
}

function makeMbuf(pool: Mempool, number: number, size: Size): number {
  return mbufFromBytes(pool, packet(number, packetBytes(size)));
}
