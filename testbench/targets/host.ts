import type { ControlRequest } from '../../emulator/device/control/controlRequest';
import type { AvpDeviceSettings, DeepPartial } from '../../emulator/device/settings';

export type NicSettings = DeepPartial<AvpDeviceSettings>;

/** How the host answers a request where it is not to answer as it should. */
export interface Answer {
  /** This value in `result`; the request is not carried out. */
  readonly result?: number;
  /** Later by this time; at once where not given. */
  readonly delayMs?: number;
  /** Not at all. */
  readonly never?: boolean;
  /** This value on resp in place of sync_va. */
  readonly entry?: bigint;
}

/** A structure of the protocol in memory that the guest can see. */
export type Place =
  | { readonly struct: 'memmap_info' | 'device_info' }
  | { readonly struct: 'memmap' | 'mempool_info'; readonly index: number }
  | { readonly struct: 'fifo'; readonly fifo: FifoKind; readonly queue: number };

export type FifoKind = 'tx' | 'rx' | 'alloc' | 'free' | 'req' | 'resp';

/** A field of a received packet's chain that is to be wrong. */
export interface DescChange {
  /** Which descriptor of the chain, from 0. */
  readonly segment: number;
  /** `entry` is the entry on rx that names the first descriptor. */
  readonly field: 'entry' | 'data_len' | 'pkt_len' | 'nb_segs' | 'next' | 'data' | 'ol_flags' | 'vlan_tci';
  /**
   * `first` stands for the address of the chain's own first descriptor, `former` for that of the
   * packet delivered just before.
   */
  readonly value: number | bigint | 'first' | 'former';
}

/** What the host says of its packet buffers: each is in exactly one place. */
export interface BufferCount {
  readonly total: number;
  /** In the host's own pool. */
  readonly pool: number;
  readonly alloc: number;
  readonly tx: number;
  readonly rx: number;
  readonly free: number;
  /** Taken by the guest and not given back. */
  readonly guest: number;
}

/** What became of frames on the host's side, in one direction. */
export interface HostCounts {
  readonly offered: number;
  readonly delivered: number;
  /** By cause, only those that happened. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Counters of the host's side of a port. */
export interface HostStats {
  readonly toGuest: HostCounts;
  readonly fromGuest: HostCounts;
}

/** Where a migration of a device stands, as the host knows it (section 15). */
export interface MigrationState {
  /** Migration status: 0 none, 1 detached, 2 attached, 3 error. */
  readonly status: number;
  /** What the guest has written since the last event; 0 nothing. */
  readonly ack: number;
  /** The detach's request 4 has been carried out: the host touches no ring any more. */
  readonly shutdown: boolean;
  /** Ack 1 has been seen: every buffer is the host's again. */
  readonly released: boolean;
}

/** Another PCI function than an AVP device, to see that the driver leaves it alone. */
export type OtherFunction = 'virtio' | 'virtio-modern' | 'ivshmem';

/** One PCI function of the guest, from the host's side. */
export interface HostNic {
  readonly slot: string;
}

/** One AVP device, from the host's side: what a hypervisor can do and see. */
export interface AvpNic extends HostNic {
  readonly settings: AvpDeviceSettings;
  readonly mac: Uint8Array;
  /** A frame arrives from the network; `changes` spoil its chain before the guest can see it. */
  deliver(frame: Uint8Array, changes?: readonly DescChange[]): void;
  /** Frames that the guest has sent since the last call, as they went to the network. */
  taken(): Uint8Array[];
  /** The packet-buffer pools as the device info gives them. */
  poolRanges(): readonly { readonly addr: bigint; readonly length: bigint }[];
  /** Every request since the device was made. */
  readonly requests: readonly ControlRequest[];
  /** The next request is answered so, or the next few, in this order. */
  answerNext(...answers: readonly Answer[]): void;
  /** Called when the host has taken a request and not answered it yet. */
  onRequest(hook: ((request: ControlRequest) => void) | null): void;
  /** Reads a field of a FIFO header. */
  fifo(kind: FifoKind, queue: number, field: 'write' | 'read' | 'len'): number;
  /** Reads a 64-bit field of the device info, or of one map. */
  infoField(field: string): bigint;
  mapField(index: number, field: 'addr' | 'phys_addr' | 'length'): bigint;
  overwrite(place: Place, field: string, value: number | bigint): void;
  /** Puts an entry on resp that answers nothing. */
  junkAnswer(entry: bigint): void;
  /** Takes a BAR away before the guest has seen the device. */
  withoutBar(bar: number): void;
  readonly interruptMask: number;
  readonly migrationAck: number;
  readonly migration: MigrationState;
  setMigrationStatus(status: number): void;
  /** The event of section 15: ack 0, this status, interrupt. 1 detaches, 2 attaches; others mean nothing. */
  announce(status: number): void;
  /** Another host takes the device over: other memory, map and info, with these settings. The MAC address stays. */
  replaceHost(settings: NicSettings): void;
  /** Raises an interrupt bit; `dispatched` where a handler of the guest ran. */
  raiseInterrupt(bits: number): Promise<{ readonly dispatched: boolean }>;
  /** An interrupt that was on its way when the guest wrote the mask. */
  lateInterrupt(): Promise<{ readonly dispatched: boolean }>;
  stats(): HostStats;
  buffers(): BufferCount;
  /** Bytes written outside of the data of a buffer. */
  brokenCanaries(): number;
  /** The host stops looking at the rings. */
  pause(): void;
  resume(): void;
  /** The device vanishes without a word. */
  surpriseRemove(): void;
}

/** A burst that stands still in its middle while the port detaches. */
export interface HeldBurst {
  /** What it finds on rx. */
  readonly frames: readonly Uint8Array[];
  /** Makes it, where the application makes none by itself. */
  readonly burst: () => Promise<unknown>;
  /** When it goes on: request 4 is answered, or ack 1 written; it also does where that does not come in time. */
  readonly until: 'answer' | 'ack';
  /** Called when it goes on. */
  readonly goesOn: (reached: boolean) => void;
}

/** The host of one clause. */
export interface Host {
  /** Makes an AVP device and plugs it into the guest's bus. */
  plug(settings?: NicSettings): AvpNic;
  plugOther(kind: OtherFunction): HostNic;
  /** Bytes of memory that guest and driver hold, without the devices. */
  guestMemoryInUse(): number;
  /**
   * Needs `turn-inside-burst`: calls `turn` once in the middle of what `body` does, right after
   * the guest's access number `count` to the device's memory. False where there were fewer.
   */
  insideBurst(nic: AvpNic, count: number, body: () => Promise<unknown>, turn: () => void): Promise<boolean>;
  /** Needs `held-burst`: announces status 1 while a burst of the port stands still. */
  detachUnderBurst(nic: AvpNic, held: HeldBurst): Promise<void>;
  /** Needs `turn-inside-burst`: lets time pass within such a turn. */
  passMs(durationMs: number): void;
  /** Needs `turn-inside-burst`: what the guest stores into a FIFO while `body` runs, in order. */
  watchStores(
    nic: AvpNic,
    kind: FifoKind,
    queue: number,
    body: () => Promise<unknown>,
  ): Promise<('slot' | 'write' | 'read')[]>;
}
