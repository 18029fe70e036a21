import { record, type Struct } from './struct';

/**
 * One side's private end of a FIFO. The header of a FIFO is memory that the other side can
 * write, so each side keeps base, length and its own index where nobody else writes.
 */
export const fifoEnd = record(
  'fifo_end',
  "one side's private end of a FIFO",
  {
    /** Arena address of the header; 0 while there is no FIFO behind this end. */
    base: 'u32',
    /** Slots, a power of two; checked once when the end was opened. */
    len: 'u32',
    /** The index that this side publishes: `write` for a producer, `read` for a consumer. */
    index: 'u32',
    unused: 'u32',
  },
  { align: 16 },
);

/** What a guest can see of a PCI function, and the line of its interrupt. */
export const pciFunction = record('pci_function', 'a PCI function as the guest sees it', {
  vendor: 'u32',
  device: 'u32',
  subsystem_vendor: 'u32',
  subsystem_device: 'u32',
  /** Class and subclass, 16 bits. */
  class_code: 'u32',
  /** Bus, device and function number as in 00:05.0: bus<<8 | device<<3 | function. */
  address: 'u32',
  /** 1 after a surprise removal: reads give all ones, writes go nowhere. Host writes. */
  removed: 'u32',
  /** Arena address of the register that a read clears, 0 if none. */
  clear_on_read: 'u32',
  /** Bit i set: the guest may write register i of BAR 0. */
  writable_registers: 'u32',
  /** Interrupts that wait for delivery, one where they are coalesced. Host adds, the guest's dispatcher takes one. */
  interrupt_pending: 'u32',
  /** Arena address of each BAR, 0 where there is none. */
  bar_address: ['u32', 6],
  bar_bytes: ['u32', 6],
  /** How often a handler was registered or unregistered: only the last one counts. Guest writes. */
  handler_changes: 'u32',
});

/** Private records that both sides use; not part of the protocol. */
export const sharedRecords: readonly Struct[] = [fifoEnd, pciFunction];
