import type { FileBytes } from './fileBytes';
import { OPTION_HEAD_BYTES, OptionCode, padded } from './pcapngFormat';

/** One option of a block: where its value stands in the file. */
export interface PcapngOption {
  readonly code: number;
  readonly offset: number;
  readonly length: number;
}

/**
 * The options between two offsets of a block, up to the end mark if there is one.
 * @throws CaptureError for an option that goes past `end`.
 */
export function readOptions(file: FileBytes, start: number, end: number): PcapngOption[] {
  const options: PcapngOption[] = [];
  let offset = start;
  while (end - offset >= OPTION_HEAD_BYTES) {
    const code = file.u16(offset);
    const length = file.u16(offset + 2);
    if (code === OptionCode.End) {
      break;
    }
    const value = offset + OPTION_HEAD_BYTES;
    if (padded(length) > end - value) {
      file.refuse(offset, {
        found: `option ${code} of ${length} bytes`,
        expected: `at most ${end - value}, which the block has left`,
        advice: 'the file is damaged: copy or capture it again',
      });
    }
    options.push({ code, offset: value, length });
    offset = value + padded(length);
  }
  return options;
}

/**
 * The first option with `code`, or undefined.
 * @throws CaptureError if its value has not `length` bytes.
 */
export function findOption(
  file: FileBytes,
  options: readonly PcapngOption[],
  code: number,
  length: number,
): PcapngOption | undefined {
  const option = options.find((candidate) => candidate.code === code);
  if (option !== undefined && option.length !== length) {
    file.refuse(option.offset, {
      found: `option ${code} of ${option.length} bytes`,
      expected: `${length} bytes`,
      advice: 'the file is damaged: copy or capture it again',
    });
  }
  return option;
}

/** The texts of all options with `code`, in file order. */
export function optionTexts(file: FileBytes, options: readonly PcapngOption[], code: number): string[] {
  return options.filter((option) => option.code === code).map((option) => file.text(option.offset, option.length));
}
