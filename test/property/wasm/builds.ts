/**
 * Runs two builds of the loop files on the same arena and compares them: TypeScript with the watched build of
 * `#mem`, as the other tests use it, and WebAssembly.
 */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { describeAddress, extents } from '../../../shared/arena';
import { memory } from '../../../shared/mem/memory';
import { compileLoops, roomFiles } from '../../../shared/wasm/build';
import type { Room } from '../../../shared/wasm/load';
import { inTemporaryFolder } from '../../support/temporaryFolder';

const ROOT = resolve(__dirname, '../../..');
const GUARD_BYTES = 64;

type LoopFunction = (...args: number[]) => number | boolean | undefined;

/** A module that exports functions over numbers, and constants. */
export type LoopModule = Readonly<Record<string, unknown>>;

/** The range of the arena that covers all allocations, including the guards between and after them. */
function allocatedRange(): { from: number; to: number } {
  const all = extents();
  const last = all.at(-1);
  return last === undefined
    ? { from: 0, to: 0 }
    : { from: all[0]!.address, to: last.address + last.bytes + GUARD_BYTES };
}

/** The allocated part of the arena, as a view. */
function arenaBytes(): Buffer {
  const { from, to } = allocatedRange();
  return Buffer.from(memory.buffer, from, to - from);
}

/** Maps a `bool` to 0 or 1. A number that is not a u32 stays unchanged, so that the comparison fails. */
function plain(result: number | boolean | undefined): number | undefined {
  return result === undefined ? undefined : Number(result);
}

function firstDifference(a: Uint8Array, b: Uint8Array): string {
  const at = a.findIndex((value, index) => value !== b[index]);
  return `${describeAddress(allocatedRange().from + at)}: ${a[at]} by TypeScript, ${b[at]} by WebAssembly`;
}

/** The exports of the same source files in both builds. */
export class Builds {
  constructor(
    readonly typescript: LoopModule,
    readonly wasm: LoopModule,
  ) {}

  private function(build: LoopModule, name: string): LoopFunction {
    const found = build[name];
    if (typeof found !== 'function') throw new Error(`no function ${name} in this build`);
    return found as LoopFunction;
  }

  /**
   * Calls a function in both builds from the same state of the arena, and expects the same result and the same
   * bytes. Leaves the arena as the function left it.
   * @returns the result as a u32.
   */
  call(name: string, ...args: number[]): number | undefined {
    const arena = arenaBytes();
    const before = Buffer.from(arena);
    const byTypescript = plain(this.function(this.typescript, name)(...args));
    const expected = Buffer.from(arena);
    before.copy(arena);
    const raw = plain(this.function(this.wasm, name)(...args));
    const byWasm = raw === undefined ? undefined : raw >>> 0;
    const call = `${name}(${args.map((one) => `0x${one.toString(16)}`).join(', ')})`;
    expect(byTypescript, `result of ${call} by TypeScript`).to.equal(byWasm);
    if (!arena.equals(expected)) expect.fail(`${call} leaves other bytes: ${firstDifference(expected, arena)}`);
    return byWasm;
  }
}

/** Loads source files with the watched build of `#mem`. */
function loadTypescript(files: readonly string[]): LoopModule {
  const load = createRequire(__filename);
  return Object.assign({}, ...files.map((file) => load(join(ROOT, file)) as LoopModule)) as LoopModule;
}

function loadWasm(files: readonly string[]): LoopModule {
  return inTemporaryFolder((folder) => {
    const output = join(folder, 'loops.wasm');
    compileLoops(output, files);
    return new WebAssembly.Instance(new WebAssembly.Module(readFileSync(output)), { env: { memory } }).exports;
  });
}

/** Loads the files as TypeScript and compiles them to WebAssembly, which takes seconds. */
export function buildBoth(files: readonly string[]): Builds {
  return new Builds(loadTypescript(files), loadWasm(files));
}

const built = new Map<Room, Builds>();

/** The loop files of a room and of `shared/`, compiled once per process. */
export function loopBuilds(room: Room): Builds {
  const builds = built.get(room) ?? buildBoth(roomFiles(room));
  built.set(room, builds);
  return builds;
}
