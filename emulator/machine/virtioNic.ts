import { protect, storeRelease32 } from '#mem';
import { asHost } from '../../shared/actors';
import { allocate, release } from '../../shared/arena';
import { BOTH, DRIVER_READ, HOST_ONLY } from '../../shared/loops/rights';
import { PciFunction, type PciIdentity } from '../../shared/pci';
import {
  PCI_FUNCTION_BYTES,
  PCI_FUNCTION_HANDLER_CHANGES,
  PCI_FUNCTION_INTERRUPT_PENDING,
  PCI_FUNCTION_REMOVED,
  storePciFunctionAddress,
  storePciFunctionBarAddress,
  storePciFunctionBarBytes,
  storePciFunctionClassCode,
  storePciFunctionDevice,
  storePciFunctionSubsystemDevice,
  storePciFunctionSubsystemVendor,
  storePciFunctionVendor,
} from '../../shared/loops/records';
import type { Endpoint, FrameSink } from '../network/endpoint';
import type { PciOwner } from './pciBus';

const BAR_BYTES = 64;

/** A transitional virtio-net NIC (section 2). */
export const VIRTIO_NET_IDENTITY: PciIdentity = {
  vendor: 0x1af4,
  device: 0x1000,
  subsystemVendor: 0x1af4,
  subsystemDevice: 0x0001,
  classCode: 0x0200,
};

/** QEMU's ivshmem: vendor and device of AVP, another subsystem (section 2). A driver for AVP must leave it alone. */
export const IVSHMEM_IDENTITY: PciIdentity = {
  vendor: 0x1af4,
  device: 0x1110,
  subsystemVendor: 0x1af4,
  subsystemDevice: 0x1100,
  classCode: 0x0500,
};

/** Identity and place of a virtio NIC. */
export interface VirtioNicOptions {
  /** Name in messages and captures. */
  readonly name: string;
  /**
   * PCI device number on bus 0.
   * @range 0 to 31
   * @unit none
   */
  readonly deviceNumber: number;
  /**
   * Ids in its PCI configuration.
   * @defaultValue those of a virtio-net NIC
   */
  readonly identity?: PciIdentity;
}

/**
 * A NIC of another model, built as far as a guest's bus scan sees it: identity and one BAR of
 * zeros. It counts the frames that its network delivers and sends none.
 */
export class VirtioNic implements Endpoint, PciOwner {
  uplink: FrameSink | null = null;
  /** Frames that the network delivered. */
  received = 0;
  readonly name: string;
  readonly function: PciFunction;
  private base: number;

  /** @throws ErrnoError ENOMEM */
  constructor({ name, deviceNumber, identity = VIRTIO_NET_IDENTITY }: VirtioNicOptions) {
    this.name = name;
    this.base = asHost(() => {
      const base = allocate(PCI_FUNCTION_BYTES + BAR_BYTES, {
        rights: HOST_ONLY | DRIVER_READ,
        label: `${name}: PCI function`,
      });
      // The guest's dispatcher takes a pending interrupt, and says who serves the next one.
      protect(base + PCI_FUNCTION_INTERRUPT_PENDING, 4, BOTH);
      protect(base + PCI_FUNCTION_HANDLER_CHANGES, 4, BOTH);
      describe(base, deviceNumber, identity);
      return base;
    });
    this.function = PciFunction.at(this.base);
  }

  deliver(_address: number, _bytes: number): void {
    this.received++;
  }

  surpriseRemove(): void {
    if (this.base !== 0) asHost(() => storeRelease32(this.base + PCI_FUNCTION_REMOVED, 1));
  }

  /** Frees the memory; does nothing the second time. */
  destroy(): void {
    if (this.base !== 0) release(this.base);
    this.base = 0;
  }
}

function describe(base: number, deviceNumber: number, identity: PciIdentity): void {
  storePciFunctionVendor(base, identity.vendor);
  storePciFunctionDevice(base, identity.device);
  storePciFunctionSubsystemVendor(base, identity.subsystemVendor);
  storePciFunctionSubsystemDevice(base, identity.subsystemDevice);
  storePciFunctionClassCode(base, identity.classCode);
  storePciFunctionAddress(base, deviceNumber << 3);
  storePciFunctionBarAddress(base, 0, base + PCI_FUNCTION_BYTES);
  storePciFunctionBarBytes(base, 0, BAR_BYTES);
}
