import type { ControlRequest } from '../../emulator/device/control/controlRequest';
import type { AvpDeviceSettings, DeepPartial } from '../../emulator/device/settings';
import type { BenchFaults } from '../api/faults';

/** Settings of an AVP device; the defaults fill in the rest. docs/settings.md lists all. */
export type NicSettings = DeepPartial<AvpDeviceSettings>;

/** A response that the host gives to a request in place of the proper one. */
export interface ResponseOverride {
  /** Value of `result`; the request is not carried out. */
  readonly result?: number;
  /** Delay of the response. Default 0. */
  readonly delayMs?: number;
  /** Hold the response back until `answerLate`. */
  readonly held?: boolean;
  /** Send no response. */
  readonly never?: boolean;
  /** Entry on resp in place of sync_va. */
  readonly entry?: bigint;
}

/** A structure of the protocol in memory that the guest sees. */
export type ProtocolStruct =
  | {
      /** Name of a structure that exists once (sections 4 and 5). */
      readonly struct: 'memmap_info' | 'device_info';
    }
  | {
      /** Name of a structure that is an entry of a table (sections 4 and 5). */
      readonly struct: 'memmap' | 'mempool_info';
      /** Index in the table, from 0. */
      readonly index: number;
    }
  | {
      /** Header of a FIFO (section 6). */
      readonly struct: 'fifo';
      /** Kind of the FIFO. */
      readonly fifo: FifoKind;
      /** Queue of the FIFO, from 0; 0 for req and resp. */
      readonly queue: number;
    };

/** Kind of a FIFO (section 6). */
export type FifoKind = 'tx' | 'rx' | 'alloc' | 'free' | 'req' | 'resp';

/** A wrong value for a field in a received packet's chain. */
export interface DescChange {
  /** Position of the descriptor in the chain, from 0. */
  readonly segment: number;
  /** `entry` is the entry on rx that names the first descriptor. */
  readonly field: 'entry' | 'data_len' | 'pkt_len' | 'nb_segs' | 'next' | 'data' | 'ol_flags' | 'vlan_tci';
  /** `first`: address of the chain's first descriptor; `former`: that of the packet delivered before. */
  readonly value: number | bigint | 'first' | 'former';
}

/** Places of the host's packet buffers. Each buffer is in exactly one place. */
export interface BufferCount {
  /** All buffers of the pools. */
  readonly total: number;
  /** In the host's own pool. */
  readonly pool: number;
  /** On alloc. */
  readonly alloc: number;
  /** On tx. */
  readonly tx: number;
  /** On rx. */
  readonly rx: number;
  /** On free. */
  readonly free: number;
  /** Taken by the guest and not returned. */
  readonly guest: number;
}

/** The host's account of the frames of one direction. */
export interface HostCounts {
  /** Frames that came in: from the network, or from the guest's tx. */
  readonly offered: number;
  /** Frames that went on: onto the guest's rx, or to the network. */
  readonly delivered: number;
  /** Drops by cause, without zeros. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Counters of the host's side of a port. */
export interface HostStats {
  /** Frames from the network to the guest. */
  readonly toGuest: HostCounts;
  /** Frames from the guest to the network. */
  readonly fromGuest: HostCounts;
}

/** State of a device's migration, as the host knows it (section 15). */
export interface MigrationState {
  /** Migration status: 0 none, 1 detached, 2 attached, 3 error. */
  readonly status: number;
  /** The ack that the guest has written since the last event, 0 for none. */
  readonly ack: number;
  /** Request 4 of the detach has been carried out: the host no longer touches the rings. */
  readonly shutdown: boolean;
  /** The host has seen ack 1 and owns every buffer again. */
  readonly released: boolean;
}

/** A PCI function that is no AVP device, which the driver must ignore. */
export type OtherFunction = 'virtio' | 'virtio-modern' | 'ivshmem';

/** A PCI function of the guest, from the host's side. */
export interface HostNic {
  /** PCI address, as in `0000:00:05.0`. */
  readonly bdf: string;
}

/** A pool of packet buffers, as the device info shows it (section 5). */
export interface PoolRange {
  /** Host virtual address of the first byte. */
  readonly addr: bigint;
  /** Length in bytes. */
  readonly length: bigint;
}

/** Outcome of an interrupt. */
export interface Dispatch {
  /** True if a handler of the guest ran. */
  readonly dispatched: boolean;
}

/** An AVP device from the host's side: what a hypervisor can do with it and see of it. */
export interface AvpNic extends HostNic {
  /** Settings of the device, all filled in. */
  readonly settings: AvpDeviceSettings;
  /** MAC address, 6 bytes. */
  readonly mac: Uint8Array;
  /** Delivers a frame from the network. `changes` are made to its chain before the guest can see it. */
  deliver(frame: Uint8Array, changes?: readonly DescChange[]): void;
  /** Returns the frames that the guest has sent to the network since the last call. */
  taken(): Uint8Array[];
  /** The packet-buffer pools of the device info. */
  poolRanges(): readonly PoolRange[];
  /** Every request since the device was created. */
  readonly requests: readonly ControlRequest[];
  /** Overrides the responses to the next requests, one each. */
  answerNext(...answers: readonly ResponseOverride[]): void;
  /**
   * Sends the responses that were held back, after the driver has given up: when the host takes the next request, or
   * 300 ms later where none comes. A driver's 500 ms are those of its own clock, which on a busy machine are longer
   * than the host's; so a response is late by what the driver has done, and not by a time.
   */
  answerLate(): void;
  /** Sets the hook that runs when the host has taken a request and not yet responded; null removes it. */
  onRequest(hook: ((request: ControlRequest) => void) | null): void;
  /** Reads a field of a FIFO header. */
  fifo(kind: FifoKind, queue: number, field: 'write' | 'read' | 'len'): number;
  /** Reads a 64-bit field of the device info. */
  infoField(field: string): bigint;
  /** Reads a field of one entry of the memory map. */
  mapField(index: number, field: 'addr' | 'phys_addr' | 'length'): bigint;
  /** Writes a field of a structure that the guest reads. */
  overwrite(where: ProtocolStruct, field: string, value: number | bigint): void;
  /** Puts an entry on resp that responds to no request. */
  junkAnswer(entry: bigint): void;
  /** Removes a BAR, before the guest has seen the device. */
  withoutBar(bar: number): void;
  /** Interrupt mask register: 0xffffffff enables all interrupts, 0 disables them (section 3). */
  readonly interruptMask: number;
  /** Migration ack register: the status that the guest has carried out, 3 for a failure (section 3). */
  readonly migrationAck: number;
  /** State of the device's migration. */
  readonly migration: MigrationState;
  /** Sets the migration status register without an event. */
  setMigrationStatus(status: number): void;
  /** Raises the event of section 15: ack 0, this status, interrupt. 1 is detach, 2 attach; others mean nothing. */
  raiseMigration(status: number): void;
  /**
   * Lets another host take over the device: other memory, map and info, same MAC address (section 15).
   * @param settings settings of the new host; the defaults fill in the rest.
   */
  replaceHost(settings: NicSettings): void;
  /** Raises interrupt bits (section 3). */
  raiseInterrupt(bits: number): Promise<Dispatch>;
  /**
   * Raises the migration event for a status, runs `body`, and then lets the interrupt reach the guest: it was on its
   * way meanwhile, as on a hypervisor whose guest has no CPU for its handler.
   */
  interruptLate(status: number, body: () => Promise<void>): Promise<Dispatch>;
  /** Delivers an interrupt without a status bit, as one that was pending when the guest wrote the mask. */
  lateInterrupt(): Promise<Dispatch>;
  /** Returns the counters of the host's side of the port. */
  stats(): HostStats;
  /** Counts the host's packet buffers by place. */
  buffers(): BufferCount;
  /** Number of places at which a packet buffer was written outside its data. */
  brokenCanaries(): number;
  /** The host stops serving the rings. */
  pause(): void;
  /** The host serves the rings again. */
  resume(): void;
  /** Removes the device without notice (section 16). */
  surpriseRemove(): void;
}

/** A burst that is held up in its middle while the port detaches. */
export interface HeldBurst {
  /** Frames that the burst finds on rx. */
  readonly frames: readonly Uint8Array[];
  /** Makes the burst, where the application makes none by itself. */
  readonly burst: () => Promise<unknown>;
  /** The burst goes on after the response to request 4 or after ack 1, at the latest after a time limit. */
  readonly until: 'answer' | 'ack';
  /** Called when the burst goes on. @param reached `until` came before the time limit. */
  readonly goesOn: (reached: boolean) => void;
}

/** The host side of one clause. */
export interface Host {
  /** Faults to put; left out by a target that offers none. One that it can't offer is refused with a UsageError. */
  readonly faults?: BenchFaults;
  /**
   * Creates an AVP device and plugs it into the guest's bus.
   * @param settings settings of the device; the defaults fill in the rest.
   */
  plug(settings?: NicSettings): AvpNic;
  /** Plugs a device that is no AVP device. */
  plugOther(kind: OtherFunction): HostNic;
  /** Bytes of memory that guest and driver hold, without the devices' memory. */
  guestMemoryInUse(): number;
  /**
   * Needs `turn-inside-burst`: calls `turn` once while `body` runs, right after the guest's access
   * number `count` to the device's memory. Returns false where there were fewer accesses.
   */
  insideBurst(nic: AvpNic, count: number, body: () => Promise<unknown>, turn: () => void): Promise<boolean>;
  /** Needs `held-burst`: raises a detach event while a burst of the port is held up. */
  detachUnderBurst(nic: AvpNic, held: HeldBurst): Promise<void>;
  /** Needs `turn-inside-burst`: lets time pass within a `turn`. */
  passMs(durationMs: number): void;
  /** Needs `turn-inside-burst`: the guest's stores into a FIFO while `body` runs, in order. */
  watchStores(
    nic: AvpNic,
    kind: FifoKind,
    queue: number,
    body: () => Promise<unknown>,
  ): Promise<('slot' | 'write' | 'read')[]>;
}
