import { load32, readBytes } from '#mem';
import { type AvpDevice, avpDeviceSettings } from '../../emulator';
import type { FrameSource } from '../traffic/frameSource';
import { deviceInfo, fifo, memmap } from '../../shared/abi/structs';
import { asHost } from '../../shared/actors';
import { parseMac } from '../../shared/ethernet';
import {
  BAR_DEVICE,
  BAR_MEMMAP,
  BAR_MEMORY,
  DEVICE_INFO_POOL,
  FIFO_BYTES,
  FIFO_ELEM_BYTES,
  MAX_POOLS,
  MEMMAP_BYTES,
  MEMMAP_INFO_MAPS,
  MEMPOOL_INFO_BYTES,
  MEMPOOL_INFO_LENGTH,
  MIGRATION_ATTACHED,
  MIGRATION_DETACHED,
} from '../../shared/loops/layout';
import type { Struct } from '../../shared/abi/struct';
import { load64 } from '../../shared/u64';
import { nonZero } from '../api/result';
import type {
  ResponseOverride,
  AvpNic,
  BufferCount,
  DescChange,
  FifoKind,
  HostStats,
  MigrationState,
  NicSettings,
  ProtocolStruct,
} from './host';

/** Fields of a FIFO header that a clause may read. */
type FifoField = 'write' | 'read' | 'len';

/** Shorter than the 500 ms that a driver waits for an answer that it is owed. */
const LATE_ANSWER_MS = 300;

function offsetOf(struct: Struct, name: string): number {
  const field = struct.fields.find((one) => one.name === name);
  if (field === undefined) throw new Error(`${struct.name} has no field ${name}`);
  return field.offset;
}

/** The host's side of an AVP device of the emulator in this thread. */
export class DeviceNic implements AvpNic {
  readonly mac: Uint8Array;
  private sent: Uint8Array[] = [];
  /** The guest gets no interrupt at present. */
  interruptsWait = false;

  /** @param dispatch delivers a pending interrupt to the guest; false where no handler ran. */
  constructor(
    readonly device: AvpDevice,
    private readonly source: FrameSource,
    private readonly dispatch: (nic: DeviceNic) => boolean,
  ) {
    this.mac = parseMac(device.settings.mac);
    device.uplink = { deliver: (address, bytes) => void this.sent.push(asHost(() => readBytes(address, bytes))) };
  }

  get bdf(): string {
    return this.device.function.bdf;
  }

  get settings(): AvpNic['settings'] {
    return this.device.settings;
  }

  get requests(): AvpNic['requests'] {
    return this.device.inspect.requests;
  }

  get interruptMask(): number {
    return this.device.inspect.interruptMask;
  }

  get migrationAck(): number {
    return this.device.migration.ack;
  }

  deliver(frame: Uint8Array, changes: readonly DescChange[] = []): void {
    if (changes.length === 0) return this.source.send(this.device, frame);
    // Publishes what was delivered before, so that the position of this frame on rx is known.
    this.device.step();
    const waiting = (this.fifo('rx', 0, 'write') - this.fifo('rx', 0, 'read')) & (this.fifo('rx', 0, 'len') - 1);
    const write = this.fifo('rx', 0, 'write');
    const former = this.slotAddress('rx', (write - 1) & (this.fifo('rx', 0, 'len') - 1));
    this.source.send(this.device, frame);
    const chains = asHost(() => ({ first: load64(this.slotAddress('rx', write)), former: load64(former) }));
    for (const { segment, field, value } of changes) {
      const wrong = typeof value === 'string' ? chains[value] : value;
      if (field === 'entry') this.device.tamper.overwrite('fifo', 'slot', wrong, { fifo: 'rx', index: waiting });
      else this.device.tamper.overwrite('desc', field, wrong, { fifo: 'rx', index: waiting, segment });
    }
    this.device.step();
  }

  taken(): Uint8Array[] {
    const frames = this.sent;
    this.sent = [];
    return frames;
  }

  poolRanges(): { addr: bigint; length: bigint }[] {
    const pools = this.device.function.barAddress(BAR_DEVICE) + DEVICE_INFO_POOL;
    const ranges = Array.from({ length: MAX_POOLS }, (_unused, index) =>
      asHost(() => {
        const pool = pools + index * MEMPOOL_INFO_BYTES;
        return { addr: load64(pool), length: load64(pool + MEMPOOL_INFO_LENGTH) };
      }),
    );
    return ranges.filter(({ length }) => length > 0n);
  }

  answerNext(...answers: readonly ResponseOverride[]): void {
    for (const { never, ...plan } of answers)
      this.device.tamper.planAnswer({ ...plan, ...(never === true ? { answers: 0 } : {}) });
  }

  answerLate(): void {
    this.device.tamper.releaseAnswers(LATE_ANSWER_MS);
  }

  onRequest(hook: Parameters<AvpNic['onRequest']>[0]): void {
    this.device.inspect.onRequest(hook);
  }

  fifo(kind: FifoKind, queue: number, field: FifoField): number {
    return asHost(() => load32(this.device.inspect.host.fifoAddress(kind, queue) + offsetOf(fifo, field)));
  }

  private slotAddress(kind: FifoKind, index: number): number {
    return this.device.inspect.host.fifoAddress(kind, 0) + FIFO_BYTES + FIFO_ELEM_BYTES * index;
  }

  infoField(field: string): bigint {
    return asHost(() => load64(this.device.function.barAddress(BAR_DEVICE) + offsetOf(deviceInfo, field)));
  }

  mapField(index: number, field: 'addr' | 'phys_addr' | 'length'): bigint {
    const maps = this.device.function.barAddress(BAR_MEMMAP) + MEMMAP_INFO_MAPS;
    return asHost(() => load64(maps + index * MEMMAP_BYTES + offsetOf(memmap, field)));
  }

  overwrite({ struct, ...which }: ProtocolStruct, field: string, value: number | bigint): void {
    this.device.tamper.overwrite(struct, field, value, which);
  }

  junkAnswer(entry: bigint): void {
    if (!this.device.tamper.putResponse(entry)) throw new Error('resp has no room for one more entry');
  }

  withoutBar(bar: number): void {
    this.device.tamper.overwrite('pci_function', 'bar_address', 0, { index: bar });
    this.device.tamper.overwrite('pci_function', 'bar_bytes', 0, { index: bar });
  }

  setMigrationStatus(status: number): void {
    this.device.tamper.setMigrationStatus(status);
  }

  get migration(): MigrationState {
    return this.device.migration;
  }

  raiseMigration(status: number): void {
    if (status === MIGRATION_DETACHED) this.device.beginDetach();
    else if (status === MIGRATION_ATTACHED) this.device.beginAttach();
    else this.device.raiseMigration(status);
  }

  replaceHost(settings: NicSettings): void {
    this.device.replaceHost(avpDeviceSettings({ ...settings, mac: this.device.settings.mac }));
  }

  async raiseInterrupt(bits: number): Promise<{ dispatched: boolean }> {
    this.device.tamper.raiseInterrupt(bits);
    return { dispatched: this.dispatch(this) };
  }

  async interruptLate(status: number, body: () => Promise<void>): Promise<{ dispatched: boolean }> {
    this.interruptsWait = true;
    try {
      this.raiseMigration(status);
      await body();
    } finally {
      this.interruptsWait = false;
    }
    return this.lateInterrupt();
  }

  async lateInterrupt(): Promise<{ dispatched: boolean }> {
    this.device.tamper.overwrite('pci_function', 'interrupt_pending', 1);
    return { dispatched: this.dispatch(this) };
  }

  stats(): HostStats {
    const { toGuest, fromGuest } = this.device.inspect.stats();
    return {
      toGuest: { offered: toGuest.offered, delivered: toGuest.delivered, dropped: nonZero(toGuest.dropped) },
      fromGuest: { offered: fromGuest.offered, delivered: fromGuest.forwarded, dropped: nonZero(fromGuest.dropped) },
    };
  }

  buffers(): BufferCount {
    const { total, hostPool, ...places } = this.device.inspect.buffers();
    return { total, pool: hostPool, ...places };
  }

  brokenCanaries(): number {
    return this.device.inspect.brokenCanaries().length;
  }

  pause(): void {
    this.device.tamper.pause();
  }

  resume(): void {
    this.device.tamper.resume();
  }

  surpriseRemove(): void {
    this.device.surpriseRemove();
  }

  /** Indices of all rings. They no longer change once host and guest are idle. */
  indices(): number[] {
    const { host } = this.device.inspect;
    return host.fifos().flatMap(({ kind, queue }) => [this.fifo(kind, queue, 'write'), this.fifo(kind, queue, 'read')]);
  }

  /** Range of the exported memory in the arena. */
  memoryRange(): { readonly address: number; readonly bytes: number } {
    const { function: pci } = this.device;
    return { address: pci.barAddress(BAR_MEMORY), bytes: pci.barBytes(BAR_MEMORY) };
  }

  /** Returns the part of a FIFO that an address belongs to; null if the address lies outside. */
  partOf(kind: FifoKind, queue: number, address: number): { part: 'slot' | 'write' | 'read'; slot: number } | null {
    const offset = address - this.device.inspect.host.fifoAddress(kind, queue);
    if (offset === offsetOf(fifo, 'write')) return { part: 'write', slot: -1 };
    if (offset === offsetOf(fifo, 'read')) return { part: 'read', slot: -1 };
    const slot = Math.floor((offset - FIFO_BYTES) / FIFO_ELEM_BYTES);
    return slot >= 0 && slot < this.device.settings.fifoSlots[kind] ? { part: 'slot', slot } : null;
  }
}
