/** Numbers of the pcapng format that the reader and the writer share. */

/** Types of blocks. A block of another type is skipped. */
export const BlockType = {
  SectionHeader: 0x0a0d0d0a,
  InterfaceDescription: 1,
  /** The obsolete packet block: as the enhanced one, but with a 16-bit interface and a drop count. */
  Packet: 2,
  SimplePacket: 3,
  EnhancedPacket: 6,
} as const;

/** Codes of options; what a code means depends on the block, but for the first two. */
export const OptionCode = {
  End: 0,
  Comment: 1,
  SectionUserApplication: 4,
  InterfaceName: 2,
  InterfaceTimeResolution: 9,
  InterfaceCheckSequenceLength: 13,
  InterfaceTimeOffset: 14,
  PacketFlags: 2,
} as const;

/** Read in a section's byte order, the second word of its header. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** A block's type and its length before the body. */
export const BLOCK_HEAD_BYTES = 8;
/** A block's length again, after the body. */
export const BLOCK_TAIL_BYTES = 4;
/** Code and length of an option. */
export const OPTION_HEAD_BYTES = 4;

/** Everything in a block starts at a multiple of four bytes. */
export function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
