/**
 * The two builds of the loop files, and which one a thread runs: WebAssembly where whoever made
 * the thread handed it a module, TypeScript everywhere else. Both work on the same records in the
 * arena and mean the same, so code that is not hot calls the TypeScript directly.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { memory } from '../mem/memory';

/** Rooms with loop files of their own. Each has a module, which holds the loops of `shared/` too. */
export const ROOMS = ['driver', 'emulator'] as const;
export type Room = (typeof ROOMS)[number];

/** What a worker gets in its `workerData` so that it runs compiled loops. */
export interface LoopsHandle {
  readonly avpLoops?: { readonly [room in Room]?: WebAssembly.Module | null };
}

/**
 * The module of a room, to be handed to a worker. Null where the source runs, because a build may
 * be older than it, and where `make build` has not compiled the loops.
 */
export function compiledLoops(room: Room): WebAssembly.Module | null {
  const file = join(__dirname, `../../loops/${room}.wasm`);
  const fromSource = __filename.endsWith('.ts');
  return fromSource || !existsSync(file) ? null : new WebAssembly.Module(readFileSync(file));
}

/**
 * The loops that this thread runs.
 * @param typescript functions of the room's loop files, by the names under which they are exported
 * @returns the same functions as the thread's module exports them, or `typescript`
 */
export function chooseLoops<Loops extends object>(room: Room, typescript: Loops): Loops {
  const compiled = (workerData as LoopsHandle | null)?.avpLoops?.[room] ?? null;
  if (compiled === null) return typescript;
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Loops;
}
