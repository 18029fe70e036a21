import type { FileBytes } from './fileBytes';
import { OptionCode } from './pcapngFormat';
import { findOption, optionTexts, readOptions, type PcapngOption } from './pcapngOptions';

const NS_PER_SECOND = 1_000_000_000n;
const MICROSECONDS = 6;

/** Bytes of an interface description before its options. */
export const INTERFACE_FIXED_BYTES = 8;

/** An interface description: it holds for the packets that name it. */
export interface PcapngInterface {
  readonly linkType: number;
  /** Bytes of the frame check sequence behind each frame. */
  readonly checkSequenceLength: number;
  readonly name: string | null;
  /** Bytes of a frame that were kept at most; 0 for no limit. */
  readonly snapLength: number;
  /** Units of a packet's time in a second. */
  readonly unitsPerSecond: bigint;
  /** Seconds to be added to each packet's time. */
  readonly offsetSeconds: bigint;
}

/**
 * Reads the body of an interface description, of which the fixed part is known to be there.
 * @throws CaptureError
 */
export function readInterface(file: FileBytes, start: number, end: number): PcapngInterface {
  const options = readOptions(file, start + INTERFACE_FIXED_BYTES, end);
  const checkSequence = findOption(file, options, OptionCode.InterfaceCheckSequenceLength, 1);
  const offset = findOption(file, options, OptionCode.InterfaceTimeOffset, 8);
  return {
    linkType: file.u16(start),
    checkSequenceLength: checkSequence === undefined ? 0 : file.u8(checkSequence.offset),
    name: optionTexts(file, options, OptionCode.InterfaceName)[0] ?? null,
    snapLength: file.u32(start + 4),
    unitsPerSecond: readUnitsPerSecond(file, options),
    offsetSeconds: offset === undefined ? 0n : file.i64(offset.offset),
  };
}

/** The resolution is an exponent of ten or, with the top bit set, of two. */
function readUnitsPerSecond(file: FileBytes, options: readonly PcapngOption[]): bigint {
  const option = findOption(file, options, OptionCode.InterfaceTimeResolution, 1);
  const resolution = option === undefined ? MICROSECONDS : file.u8(option.offset);
  const base = (resolution & 0x80) === 0 ? 10n : 2n;
  return base ** BigInt(resolution & 0x7f);
}

/** Nanoseconds since 1970 for a packet's time field in the units of its interface, rounded down. */
export function toTimeNs(from: PcapngInterface, units: bigint): bigint {
  return (units * NS_PER_SECOND) / from.unitsPerSecond + from.offsetSeconds * NS_PER_SECOND;
}
