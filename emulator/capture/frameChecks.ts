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

/** Origin of a packet in a pcapng file. */
export interface PacketOrigin {
  /** Number of the packet in the file, from 1, as Wireshark counts. */
  readonly packet: number;
  /** Index of the interface in the packet's section. */
  readonly index: number;
  readonly name: string | null;
}

/** Refuses a packet (block at `offset`) of an interface whose link type is not Ethernet. */
export function requireEthernetPacket(file: FileBytes, offset: number, linkType: number, from: PacketOrigin): void {
  if (linkType !== ETHERNET_LINK_TYPE) {
    const name = from.name === null ? '' : ` ('${from.name}')`;
    file.refuse(offset, {
      found: `packet ${from.packet} of interface ${from.index}${name} with link type ${linkType}`,
      expected: `link type ${ETHERNET_LINK_TYPE} (Ethernet)`,
      advice: "keep the Ethernet frames with tshark -r FILE -Y 'frame.encap_type == 1' -w ethernet.pcapng",
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

/**
 * Refuses a pair of captured and original length (fields at `offset`) that no frame can have. Segmentation offloads
 * hand a capture frames of any original length.
 */
export function requireSaneLengths(file: FileBytes, offset: number, captured: number, original: number): void {
  if (captured > MAX_FRAME_LENGTH) {
    file.refuse(offset, {
      found: `a frame of ${captured} bytes`,
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
