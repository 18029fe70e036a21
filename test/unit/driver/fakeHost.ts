import * as mem from '#mem';
import { asHost, asGuest } from '../../../shared/actors';
import { allocate, release, resetArena } from '../../../shared/arena';
import { VirtualClock } from '../../../shared/clock';
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
} from '../../../shared/loops/fifo';
import * as abi from '../../../shared/loops/layout';
import { BOTH } from '../../../shared/loops/rights';
import { PciFunction, resetInterruptHandlers } from '../../../shared/pci';
import * as records from '../../../shared/loops/records';
import { load64, store64 } from '../../../shared/u64';

/** A minimal host for driver tests: it checks nothing, keeps no books, and lets a test set everything. */

export interface FakeOptions {
  readonly maxRx?: number;
  readonly maxTx?: number;
  readonly minRx?: number;
  readonly fifoLen?: number;
  readonly mbufSize?: number;
  readonly buffers?: number;
  readonly maxRxPktLen?: number;
  readonly features?: number;
  /** Host virtual address of each pool. */
  readonly poolVas?: readonly bigint[];
  /** If false, `pool[]` stays empty and the driver must use the single pair of base addresses. */
  readonly fillPools?: boolean;
  readonly deviceId?: bigint;
  /** Host physical address of the exported memory. */
  readonly phys?: bigint;
  /** Bytes at the start of the exported memory that the host does not use. */
  readonly gapBytes?: number;
  readonly syncVa?: bigint;
}

/** A segment of a packet for rx; absent fields follow from `bytes`. */
export interface FakeSegment {
  readonly bytes: Uint8Array;
  readonly dataLen?: number;
  readonly next?: bigint;
  readonly data?: bigint;
}

/** Fields of a packet's first descriptor; absent ones follow from the segments. */
export interface FakeHead {
  readonly pktLen?: number;
  readonly nbSegs?: number;
  readonly olFlags?: number;
  readonly vlanTci?: number;
}

const PHYS = 0x1_0000_0000n;
const SYNC_VA = 0x7f00_dead_0000n;
const DEVICE_ID = 0x1122_3344_5566_7788n;
const MEMORY_BYTES = 1 << 23;

/** Options of a host whose id and addresses all differ from the defaults. */
export const ELSEWHERE: FakeOptions = {
  deviceId: 0x99n,
  phys: 0x7_7000_0000n,
  gapBytes: 0x40_0000,
  syncVa: 0x7e11_0000_1000n,
  poolVas: [0x7fff_fff0_0000n],
};
export const MAC = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56);
const KINDS = ['tx', 'alloc', 'rx', 'free'] as const;
type Kind = (typeof KINDS)[number];

export class FakeHost {
  readonly clock = new VirtualClock();
  readonly platform = { clock: this.clock };
  readonly pci: PciFunction;
  readonly bars: number[] = [];
  /** Requests that the host has taken: the id and the 32 bytes after it. */
  readonly requests: { id: number; body: Uint8Array }[] = [];
  /**
   *    * Returns the result of a request; runs with the driver's rights. `null` leaves the request on req,
   *    * `silent` takes it and never answers.
   *    */
  answer: (id: number) => number | null | 'silent' = () => 0;
  /** The entry that an answer puts on resp. */
  answerWith = SYNC_VA;
  readonly descs: { va: bigint; address: number; data: number; dataVa: bigint }[] = [];
  mbufSize = 2_048;
  private readonly ends = new Map<string, number>();
  private bumpAt = 0;
  private free: number[] = [];

  constructor(public options: FakeOptions = {}) {
    resetArena();
    resetInterruptHandlers();
    for (const bytes of [4_096, 4_096, MEMORY_BYTES, 0, 65_536, 4_096])
      this.bars.push(
        bytes === 0 ? 0 : allocate(bytes, { align: 4_096, rights: BOTH, label: `bar ${this.bars.length}` }),
      );
    asHost(() => this.build());
    this.pci = asHost(() => this.makeFunction());
    this.clock.onStep(() => asHost(() => this.serveRequests()));
    this.clock.onStep(() => void this.pci.dispatchInterrupt());
  }

  get info(): number {
    return this.bars[5]!;
  }

  get sync(): number {
    return this.at(load64(this.info + abi.DEVICE_INFO_SYNC_PHYS));
  }

  register(offset: number): number {
    return asHost(() => mem.load32(this.bars[0]! + offset));
  }

  setRegister(offset: number, value: number): void {
    asHost(() => mem.store32(this.bars[0]! + offset, value));
  }

  /** Raises the interrupt, which arrives at the next step of the clock. */
  interrupt(status: number): void {
    this.setRegister(abi.REG_INTERRUPT_STATUS, status);
    asHost(() => records.storePciFunctionInterruptPending(this.pci.base, 1));
  }

  /** Raises a migration event, and returns the ack that the handler has written. */
  raiseMigration(status: number): number {
    this.setRegister(abi.REG_MIGRATION_ACK, 0);
    this.setRegister(abi.REG_MIGRATION_STATUS, status);
    this.interrupt(abi.INTERRUPT_MIGRATION);
    this.clock.step();
    return this.register(abi.REG_MIGRATION_ACK);
  }

  /** Another host takes over: fills the memory with junk and lays it out anew. The registers stay. */
  become(options: FakeOptions): void {
    asHost(() => {
      for (const [bar, bytes] of [
        [2, MEMORY_BYTES],
        [4, 65_536],
        [5, 4_096],
      ] as const)
        mem.fill(this.bars[bar]!, 0xa5, bytes);
      mem.fill(this.info, 0, abi.DEVICE_INFO_BYTES);
      for (const end of this.ends.values()) release(end);
      this.ends.clear();
      this.descs.length = 0;
      this.free = [];
      this.options = options;
      this.build();
    });
  }

  /** Detaches the guest, becomes another host, and attaches the guest to it. */
  migrate(options: FakeOptions): void {
    if (this.raiseMigration(abi.MIGRATION_DETACHED) !== abi.MIGRATION_DETACHED)
      throw new Error('the guest did not detach');
    this.become(options);
    if (this.raiseMigration(abi.MIGRATION_ATTACHED) !== abi.MIGRATION_ATTACHED)
      throw new Error('the guest did not attach');
  }

  /** Removes the device by surprise: everything reads all ones. */
  vanish(): void {
    asHost(() => {
      records.storePciFunctionRemoved(this.pci.base, 1);
      for (const bar of [0, 2, 4, 5]) mem.fill(this.bars[bar]!, 0xff, bar === 2 ? MEMORY_BYTES : 4_096);
    });
  }

  fifo(kind: Kind | 'req' | 'resp', index = 0): number {
    const phys = load64(this.info + this.fieldOf(kind));
    const stride = index === 0 ? 0 : mem.load32(this.info + this.strideOf(kind as Kind));
    return this.at(phys) + index * stride;
  }

  /** Fills alloc of each queue, but keeps 8 buffers. `junk` leaves fields as a former packet might. */
  refill(junk = false): void {
    asHost(() => {
      for (let queue = 0; queue < (this.options.maxTx ?? 2); queue++)
        while (this.free.length > 8 && fifoFreeCount(this.end('alloc', queue)) > 0) {
          const desc = this.descs[this.free.pop()!]!;
          this.restore(desc, junk);
          this.push('alloc', queue, desc.va);
        }
    });
  }

  /** Puts a value on a FIFO that the host produces. */
  push(kind: 'alloc' | 'rx' | 'resp', queue: number, va: bigint): void {
    asHost(() => {
      fifoFill(this.end(kind, queue), 0, Number(va & 0xffff_ffffn), Number(va >> 32n));
      fifoPublishWrite(this.end(kind, queue), 1);
    });
  }

  /** Puts a packet on rx, and returns the host virtual address of its first descriptor. */
  receive(queue: number, segments: readonly FakeSegment[], head: FakeHead = {}): bigint {
    return asHost(() => {
      const descs = segments.map(() => this.descs[this.free.pop()!]!);
      segments.forEach((segment, i) => {
        const { address, data, dataVa } = descs[i]!;
        mem.writeBytes(data, segment.bytes.subarray(0, this.mbufSize));
        store64(address + abi.DESC_DATA, segment.data ?? dataVa);
        abi.storeDescDataLen(address, segment.dataLen ?? segment.bytes.length);
        store64(address + abi.DESC_NEXT, segment.next ?? descs[i + 1]?.va ?? 0n);
      });
      const first = descs[0]!;
      const total = segments.reduce((sum, segment) => sum + segment.bytes.length, 0);
      abi.storeDescPktLen(first.address, head.pktLen ?? total);
      abi.storeDescNbSegs(first.address, head.nbSegs ?? segments.length);
      abi.storeDescOlFlags(first.address, head.olFlags ?? 0);
      abi.storeDescVlanTci(first.address, head.vlanTci ?? 0);
      this.push('rx', queue, first.va);
      return first.va;
    });
  }

  /** Takes all entries of a FIFO that the host consumes. */
  drain(kind: 'tx' | 'free' | 'req', queue: number): bigint[] {
    return asHost(() => {
      const end = this.end(kind, queue);
      const filled = fifoCount(end);
      if (filled === FIFO_CORRUPT) throw new Error(`the guest wrote a bad index on ${kind}`);
      const values = Array.from(
        { length: filled },
        (_u, i) => BigInt(fifoPeekLo(end, i)) | (BigInt(fifoPeekHi(end, i)) << 32n),
      );
      fifoPublishRead(end, filled);
      return values;
    });
  }

  /** Takes the buffers on free back and returns their number; each packet has one segment. */
  reclaim(queue: number): number {
    const taken = this.drain('free', queue);
    for (const va of taken) this.free.push(this.descs.indexOf(this.descAt(va)!));
    return taken.length;
  }

  /** Takes the packets that were sent on a queue. */
  sent(queue: number): { bytes: Uint8Array; segments: number; flags: number; tci: number; pktLen: number }[] {
    return this.drain('tx', queue).map((va) =>
      asHost(() => {
        const head = this.descAt(va)!.address;
        const parts: Uint8Array[] = [];
        for (let at = va; at !== 0n; at = load64(this.descAt(at)!.address + abi.DESC_NEXT)) {
          const desc = this.descAt(at)!;
          parts.push(mem.readBytes(desc.data, abi.loadDescDataLen(desc.address)));
          this.free.push(this.descs.indexOf(desc));
          if (parts.length > 8) throw new Error('the guest sent a chain of more than 8 segments');
        }
        return {
          bytes: new Uint8Array(Buffer.concat(parts)),
          segments: abi.loadDescNbSegs(head),
          flags: abi.loadDescOlFlags(head),
          tci: abi.loadDescVlanTci(head),
          pktLen: abi.loadDescPktLen(head),
        };
      }),
    );
  }

  descAt(va: bigint): { va: bigint; address: number; data: number; dataVa: bigint } | undefined {
    return this.descs.find((desc) => desc.va === va);
  }

  /** Takes requests and answers them; the clock calls it. */
  serveRequests(): void {
    if (!this.pci.present || fifoCount(this.end('req', 0)) === 0) return;
    const id = abi.loadRequestReqId(this.sync);
    const result = asGuest(() => this.answer(id));
    if (result === null) return;
    this.drain('req', 0);
    this.requests.push({ id, body: mem.readBytes(this.sync + 4, 32) });
    if (result === 'silent') return;
    abi.storeRequestResult(this.sync, result >>> 0);
    this.push('resp', 0, this.answerWith);
  }

  /** The host's own end of a FIFO. */
  end(kind: Kind | 'req' | 'resp', index: number): number {
    return this.ends.get(`${kind}${index}`)!;
  }

  private at(phys: bigint): number {
    return this.bars[2]! + Number(phys - (this.options.phys ?? PHYS));
  }

  private fieldOf(kind: Kind | 'req' | 'resp'): number {
    const { DEVICE_INFO_TX_PHYS: tx, DEVICE_INFO_ALLOC_PHYS: alloc, DEVICE_INFO_RX_PHYS: rx } = abi;
    const { DEVICE_INFO_FREE_PHYS: free, DEVICE_INFO_REQ_PHYS: req, DEVICE_INFO_RESP_PHYS: resp } = abi;
    return { tx, alloc, rx, free, req, resp }[kind];
  }

  private strideOf(kind: Kind): number {
    const {
      DEVICE_INFO_TX_SIZE: tx,
      DEVICE_INFO_ALLOC_SIZE: alloc,
      DEVICE_INFO_RX_SIZE: rx,
      DEVICE_INFO_FREE_SIZE: free,
    } = abi;
    return { tx, alloc, rx, free }[kind];
  }

  private bump(bytes: number, align: number): { address: number; phys: bigint } {
    const address = Math.ceil(this.bumpAt / align) * align;
    this.bumpAt = address + bytes;
    return { address, phys: (this.options.phys ?? PHYS) + BigInt(address - this.bars[2]!) };
  }

  private restore(desc: { address: number; dataVa: bigint }, junk: boolean): void {
    store64(desc.address + abi.DESC_DATA, desc.dataVa);
    store64(desc.address + abi.DESC_NEXT, junk ? 0xdead_beefn : 0n);
    abi.storeDescDataLen(desc.address, junk ? 1_000 : 0);
    abi.storeDescNbSegs(desc.address, junk ? 77 : 1);
    abi.storeDescPktLen(desc.address, junk ? 4_321 : 0);
    abi.storeDescOlFlags(desc.address, junk ? abi.OL_TX_VLAN : 0);
    abi.storeDescVlanTci(desc.address, junk ? 99 : 0);
  }

  private makeFifo(kind: Kind | 'req' | 'resp', index: number): bigint {
    const len = this.options.fifoLen ?? 64;
    const { address, phys } = this.bump(fifoBytes(len) + 48, 64);
    fifoInit(address, len);
    const end = allocate(records.FIFO_END_BYTES, { rights: BOTH, label: `host end ${kind} ${index}` });
    fifoOpen(end, address, len, 0);
    this.ends.set(`${kind}${index}`, end);
    return phys;
  }

  private makeFifos(): void {
    const { maxRx = 2, maxTx = 2, fifoLen = 64 } = this.options;
    for (const kind of KINDS) {
      const count = kind === 'rx' || kind === 'free' ? maxRx : maxTx;
      for (let index = 0; index < count; index++) {
        const phys = this.makeFifo(kind, index);
        if (index === 0) store64(this.info + this.fieldOf(kind), phys);
      }
      mem.store32(this.info + this.strideOf(kind), Math.ceil((fifoBytes(fifoLen) + 48) / 64) * 64);
    }
    for (const kind of ['req', 'resp'] as const) store64(this.info + this.fieldOf(kind), this.makeFifo(kind, 0));
    store64(this.info + abi.DEVICE_INFO_SYNC_PHYS, this.bump(abi.REQUEST_BYTES, 64).phys);
    this.answerWith = this.options.syncVa ?? SYNC_VA;
    store64(this.info + abi.DEVICE_INFO_SYNC_VA, this.answerWith);
  }

  private makePools(): void {
    const { buffers = 96, poolVas = [0x7f12_3400_0000n], fillPools = true } = this.options;
    const size = Math.ceil((abi.DESC_BYTES + this.mbufSize + 64) / 64) * 64;
    poolVas.forEach((va, index) => {
      const { address, phys } = this.bump(size * buffers, 4_096);
      const entry = this.info + abi.DEVICE_INFO_POOL + index * abi.MEMPOOL_INFO_BYTES;
      if (fillPools) {
        store64(entry + abi.MEMPOOL_INFO_ADDR, va);
        store64(entry + abi.MEMPOOL_INFO_PHYS_ADDR, phys);
        store64(entry + abi.MEMPOOL_INFO_LENGTH, BigInt(size * buffers));
      }
      if (index === 0) {
        store64(this.info + abi.DEVICE_INFO_MBUF_VA, va);
        store64(this.info + abi.DEVICE_INFO_MBUF_PHYS, phys);
      }
      for (let i = 0; i < buffers; i++) {
        const at = i * size;
        this.free.push(this.descs.length);
        this.descs.push({
          va: va + BigInt(at),
          address: address + at,
          data: address + at + 64,
          dataVa: va + BigInt(at + 64),
        });
        this.restore(this.descs.at(-1)!, false);
      }
    });
  }

  private build(): void {
    const { maxRx = 2, maxTx = 2, minRx = 1, maxRxPktLen = 9_238, features = 1 } = this.options;
    const { info } = this;
    this.bumpAt = this.bars[2]! + (this.options.gapBytes ?? 0);
    this.mbufSize = this.options.mbufSize ?? 2_048;
    abi.storeDeviceInfoMagic(info, abi.DEVICE_MAGIC);
    abi.storeDeviceInfoVersion(info, abi.HOST_VERSION);
    abi.storeDeviceInfoFeatures(info, features);
    abi.storeDeviceInfoMinRxQueues(info, minRx);
    abi.storeDeviceInfoMaxRxQueues(info, maxRx);
    abi.storeDeviceInfoMinTxQueues(info, 1);
    abi.storeDeviceInfoMaxTxQueues(info, maxTx);
    abi.storeDeviceInfoMbufSize(info, this.mbufSize);
    abi.storeDeviceInfoMaxRxPktLen(info, maxRxPktLen);
    store64(info + abi.DEVICE_INFO_DEVICE_ID, this.options.deviceId ?? DEVICE_ID);
    mem.writeBytes(info + abi.DEVICE_INFO_ETHADDR, MAC);
    this.makeFifos();
    this.makePools();
    const map = this.bars[4]!;
    abi.storeMemmapInfoMagic(map, abi.MEMMAP_MAGIC);
    abi.storeMemmapInfoVersion(map, abi.MEMMAP_VERSION);
    abi.storeMemmapInfoNbMaps(map, 1);
    store64(map + abi.MEMMAP_INFO_MAPS + abi.MEMMAP_PHYS_ADDR, this.options.phys ?? PHYS);
    store64(map + abi.MEMMAP_INFO_MAPS + abi.MEMMAP_LENGTH, BigInt(MEMORY_BYTES));
  }

  private makeFunction(): PciFunction {
    const base = allocate(records.PCI_FUNCTION_BYTES, { rights: BOTH, label: 'function' });
    records.storePciFunctionVendor(base, abi.VENDOR_ID);
    records.storePciFunctionDevice(base, abi.DEVICE_ID);
    records.storePciFunctionSubsystemVendor(base, abi.SUBSYSTEM_VENDOR_ID);
    records.storePciFunctionSubsystemDevice(base, abi.SUBSYSTEM_DEVICE_ID);
    records.storePciFunctionClassCode(base, abi.CLASS_MEMORY_RAM);
    records.storePciFunctionAddress(base, 5 << 3);
    records.storePciFunctionClearOnRead(base, this.bars[0]! + abi.REG_INTERRUPT_STATUS);
    records.storePciFunctionWritableRegisters(
      base,
      (1 << (abi.REG_INTERRUPT_MASK / 4)) | (1 << (abi.REG_MIGRATION_ACK / 4)),
    );
    const sizes = [4_096, 4_096, MEMORY_BYTES, 0, 65_536, 4_096];
    sizes.forEach((bytes, bar) => {
      records.storePciFunctionBarAddress(base, bar, this.bars[bar]!);
      records.storePciFunctionBarBytes(base, bar, bytes);
    });
    return PciFunction.at(base);
  }
}
