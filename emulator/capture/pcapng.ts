import type { Capture, CapturedFrame, CapturedInterface } from './capture';
import type { FileBytes } from './fileBytes';
import { FrameInFile, type FrameFields } from './frameInFile';
import { requireEthernetPacket, requireNoCheckSequence, requireSaneLengths } from './frameChecks';
import { readBlock, requireBody, type Block } from './pcapngBlock';
import { BlockType, OptionCode, padded } from './pcapngFormat';
import {
  PACKET_FIXED_BYTES,
  PacketBlocks,
  SIMPLE_PACKET_FIXED_BYTES,
  simpleCapturedLength,
  SimplePacketBlocks,
} from './pcapngFrames';
import { INTERFACE_FIXED_BYTES, readInterface, type PcapngInterface } from './pcapngInterface';
import { findOption, readOptions, type PcapngOption } from './pcapngOptions';

const SECTION_FIXED_BYTES = 16;

/** An interface of the section being read. */
interface SectionInterface {
  readonly description: PcapngInterface;
  readonly packets: FrameFields;
  readonly simplePackets: FrameFields;
}

/**
 * Reads a pcapng file of one or more sections.
 * @throws CaptureError
 */
export function readPcapng(file: FileBytes): Capture {
  const reader = new PcapngReader(file);
  for (let offset = 0; offset < file.length;) {
    const block = readBlock(file, offset);
    reader.take(block);
    offset = block.end;
  }
  return { interfaces: reader.interfaces, frames: reader.frames };
}

class PcapngReader {
  readonly interfaces: CapturedInterface[] = [];
  readonly frames: CapturedFrame[] = [];
  /** Interfaces of the section being read: packets count from its first. */
  private sectionInterfaces: SectionInterface[] = [];

  constructor(private readonly file: FileBytes) {}

  take(block: Block): void {
    switch (block.type) {
      case BlockType.SectionHeader:
        this.startSection(block);
        break;
      case BlockType.InterfaceDescription:
        this.addInterface(block);
        break;
      case BlockType.EnhancedPacket:
      case BlockType.Packet:
        this.addPacket(block);
        break;
      case BlockType.SimplePacket:
        this.addSimplePacket(block);
        break;
      default:
        break;
    }
  }

  private startSection(block: Block): void {
    const start = requireBody(this.file, block, SECTION_FIXED_BYTES);
    const major = this.file.u16(start + 4);
    // The minor version does not matter: none has changed how blocks are read.
    if (major !== 1) {
      this.file.refuse(start + 4, {
        found: `pcapng version ${major}.${this.file.u16(start + 6)}`,
        expected: 'version 1.0',
        advice: 'convert the file with editcap -F pcapng',
      });
    }
    this.sectionInterfaces = [];
  }

  private addInterface(block: Block): void {
    const start = requireBody(this.file, block, INTERFACE_FIXED_BYTES);
    const description = readInterface(this.file, start, block.bodyEnd);
    const file = this.file.inPresentOrder();
    this.sectionInterfaces.push({
      description,
      packets: new PacketBlocks(file, description, this.interfaces.length),
      simplePackets: new SimplePacketBlocks(file, description, this.interfaces.length),
    });
    this.interfaces.push({ name: description.name });
  }

  private addPacket(block: Block): void {
    const { file } = this;
    const start = requireBody(file, block, PACKET_FIXED_BYTES);
    const sectionIndex = block.type === BlockType.Packet ? file.u16(start) : file.u32(start);
    const { packets } = this.findInterface(block, sectionIndex);
    const capturedLength = file.u32(start + 12);
    const originalLength = file.u32(start + 16);
    requireSaneLengths(file, start + 12, capturedLength, originalLength);
    requireBody(file, block, PACKET_FIXED_BYTES + padded(capturedLength));
    const dataStart = start + PACKET_FIXED_BYTES;
    const options = readOptions(file, dataStart + padded(capturedLength), block.bodyEnd);
    checkPacketFlags(file, options);
    this.frames.push(new FrameInFile(packets, block.offset));
  }

  /** Adds a packet without interface, time and captured length. The first interface implies its captured length. */
  private addSimplePacket(block: Block): void {
    const { file } = this;
    const start = requireBody(file, block, SIMPLE_PACKET_FIXED_BYTES);
    const { description, simplePackets } = this.findInterface(block, 0);
    const originalLength = file.u32(start);
    const capturedLength = simpleCapturedLength(description, originalLength);
    requireSaneLengths(file, start, capturedLength, originalLength);
    requireBody(file, block, SIMPLE_PACKET_FIXED_BYTES + padded(capturedLength));
    this.frames.push(new FrameInFile(simplePackets, block.offset));
  }

  /** The interface of a packet. Only those that packets name must be Ethernet: a capture may describe others. */
  private findInterface(block: Block, sectionIndex: number): SectionInterface {
    const found = this.describedInterface(block, sectionIndex);
    const { linkType, name, checkSequenceLength } = found.description;
    requireEthernetPacket(this.file, block.offset, linkType, {
      packet: this.frames.length + 1,
      index: sectionIndex,
      name,
    });
    requireNoCheckSequence(this.file, block.offset, checkSequenceLength);
    return found;
  }

  private describedInterface(block: Block, sectionIndex: number): SectionInterface {
    return (
      this.sectionInterfaces[sectionIndex] ??
      this.file.refuse(block.offset, {
        found: `a packet of interface ${sectionIndex}`,
        expected: `one of the ${this.sectionInterfaces.length} that the section has described before`,
        advice: 'the file is damaged: copy or capture it again',
      })
    );
  }
}

/** Bits 5 to 8 of a packet's flags are the length of its frame check sequence. */
function checkPacketFlags(file: FileBytes, options: readonly PcapngOption[]): void {
  const flags = findOption(file, options, OptionCode.PacketFlags, 4);
  if (flags !== undefined) {
    requireNoCheckSequence(file, flags.offset, (file.u32(flags.offset) >>> 5) & 0xf);
  }
}
