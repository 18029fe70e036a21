import { actAs } from '#mem';
import { asHost } from '../../shared/actors';
import { NO_FAULT } from '../../shared/loops/counter';
import { loadFifoEndLen } from '../../shared/loops/records';
import { ACTOR_HOST } from '../../shared/loops/rights';
import type { LoggedRequest } from './control/controlChannel';
import type { ControlRequest } from './control/controlRequest';
import { isLive } from './control/portLife';
import type { DeviceCore } from './core';
import { deviceActivity, deviceStats, type DeviceStats } from './deviceStats';
import {
  HOST_RX_QUEUE_RX,
  loadHostPortFeatures,
  loadHostPortLinkUp,
  loadHostPortRxQueues,
  loadHostPortTxQueues,
} from './loops/records';
import { observeRx, rxWaiting } from './loops/takeBack';
import { shut } from './loops/toGuest';
import { auditBuffers, ringEntries, type BufferAudit, type RingEntries } from './memory/bufferAudit';
import { brokenCanaries, type BrokenCanary } from './memory/canaries';
import type { HostMemory } from './memory/hostMemory';
import { type OverwriteOptions, readField } from './overwrite';
import type { MigrationNote } from './migration/migrationState';

/** Terms of the last request 3; zeros while the port is not configured. */
export interface Negotiated {
  /** Receive queue pairs in use. */
  readonly rxQueues: number;
  /** Transmit queue pairs in use. */
  readonly txQueues: number;
  /** Feature bits in use; bit 0 is VLAN offload (section 9). */
  readonly features: number;
}

/** A look into a device: `AvpDevice.inspect`. Nothing here changes what host or guest do. */
export class DeviceInspection {
  constructor(private readonly core: DeviceCore) {}

  /** The memory of the present host. */
  get host(): HostMemory {
    return this.core.host;
  }

  /** Reads all counters, after a look at the guest's index on rx. */
  stats(): DeviceStats {
    return asHost(() => deviceStats(this.core.host));
  }

  /** Counts packet buffers by place; the sum is constant. */
  buffers(): BufferAudit {
    return asHost(() => auditBuffers(this.core.host));
  }

  /** Counts the entries on tx, rx, alloc and free, all queues together. */
  ringEntries(): RingEntries {
    return asHost(() => ringEntries(this.core.host));
  }

  /** Lists buffers with bytes overwritten that belong to nobody. Checks every buffer; slow. */
  brokenCanaries(): BrokenCanary[] {
    return asHost(() => brokenCanaries(this.core.host));
  }

  /**
   * Reads a field that the guest reads too, named as in `AvpDevice.tamper.overwrite`.
   * @throws UsageError for a name or a place that does not exist.
   */
  field(struct: string, field: string, options: OverwriteOptions = {}): bigint {
    return asHost(() => readField(this.core.pci, this.core.host, struct, field, options));
  }

  /** True while the port is configured and the guest has set its link up (section 8). */
  get linkUp(): boolean {
    return asHost(() => isLive(this.core.host) && loadHostPortLinkUp(this.core.host.port) !== 0);
  }

  /** Terms of the last request 3 (section 8). */
  get negotiated(): Negotiated {
    return asHost(() => {
      const { host } = this.core;
      if (!isLive(host)) return { rxQueues: 0, txQueues: 0, features: 0 };
      return {
        rxQueues: loadHostPortRxQueues(host.port),
        txQueues: loadHostPortTxQueues(host.port),
        features: loadHostPortFeatures(host.port),
      };
    });
  }

  /** Interrupt mask register: 0xffffffff enables all interrupts, 0 disables them (section 3). */
  get interruptMask(): number {
    return asHost(() => this.core.pci.interruptMask);
  }

  /** The last requests of the guest with their answers, oldest first. */
  get requests(): readonly LoggedRequest[] {
    return this.core.control.log;
  }

  /** A number that changes whenever a frame moves or a request is taken, so that a caller can tell an idle host. */
  get activity(): number {
    const former = actAs(ACTOR_HOST);
    try {
      return deviceActivity(this.core.host);
    } finally {
      actAs(former);
    }
  }

  /** Packets that rx of the first queue has room for; 0 while the device takes no frames for the guest. */
  get rxRoom(): number {
    const former = actAs(ACTOR_HOST);
    try {
      const { host } = this.core;
      const queue = host.rxQueue(0);
      if (shut(host.port) !== NO_FAULT || !observeRx(queue)) return 0;
      return loadFifoEndLen(queue + HOST_RX_QUEUE_RX) - 1 - rxWaiting(queue);
    } finally {
      actAs(former);
    }
  }

  /** Sets the one function to call with each request that was taken, before it is carried out; null for none. */
  onRequest(hook: ((request: ControlRequest) => void) | null): void {
    this.core.control.onRequest = hook;
  }

  /** Sets the one function to call with each step of a migration; null for none. */
  onMigration(hook: ((note: MigrationNote) => void) | null): void {
    this.core.migration.onNote = hook;
  }

  /** Sets the one function to call with each FIFO that is emptied; null for none. */
  onFifoInit(hook: HostMemory['onFifoInit']): void {
    this.core.host.onFifoInit = hook;
  }
}
