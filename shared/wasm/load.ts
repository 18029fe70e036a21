/**
 * Chooses between the two builds of the loop files. A thread runs WebAssembly if its creator handed
 * it a module, and TypeScript otherwise. Both builds work on the same records in the arena and behave
 * the same, so code that is not hot calls the TypeScript directly.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { memory } from '../mem/memory';

/** Rooms with loop files of their own. The module of each also contains the loops of `shared/`. */
export const ROOMS = ['driver', 'emulator'] as const;
export type Room = (typeof ROOMS)[number];

/** The part of a worker's `workerData` that gives it compiled loops. */
export interface LoopsHandle {
  readonly avpLoops?: { readonly [room in Room]?: WebAssembly.Module | null };
}

/**
 * Returns a room's module, to be handed to a worker. Null if the package runs from source, because
 * a build may be older than the source, and if `make build` has not compiled the loops.
 */
export function compiledLoops(room: Room): WebAssembly.Module | null {
  const file = join(__dirname, `../../loops/${room}.wasm`);
  const fromSource = __filename.endsWith('.ts');
  return fromSource || !existsSync(file) ? null : new WebAssembly.Module(readFileSync(file));
}

/**
 * Returns the loops that this thread runs.
 * @param typescript functions of the room's loop files, by the names under which they are exported
 * @returns the same functions as the thread's module exports them, or `typescript`
 */
export function chooseLoops<Loops extends object>(room: Room, typescript: Loops): Loops {
  const compiled = (workerData as LoopsHandle | null)?.avpLoops?.[room] ?? null;
  if (compiled === null) return typescript;
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Loops;
}
