import { ETHERNET_LINK_TYPE, MAX_FRAME_LENGTH } from './capture';
import type { FileBytes } from './fileBytes';

/** Refuses a link type (read at `offset`) that is not Ethernet. */
export function requireEthernet(file: FileBytes, offset: number, linkType: number): void {
  if (linkType !== ETHERNET_LINK_TYPE) {
    file.refuse(offset, {
      found: `link type ${linkType}`,
      expected: `link type ${ETHERNET_LINK_TYPE} (Ethernet)`,
      advice: 'capture on an Ethernet interface',
    });
  }
}

/** Refuses frames that carry their check sequence: replayed, its bytes would pass for data. */
export function requireNoCheckSequence(file: FileBytes, offset: number, length: number): void {
  if (length !== 0) {
    file.refuse(offset, {
      found: `frames that end in a frame check sequence (length field ${length})`,
      expected: 'frames without one',
      advice: 'capture without it, or cut it off with editcap -C',
    });
  }
}

/** Refuses a pair of captured and original length (fields at `offset`) that no frame can have. */
export function requireSaneLengths(file: FileBytes, offset: number, captured: number, original: number): void {
  if (captured > MAX_FRAME_LENGTH || original > MAX_FRAME_LENGTH) {
    file.refuse(offset, {
      found: `a frame of ${Math.max(captured, original)} bytes`,
      expected: `at most ${MAX_FRAME_LENGTH}`,
      advice: 'the file is damaged: copy or capture it again',
    });
  }
  if (captured > original) {
    file.refuse(offset, {
      found: `${captured} bytes captured of a frame of ${original}`,
      expected: 'no more than the frame has',
      advice: 'the file is damaged: copy or capture it again',
    });
  }
}
