import type { MemoryModel } from '../models/model';
import { StoreBuffers, type SharedMemory } from '../models/storeBuffers';
import type { Failure, Run, World } from '../search/world';
import type { Program } from './program';
import { ProgramRun } from './programRun';

const MEMORY_BYTES = 256;

/** A world of small programs over 256 bytes of memory, which are 0 at first. */
export interface ProgramWorldOptions {
  readonly name: string;
  readonly memory: MemoryModel;
  readonly programs: Readonly<Record<string, Program>>;
  /** Programs that go on until all others have ended. Default: none. */
  readonly services?: readonly string[];
  /** Names of words, by address. */
  readonly words?: Readonly<Record<string, number>>;
  /** Offer to hold an actor while virtual time passes. Default false. */
  readonly holds?: boolean;
  /** Let time pass although actors could go on, where the current one cannot. Default false. */
  readonly lapses?: boolean;
  /** The oracle. Gets the result of each program and the memory at the end. Default: nothing fails. */
  readonly judge?: (results: readonly string[], load: (address: number) => number) => Failure | null;
}

/** Memory of a program world. */
class Bytes implements SharedMemory {
  private readonly bytes = new Uint8Array(MEMORY_BYTES);
  private readonly view = new DataView(this.bytes.buffer);

  clear(): void {
    this.bytes.fill(0);
  }

  load(address: number, bytes: number): number {
    if (bytes === 4) return this.view.getUint32(address, true);
    return bytes === 2 ? this.view.getUint16(address, true) : this.bytes[address]!;
  }

  store(address: number, bytes: number, value: number): void {
    if (bytes === 4) this.view.setUint32(address, value, true);
    else if (bytes === 2) this.view.setUint16(address, value, true);
    else this.bytes[address] = value;
  }

  read(address: number, into: Uint8Array): void {
    into.set(this.bytes.subarray(address, address + into.length));
  }

  write(address: number, from: Uint8Array): void {
    this.bytes.set(from, address);
  }
}

/** Explores as the worlds of a driver do, with programs of a few lines: for litmus tests, and to test a search. */
export class ProgramWorld implements World {
  readonly name: string;
  readonly actors: readonly string[];
  readonly sites: readonly string[] = [];
  readonly milestones: readonly string[] = [];
  readonly sharedWords = 0;
  readonly fingerprint: number;
  private readonly bytes = new Bytes();
  private readonly buffers: StoreBuffers;

  constructor(private readonly options: ProgramWorldOptions) {
    this.name = options.name;
    this.actors = Object.keys(options.programs);
    this.fingerprint = [...`${options.name} ${options.memory}`].reduce(
      (sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0,
      0,
    );
    this.buffers = new StoreBuffers(options.memory, this.actors.length, this.bytes);
  }

  sharedAddresses(): readonly number[] {
    return [];
  }

  /** All words are shared from the beginning. */
  setShared(): void {}

  begin(): Run {
    const { programs, holds = false, lapses = false, judge = () => null } = this.options;
    this.bytes.clear();
    this.buffers.begin();
    const threads = Object.values(programs).map((program) => program());
    const services = Object.keys(programs).map((name) => this.options.services?.includes(name) ?? false);
    return new ProgramRun(threads, services, this.buffers, this.bytes, holds, lapses, judge);
  }

  describe(address: number): string {
    const found = Object.entries(this.options.words ?? {}).find(([, at]) => at === (address & ~3));
    return found === undefined ? `word ${address & ~3}` : found[0];
  }
}
