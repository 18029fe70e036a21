import { readFileSync } from 'node:fs';
import type { Engine } from '../../shared/engine';
import { UsageError } from '../../shared/errors';
import type * as build from '../../shared/wasm/build';
import { compiledLoops, type LoopModules, type Room, ROOMS, useLoops } from '../../shared/wasm/load';
import { runsFromSource } from './package';

/** Compiles a room's loops from source, or takes them from the checkout's cache. */
function loopsOfSource(room: Room): WebAssembly.Module {
  // Not part of the package, which has the modules themselves.
  const { cachedLoops, roomFiles } = require('../../shared/wasm/build') as typeof build;
  return new WebAssembly.Module(readFileSync(cachedLoops(roomFiles(room))));
}

function loopsOf(room: Room): WebAssembly.Module {
  const compiled = runsFromSource ? loopsOfSource(room) : compiledLoops(room);
  if (compiled === null)
    throw new UsageError(
      `engine wasm: the compiled loops of ${room}/ are missing (dist/loops/${room}.wasm): run make build or install the package again, or use engine ts`,
    );
  return compiled;
}

/**
 * Returns the loops with which a thread runs on an engine.
 * @throws UsageError where there are no compiled ones.
 */
export function loopsFor(engine: Engine): LoopModules {
  return engine === 'ts' ? {} : Object.fromEntries(ROOMS.map((room) => [room, loopsOf(room)]));
}

/** Returns the engine of a thread on plain memory that was told nothing. */
export function defaultEngine(): Engine {
  return ROOMS.every((room) => compiledLoops(room) !== null) ? 'wasm' : 'ts';
}

/**
 * Makes the calling thread run on an engine, before it touches a port or a device.
 * @throws UsageError where there are no compiled loops.
 */
export function useEngine(engine: Engine): void {
  useLoops(loopsFor(engine));
}
