import { hex32 } from '../../shared/hex';
import { type FileBytes } from './fileBytes';
import { BLOCK_HEAD_BYTES, BLOCK_TAIL_BYTES, BlockType, BYTE_ORDER_MAGIC } from './pcapngFormat';

/** A block whose two lengths agree and which the file holds whole. */
export interface Block {
  readonly type: number;
  readonly offset: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** Offset of the next block. */
  readonly end: number;
}

/**
 * Finds the extent of the block at `offset`; a section header first sets the file's byte order.
 * @throws CaptureError
 */
export function readBlock(file: FileBytes, offset: number): Block {
  file.need(offset, BLOCK_HEAD_BYTES + BLOCK_TAIL_BYTES, 'the head of the block');
  const type = file.u32(offset);
  if (type === BlockType.SectionHeader) {
    setByteOrder(file, offset + BLOCK_HEAD_BYTES);
  }
  const length = file.u32(offset + 4);
  if (length < BLOCK_HEAD_BYTES + BLOCK_TAIL_BYTES || length % 4 !== 0) {
    file.refuse(offset + 4, {
      found: `a block of ${length} bytes`,
      expected: 'a multiple of 4 from 12 up',
      advice: 'the file is damaged: copy or capture it again',
    });
  }
  file.need(offset, length, `the ${blockName(type)}`);
  const end = offset + length;
  const bodyEnd = end - BLOCK_TAIL_BYTES;
  checkTail(file, bodyEnd, length);
  return { type, offset, bodyStart: offset + BLOCK_HEAD_BYTES, bodyEnd, end };
}

function setByteOrder(file: FileBytes, offset: number): void {
  for (const littleEndian of [true, false]) {
    file.littleEndian = littleEndian;
    if (file.u32(offset) === BYTE_ORDER_MAGIC) {
      return;
    }
  }
  file.refuse(offset, {
    found: hex32(file.u32(offset)),
    expected: `the byte-order magic ${hex32(BYTE_ORDER_MAGIC)} in either order`,
    advice: 'the file is damaged: copy or capture it again',
  });
}

function checkTail(file: FileBytes, offset: number, length: number): void {
  const tail = file.u32(offset);
  if (tail !== length) {
    file.refuse(offset, {
      found: `${tail} as the block's second length`,
      expected: `${length}, as at its start`,
      advice: 'the file is damaged: copy or capture it again',
    });
  }
}

function blockName(type: number): string {
  const packets: readonly number[] = [BlockType.EnhancedPacket, BlockType.Packet, BlockType.SimplePacket];
  return packets.includes(type) ? 'packet' : `block of type ${hex32(type)}`;
}

/**
 * Where the block's body starts, once it is known to have `length` bytes.
 * @throws CaptureError if it has fewer.
 */
export function requireBody(file: FileBytes, block: Block, length: number): number {
  const found = block.bodyEnd - block.bodyStart;
  if (found < length) {
    file.refuse(block.offset, {
      found: `a ${blockName(block.type)} with a body of ${found} bytes`,
      expected: `at least ${length}`,
      advice: 'the file is damaged: copy or capture it again',
    });
  }
  return block.bodyStart;
}
