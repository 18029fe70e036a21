/**
 * Chooses between the two builds of the loop files, once for each thread. Both builds work on the same records in
 * the arena and behave the same, so code that is not hot calls the TypeScript directly.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import type { Engine } from '../engine';
import { UsageError } from '../errors';
import { watchedMemory } from '../mem/build';
import { memory } from '../mem/memory';

/** Rooms with loop files of their own. The module of each also contains the loops of `shared/`. */
export const ROOMS = ['driver', 'emulator'] as const;
/** A room with loop files of its own. */
export type Room = (typeof ROOMS)[number];

/** Compiled loops by room. The loops of a room that is left out or null run as TypeScript. */
export type LoopModules = { readonly [room in Room]?: WebAssembly.Module | null };

/** The part of a worker's `workerData` that says which loops it runs. */
export interface LoopsHandle {
  /** Default: the package's modules. */
  readonly avpLoops?: LoopModules;
}

const read = new Map<Room, WebAssembly.Module | null>();

function readLoops(room: Room): WebAssembly.Module | null {
  const file = join(__dirname, `../../loops/${room}.wasm`);
  const fromSource = __filename.endsWith('.ts');
  return fromSource || !existsSync(file) ? null : new WebAssembly.Module(readFileSync(file));
}

/**
 * Returns a room's module. Null if the package runs from source, because a build may be older than the source, and if
 * `make build` has not compiled the loops.
 */
export function compiledLoops(room: Room): WebAssembly.Module | null {
  const found = read.get(room);
  if (found !== undefined) return found;
  const module = readLoops(room);
  read.set(room, module);
  return module;
}

/** Loops that this thread was told to run, null for the package's modules. */
let given: LoopModules | null = (workerData as LoopsHandle | null)?.avpLoops ?? null;
/** Rooms whose loops this thread has chosen. */
const chosen = new Map<Room, Engine>();

/**
 * Makes the calling thread run these loops.
 * @throws Error where it has chosen loops before, because some of its code would go on with those.
 */
export function useLoops(modules: LoopModules): void {
  if (chosen.size > 0) throw new Error('this thread has chosen its loops already');
  given = modules;
}

function moduleHere(room: Room): WebAssembly.Module | null {
  if (watchedMemory !== null) return null;
  return given === null ? compiledLoops(room) : (given[room] ?? null);
}

/** Returns how a room's loops run in this thread, or will run when it chooses them. */
export function engineHere(room: Room): Engine {
  return chosen.get(room) ?? (moduleHere(room) === null ? 'ts' : 'wasm');
}

/**
 * Returns the loops that this thread runs: compiled ones on plain memory, where there is a module, otherwise
 * `typescript`. The watched memory sees only what goes through `#mem`, so there it is always TypeScript.
 * @param typescript functions of the room's loop files, by the names under which they are exported
 * @param constants of the room's records, by name
 * @throws UsageError if the module was compiled for other records.
 */
export function chooseLoops<Loops extends object>(room: Room, typescript: Loops, constants: object): Loops {
  const module = moduleHere(room);
  chosen.set(room, module === null ? 'ts' : 'wasm');
  if (module === null) return typescript;
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  needFit(room, exports, typescript, constants);
  return exports as unknown as Loops;
}

/** A module that was compiled before a record changed would write where the rest of this code keeps something else. */
function needFit(room: Room, exports: Readonly<Record<string, unknown>>, typescript: object, constants: object): void {
  const lacks = Object.keys(typescript).find((name) => typeof exports[name] !== 'function');
  const differs = Object.entries(constants).find(([name, value]) => {
    const compiled = exports[name];
    return typeof value === 'number' && !(compiled instanceof WebAssembly.Global && compiled.value >>> 0 === value);
  });
  const wrong = lacks ?? differs?.[0];
  if (wrong !== undefined)
    throw new UsageError(
      `loops/${room}.wasm is of another build than this code ('${wrong}'): run make build or install the package again`,
    );
}
