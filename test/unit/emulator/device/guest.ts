import { load32, load8, readBytes, writeBytes } from '#mem';
import type { AvpDevice } from '../../../../emulator/device/device';
import { allocate } from '../../../../shared/arena';
import type { VirtualClock } from '../../../../shared/clock';
import { ErrnoError } from '../../../../shared/errors';
import {
  FIFO_CORRUPT,
  fifoCount,
  fifoFill,
  fifoFreeCount,
  fifoOpen,
  fifoPeekHi,
  fifoPeekLo,
  fifoPublishRead,
  fifoPublishWrite,
} from '../../../../shared/loops/fifo';
import * as abi from '../../../../shared/loops/layout';
import { DRIVER_ONLY } from '../../../../shared/loops/rights';
import { FIFO_END_BYTES } from '../../../../shared/loops/records';
import { high32, load64, low32, store64 } from '../../../../shared/u64';

export type Ring = 'tx' | 'rx' | 'alloc' | 'free' | 'req' | 'resp';

/** Fields of a request 3; absent ones have defaults. */
export interface ConfigFields {
  readonly rxQueues?: number;
  readonly txQueues?: number;
  readonly features?: number;
  readonly ifUp?: number;
  readonly deviceId?: bigint;
}

/** A packet that the guest has received. */
export interface Received {
  readonly bytes: Uint8Array;
  readonly flags: number;
  readonly tci: number;
  readonly segments: number;
  /** Host virtual addresses of the descriptors of the chain. */
  readonly chain: readonly bigint[];
}

/** The guest has read an address that it can't translate. */
export class LostGuest extends ErrnoError {
  constructor(message: string) {
    super('EFAULT', message);
  }
}

/** A guest that a test steers, with the driver's rights: it reads the BARs and follows sections 6 to 12. */
export class Guest {
  readonly mmio: number;
  private readonly ends = new Map<string, number>();

  constructor(
    readonly device: AvpDevice,
    private readonly clock: VirtualClock,
  ) {
    this.mmio = device.function.barAddress(abi.BAR_MMIO);
    this.openAll();
  }

  get info(): number {
    return this.device.function.barAddress(abi.BAR_DEVICE);
  }

  get memmap(): number {
    return this.device.function.barAddress(abi.BAR_MEMMAP);
  }

  get memory(): number {
    return this.device.function.barAddress(abi.BAR_MEMORY);
  }

  get mbufSize(): number {
    return abi.loadDeviceInfoMbufSize(this.info);
  }

  /** Translates a host physical address to an arena address, by the walk of section 4. */
  translate(phys: bigint): number {
    let offset = 0n;
    for (let i = 0; i < abi.loadMemmapInfoNbMaps(this.memmap); i++) {
      const map = this.memmap + abi.MEMMAP_INFO_MAPS + i * abi.MEMMAP_BYTES;
      const from = load64(map + abi.MEMMAP_PHYS_ADDR);
      const length = load64(map + abi.MEMMAP_LENGTH);
      if (phys >= from && phys < from + length) return this.memory + Number(offset + phys - from);
      offset += length;
    }
    throw new LostGuest(`no map holds ${phys.toString(16)}`);
  }

  /** Translates the host virtual address of a descriptor or of data, by the pools of section 4. */
  pointer(va: bigint): number {
    for (let i = 0; i < abi.MAX_POOLS; i++) {
      const pool = this.info + abi.DEVICE_INFO_POOL + i * abi.MEMPOOL_INFO_BYTES;
      const base = load64(pool + abi.MEMPOOL_INFO_ADDR);
      if (va >= base && va < base + load64(pool + abi.MEMPOOL_INFO_LENGTH))
        return this.translate(load64(pool + abi.MEMPOOL_INFO_PHYS_ADDR)) + Number(va - base);
    }
    throw new LostGuest(`no pool holds ${va.toString(16)}`);
  }

  /** Translates a host virtual address by the single pair of base addresses. */
  pairPointer(va: bigint): number {
    return (
      this.translate(load64(this.info + abi.DEVICE_INFO_MBUF_PHYS)) +
      Number(va - load64(this.info + abi.DEVICE_INFO_MBUF_VA))
    );
  }

  fifo(ring: Ring, queue: number): number {
    const stride = {
      tx: abi.loadDeviceInfoTxSize,
      rx: abi.loadDeviceInfoRxSize,
      alloc: abi.loadDeviceInfoAllocSize,
      free: abi.loadDeviceInfoFreeSize,
      req: () => 0,
      resp: () => 0,
    }[ring](this.info);
    const field = {
      tx: abi.DEVICE_INFO_TX_PHYS,
      rx: abi.DEVICE_INFO_RX_PHYS,
      alloc: abi.DEVICE_INFO_ALLOC_PHYS,
      free: abi.DEVICE_INFO_FREE_PHYS,
      req: abi.DEVICE_INFO_REQ_PHYS,
      resp: abi.DEVICE_INFO_RESP_PHYS,
    }[ring];
    return this.translate(load64(this.info + field)) + queue * stride;
  }

  /** Address of the guest's private end of a FIFO. */
  end(ring: Ring, queue = 0): number {
    return this.ends.get(`${ring}${queue}`)!;
  }

  private open(ring: Ring, queue: number): void {
    const key = `${ring}${queue}`;
    const end = this.ends.get(key) ?? allocate(FIFO_END_BYTES, { rights: DRIVER_ONLY, label: key });
    const base = this.fifo(ring, queue);
    const produces = ring === 'tx' || ring === 'free' || ring === 'req';
    this.ends.set(key, end);
    fifoOpen(end, base, abi.loadFifoLen(base), produces ? abi.loadFifoWrite(base) : abi.loadFifoRead(base));
  }

  /** Opens the guest's ends of the traffic rings at the indices in the headers. */
  openRings(): void {
    for (let queue = 0; queue < abi.loadDeviceInfoMaxTxQueues(this.info); queue++)
      for (const ring of ['tx', 'alloc'] as const) this.open(ring, queue);
    for (let queue = 0; queue < abi.loadDeviceInfoMaxRxQueues(this.info); queue++)
      for (const ring of ['rx', 'free'] as const) this.open(ring, queue);
  }

  openAll(): void {
    this.open('req', 0);
    this.open('resp', 0);
    this.openRings();
  }

  setMask(mask: number): void {
    this.device.function.write32(abi.BAR_MMIO, abi.REG_INTERRUPT_MASK, mask);
  }

  /** Writes the migration ack. */
  ack(value: number): void {
    this.device.function.write32(abi.BAR_MMIO, abi.REG_MIGRATION_ACK, value);
  }

  get migrationStatus(): number {
    return this.device.function.read32(abi.BAR_MMIO, abi.REG_MIGRATION_STATUS);
  }

  /** Reads the interrupt status, which clears it. */
  interruptStatus(): number {
    return this.device.function.read32(abi.BAR_MMIO, abi.REG_INTERRUPT_STATUS);
  }

  get sync(): number {
    return this.translate(load64(this.info + abi.DEVICE_INFO_SYNC_PHYS));
  }

  get syncVa(): bigint {
    return load64(this.info + abi.DEVICE_INFO_SYNC_VA);
  }

  put(ring: Ring, value: bigint, queue = 0): void {
    fifoFill(this.end(ring, queue), 0, low32(value), high32(value));
    fifoPublishWrite(this.end(ring, queue), 1);
  }

  take(ring: Ring, queue = 0): bigint | null {
    const end = this.end(ring, queue);
    const filled = fifoCount(end);
    if (filled === 0 || filled === FIFO_CORRUPT) return null;
    const value = (BigInt(fifoPeekHi(end, 0)) << 32n) | BigInt(fifoPeekLo(end, 0));
    fifoPublishRead(end, 1);
    return value;
  }

  filled(ring: Ring, queue = 0): number {
    return fifoCount(this.end(ring, queue));
  }

  room(ring: Ring, queue = 0): number {
    return fifoFreeCount(this.end(ring, queue));
  }

  /** Writes a request and puts it on req. The host sees it at its next step. */
  send(reqId: number, write: (request: number) => void = () => {}): void {
    writeBytes(this.sync, new Uint8Array(abi.REQUEST_BYTES));
    abi.storeRequestReqId(this.sync, reqId);
    write(this.sync);
    abi.storeRequestResult(this.sync, -95 >>> 0);
    this.put('req', this.syncVa);
  }

  /** Sends a request, steps the host and returns the result, or null if no answer came. */
  request(reqId: number, write: (request: number) => void = () => {}): number | null {
    this.send(reqId, write);
    this.device.step();
    return this.answer();
  }

  answer(): number | null {
    return this.take('resp') === null ? null : abi.loadRequestResult(this.sync) | 0;
  }

  configRequest(fields: ConfigFields = {}): (request: number) => void {
    return (request) => {
      const config = request + abi.REQUEST_CONFIG;
      store64(config, fields.deviceId ?? load64(this.info + abi.DEVICE_INFO_DEVICE_ID));
      abi.storeDeviceConfigDriverType(config, abi.DRIVER_DPDK);
      abi.storeDeviceConfigDriverVersion(config, abi.DPDK_DRIVER_VERSION);
      abi.storeDeviceConfigFeatures(config, fields.features ?? 0);
      abi.storeDeviceConfigNumTxQueues(config, fields.txQueues ?? 1);
      abi.storeDeviceConfigNumRxQueues(config, fields.rxQueues ?? 1);
      abi.storeDeviceConfigIfUp(config, fields.ifUp ?? 1);
    };
  }

  configure(fields: ConfigFields = {}): number | null {
    const result = this.request(abi.REQ_CONFIG, this.configRequest(fields));
    this.openRings();
    return result;
  }

  link(up: number): number | null {
    return this.request(abi.REQ_LINK, (request) => abi.storeRequestIfUp(request, up));
  }

  shutdown(): number | null {
    return this.request(abi.REQ_SHUTDOWN);
  }

  /** Detaches as section 15 specifies. The host sees the ack at its next step. */
  detach(): number | null {
    const result = this.shutdown();
    this.ack(result === 0 ? abi.MIGRATION_DETACHED : abi.MIGRATION_ERROR);
    return result;
  }

  /** Attaches: reads all addresses and indices again, sends request 3 and acks. */
  attach(fields: ConfigFields = {}): number | null {
    this.openAll();
    const result = this.configure(fields);
    this.ack(result === 0 ? abi.MIGRATION_ATTACHED : abi.MIGRATION_ERROR);
    return result;
  }

  sleep(ms: number): void {
    this.clock.sleepMs(ms);
  }

  /** Takes one packet off rx and keeps its buffers. */
  receive(queue = 0): Received | null {
    const first = this.take('rx', queue);
    if (first === null) return null;
    const parts: Uint8Array[] = [];
    const chain: bigint[] = [];
    for (let va = first; va !== 0n;) {
      const desc = this.pointer(va);
      chain.push(va);
      parts.push(readBytes(this.pointer(load64(desc + abi.DESC_DATA)), abi.loadDescDataLen(desc)));
      va = load64(desc + abi.DESC_NEXT);
    }
    const desc = this.pointer(first);
    const bytes = new Uint8Array(Buffer.concat(parts));
    if (abi.loadDescPktLen(desc) !== bytes.length) throw new Error('pkt_len is not the sum of data_len');
    return {
      bytes,
      flags: abi.loadDescOlFlags(desc),
      tci: abi.loadDescVlanTci(desc),
      segments: abi.loadDescNbSegs(desc),
      chain,
    };
  }

  /** Takes one packet off rx and returns its chain on free. */
  receiveAndFree(queue = 0): Received | null {
    const packet = this.receive(queue);
    if (packet !== null) this.put('free', packet.chain[0]!, queue);
    return packet;
  }

  /** Takes empty buffers off alloc. */
  takeBuffers(count: number, queue = 0): bigint[] {
    return Array.from({ length: count }, () => {
      const va = this.take('alloc', queue);
      if (va === null) throw new Error('alloc is empty');
      return va;
    });
  }

  /** Fills buffers with a packet as a correct guest does, with `part` bytes in each but the last. */
  fill(
    buffers: readonly bigint[],
    packet: Uint8Array,
    part: number,
    options: { flags?: number; tci?: number } = {},
  ): void {
    buffers.forEach((va, i) => {
      const desc = this.pointer(va);
      const slice = packet.subarray(i * part, i === buffers.length - 1 ? packet.length : (i + 1) * part);
      writeBytes(this.pointer(load64(desc + abi.DESC_DATA)), slice);
      abi.storeDescDataLen(desc, slice.length);
      store64(desc + abi.DESC_NEXT, buffers[i + 1] ?? 0n);
    });
    const first = this.pointer(buffers[0]!);
    abi.storeDescPktLen(first, packet.length);
    abi.storeDescNbSegs(first, buffers.length);
    abi.storeDescOlFlags(first, options.flags ?? 0);
    abi.storeDescVlanTci(first, options.tci ?? 0);
  }

  /** Sends a packet in as many buffers as it needs, at least `least`. */
  transmit(
    packet: Uint8Array,
    options: { queue?: number; least?: number; flags?: number; tci?: number } = {},
  ): bigint[] {
    const count = Math.max(options.least ?? 1, Math.ceil(packet.length / this.mbufSize));
    const buffers = this.takeBuffers(count, options.queue);
    this.fill(buffers, packet, Math.ceil(packet.length / count), options);
    this.put('tx', buffers[0]!, options.queue);
    return buffers;
  }

  /** Loads a word with the guest's rights. */
  word(address: number): number {
    return load32(address);
  }

  byte(address: number): number {
    return load8(address);
  }
}
