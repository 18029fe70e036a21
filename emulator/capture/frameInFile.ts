import { inspect } from 'node:util';
import type { CapturedFrame } from './capture';

/** Reads the parts of frames where they stand in a file. `at` is where the record or block of a frame starts. */
export interface FrameFields {
  readonly interfaceIndex: number;
  timeNs(at: number): bigint;
  bytes(at: number): Uint8Array;
  originalLength(at: number): number;
  comments(at: number): readonly string[];
}

/**
 * A frame as a place in a file: its parts are read whenever they are asked for. A capture of a million frames would
 * otherwise need several times the memory of the file.
 */
export class FrameInFile implements CapturedFrame {
  readonly #fields: FrameFields;
  readonly #at: number;

  constructor(fields: FrameFields, at: number) {
    this.#fields = fields;
    this.#at = at;
  }

  get interfaceIndex(): number {
    return this.#fields.interfaceIndex;
  }

  get timeNs(): bigint {
    return this.#fields.timeNs(this.#at);
  }

  get bytes(): Uint8Array {
    return this.#fields.bytes(this.#at);
  }

  get originalLength(): number {
    return this.#fields.originalLength(this.#at);
  }

  get comments(): readonly string[] {
    return this.#fields.comments(this.#at);
  }

  /** Prints as the fields. */
  [inspect.custom](): CapturedFrame {
    const { interfaceIndex, timeNs, bytes, originalLength, comments } = this;
    return { interfaceIndex, timeNs, bytes, originalLength, comments };
  }
}

// Make the getters enumerable, so that loops and comparisons treat a frame as a plain object.
for (const name of ['interfaceIndex', 'timeNs', 'bytes', 'originalLength', 'comments'] as const)
  Object.defineProperty(FrameInFile.prototype, name, { enumerable: true });
