import { record, type Struct } from './struct';

/**
 * One side's private end of a FIFO. The other side can write the header of a FIFO, so each side
 * keeps the base, the length and its own index in memory that only it writes.
 */
export const fifoEnd = record(
  'fifo_end',
  "one side's private end of a FIFO",
  {
    /** Arena address of the FIFO's header; 0 while this end is not open. */
    base: 'u32',
    /** Number of slots, a power of two. Checked once, when the end is opened. */
    len: 'u32',
    /** The index that this side publishes: `write` for a producer, `read` for a consumer. */
    index: 'u32',
    unused: 'u32',
  },
  { align: 16 },
);

/** The part of a PCI function that a guest sees, and its interrupt line. */
export const pciFunction = record('pci_function', 'a PCI function as the guest sees it', {
  vendor: 'u32',
  device: 'u32',
  subsystem_vendor: 'u32',
  subsystem_device: 'u32',
  /** Class and subclass, 16 bits. */
  class_code: 'u32',
  /** BDF in PCI's encoding: bus << 8 | device number << 3 | function. */
  address: 'u32',
  /** 1 after a surprise removal: reads give all ones, writes are lost. The host writes it. */
  removed: 'u32',
  /** Arena address of the register that a read clears; 0 if there is none. */
  clear_on_read: 'u32',
  /** Bit i set: the guest may write register i of BAR 0. */
  writable_registers: 'u32',
  /** Number of pending interrupts, at most 1 if they are coalesced. The host adds; the guest's dispatcher subtracts. */
  interrupt_pending: 'u32',
  /** Arena address of each BAR; 0 if the BAR does not exist. */
  bar_address: ['u32', 6],
  bar_bytes: ['u32', 6],
  /** Number of times a handler was registered or unregistered; only the last one counts. The guest writes it. */
  handler_changes: 'u32',
});

/** Records that both sides use. They are not part of the protocol. */
export const sharedRecords: readonly Struct[] = [fifoEnd, pciFunction];
