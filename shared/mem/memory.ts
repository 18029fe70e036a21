import { workerData } from 'node:worker_threads';

/**
 * The one address space of the process. Pointers are offsets into it and stay below 2^31, so that
 * the engine keeps them as small integers. The memory is always shared, so any thread can join at
 * any time; the engine commits a page only when it is touched. The memory never grows, because
 * growth would detach the views.
 */
export const ARENA_BYTES = 0x7fff0000;

const PAGE_BYTES = 65_536;

/** The part of a worker's `workerData` that gives it the same memory. */
export interface ArenaHandle {
  readonly memory: WebAssembly.Memory;
  readonly shadow: SharedArrayBuffer | null;
}

function inherited(): ArenaHandle | undefined {
  return (workerData as { avpArena?: ArenaHandle } | null)?.avpArena;
}

export const memory: WebAssembly.Memory =
  inherited()?.memory ??
  new WebAssembly.Memory({
    initial: ARENA_BYTES / PAGE_BYTES,
    maximum: ARENA_BYTES / PAGE_BYTES,
    shared: true,
  });

/** The watched build's map of rights, if a parent thread has made one. */
export const inheritedShadow: SharedArrayBuffer | null = inherited()?.shadow ?? null;

export const bytes8 = new Uint8Array(memory.buffer);
export const words16 = new Uint16Array(memory.buffer);
export const words32 = new Uint32Array(memory.buffer);

/**
 * A module with `memory.copy` and `memory.fill` as WebAssembly instructions, because the bulk
 * operations of typed arrays run at half the speed on shared memory. Its text:
 * (module (import "m" "m" (memory 0 32767 shared))
 *   (func (export "c") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.copy)
 *   (func (export "f") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.fill))
 */
// prettier-ignore
const bulkModule = new WebAssembly.Module(
  new Uint8Array([
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic, version
    0x01, 0x07, 0x01, 0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x00, // type: (i32 i32 i32) -> ()
    0x02, 0x0b, 0x01, 0x01, 0x6d, 0x01, 0x6d, 0x02, 0x03, 0x00, 0xff, 0xff, 0x01, // import
    0x03, 0x03, 0x02, 0x00, 0x00, // two functions of that type
    0x07, 0x09, 0x02, 0x01, 0x63, 0x00, 0x00, 0x01, 0x66, 0x00, 0x01, // exports "c" and "f"
    0x0a, 0x1a, 0x02, // code
    0x0c, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfc, 0x0a, 0x00, 0x00, 0x0b,
    0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfc, 0x0b, 0x00, 0x0b,
  ]),
);
const bulk = new WebAssembly.Instance(bulkModule, { m: { m: memory } }).exports as {
  c: (to: number, from: number, bytes: number) => void;
  f: (at: number, value: number, bytes: number) => void;
};
export const bulkCopy = bulk.c;
export const bulkFill = bulk.f;
