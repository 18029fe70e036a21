/**
 * `#mem`, watched build: the primitives of the plain build, with two additions. Each access is
 * checked against the rights of its actor at that moment. After the access
 * the thread's watchers run; they may step the other side, record, or inject. Chosen with `node --conditions=watched`.
 */
import { BenchError } from '../errors';
import * as plain from './plain';
import { ARENA_BYTES, inheritedShadow } from './memory';
import { ACTOR_DRIVER, ACTOR_HOST, DRIVER_READ, DRIVER_WRITE, HOST_READ, HOST_WRITE } from '../loops/rights';

const GRANULE_SHIFT = 2;

/** Map of rights: one byte for each granule of the arena. */
export const shadow: SharedArrayBuffer = inheritedShadow ?? new SharedArrayBuffer(ARENA_BYTES >>> GRANULE_SHIFT);
const rightsOf = new Uint8Array(shadow);

export type AccessKind = 'load' | 'store' | 'update' | 'copy' | 'fill' | 'fence';

/**
 * Runs after each access of this thread. For a copy, `address` is that of the target and `source` that of the
 * source; for any other access `source` is -1. `released` tells a release store from a plain one. Accesses that a
 * watcher itself makes are watched too.
 */
export type Watcher = (
  kind: AccessKind,
  address: number,
  bytes: number,
  actor: number,
  source: number,
  released: boolean,
) => void;

/** An access without a right to it: a bug in the code under test or in the bench. */
export class MemoryViolation extends BenchError {
  constructor(
    readonly kind: AccessKind,
    readonly address: number,
    readonly bytes: number,
    readonly actor: number,
    why: string,
  ) {
    const who = actor === ACTOR_HOST ? 'host' : 'driver';
    super('MEMORY_VIOLATION', `${who}: ${kind} of ${bytes} bytes at 0x${address.toString(16)}: ${why}`);
  }
}

export type ViolationRecorder = (violation: MemoryViolation) => void;

// Application and driver code runs as the driver; every entry into the emulator switches to the host.
let actor = ACTOR_DRIVER;
let watchers: readonly AddedWatcher[] = [];
let recorder: ViolationRecorder | null = null;
let describe: (address: number) => string = () => 'no right to it';

export interface WatcherOptions {
  /** The watcher also sees `readBytes` and `writeBytes`, as a load and a store of all their bytes. Default: false. */
  readonly bulk?: boolean;
}

interface AddedWatcher {
  readonly watch: Watcher;
  readonly bulk: boolean;
  active: boolean;
}

/**
 * Adds a watcher to this thread's chain and returns the function that removes it, which may be called
 * at any time and more than once. The watcher that was added last runs first: one that records or
 * injects during an exploration acts on an access before the scheduler hands the turn to another
 * thread. A watcher that throws ends the access; those added before it do not see that access.
 */
export function addWatcher(watch: Watcher, { bulk = false }: WatcherOptions = {}): () => void {
  const added: AddedWatcher = { watch, bulk, active: true };
  watchers = [added, ...watchers];
  return () => {
    added.active = false;
    watchers = watchers.filter((other) => other !== added);
  };
}

/**
 * Makes the watched memory report violations to `next` instead of throwing them; null makes it throw
 * again. Returns the former recorder. A reported access is carried out, which shows what the bug does
 * next; an unaligned one goes to the aligned address below. An access outside the arena always throws.
 */
export function recordViolations(next: ViolationRecorder | null): ViolationRecorder | null {
  const former = recorder;
  recorder = next;
  return former;
}

/** Sets the function that describes an address in a violation. The arena's allocator provides it. */
export function setDescriber(next: (address: number) => string): void {
  describe = next;
}

export function actAs(next: u32): u32 {
  const former = actor;
  actor = next;
  return former;
}

export function protect(address: u32, bytes: u32, rights: u32): void {
  rightsOf.fill(rights, address >>> GRANULE_SHIFT, (address + bytes + 3) >>> GRANULE_SHIFT);
}

function report(violation: MemoryViolation): void {
  if (recorder === null) throw violation;
  recorder(violation);
}

function need(kind: AccessKind, address: number, bytes: number, right: number): void {
  if (!(address >= 0 && address + bytes <= ARENA_BYTES))
    throw new MemoryViolation(kind, address, bytes, actor, 'outside the arena');
  const last = (address + bytes - 1) >>> GRANULE_SHIFT;
  for (let granule = address >>> GRANULE_SHIFT; granule <= last; granule++)
    if ((rightsOf[granule]! & right) !== right) {
      const at = Math.max(address, granule << GRANULE_SHIFT);
      return report(new MemoryViolation(kind, address, bytes, actor, describe(at)));
    }
}

function readRight(): number {
  return actor === ACTOR_HOST ? HOST_READ : DRIVER_READ;
}

function writeRight(): number {
  return actor === ACTOR_HOST ? HOST_WRITE : DRIVER_WRITE;
}

function aligned(kind: AccessKind, address: number, bytes: number): void {
  if ((address & (bytes - 1)) !== 0) report(new MemoryViolation(kind, address, bytes, actor, 'not aligned'));
}

function after(kind: AccessKind, address: number, bytes: number, source = -1, released = false): void {
  // A chain is replaced, never changed: watchers may come and go while this loop runs.
  const chain = watchers;
  const who = actor;
  for (let i = 0; i < chain.length; i++)
    if (chain[i]!.active) chain[i]!.watch(kind, address, bytes, who, source, released);
}

function afterBulk(kind: AccessKind, address: number, bytes: number): void {
  const chain = watchers;
  const who = actor;
  for (const { active, bulk, watch } of chain) if (active && bulk) watch(kind, address, bytes, who, -1, false);
}

function beforeLoad(address: number, bytes: number): void {
  aligned('load', address, bytes);
  need('load', address, bytes, readRight());
}

function beforeStore(address: number, bytes: number): void {
  aligned('store', address, bytes);
  need('store', address, bytes, writeRight());
}

function beforeUpdate(address: number): void {
  aligned('update', address, 4);
  need('update', address, 4, readRight() | writeRight());
}

export function load8(address: u32): u32 {
  beforeLoad(address, 1);
  const value = plain.load8(address);
  after('load', address, 1);
  return value;
}

export function load16(address: u32): u32 {
  beforeLoad(address, 2);
  const value = plain.load16(address);
  after('load', address, 2);
  return value;
}

export function load32(address: u32): u32 {
  beforeLoad(address, 4);
  const value = plain.load32(address);
  after('load', address, 4);
  return value;
}

export function store8(address: u32, value: u32): void {
  beforeStore(address, 1);
  plain.store8(address, value);
  after('store', address, 1);
}

export function store16(address: u32, value: u32): void {
  beforeStore(address, 2);
  plain.store16(address, value);
  after('store', address, 2);
}

export function store32(address: u32, value: u32): void {
  beforeStore(address, 4);
  plain.store32(address, value);
  after('store', address, 4);
}

export function loadAcquire32(address: u32): u32 {
  beforeLoad(address, 4);
  const value = plain.loadAcquire32(address);
  after('load', address, 4);
  return value;
}

export function storeRelease32(address: u32, value: u32): void {
  beforeStore(address, 4);
  plain.storeRelease32(address, value);
  after('store', address, 4, -1, true);
}

export function fence(): void {
  plain.fence();
  after('fence', 0, 0);
}

export function compareExchange32(address: u32, expected: u32, value: u32): u32 {
  beforeUpdate(address);
  const found = plain.compareExchange32(address, expected, value);
  after('update', address, 4);
  return found;
}

export function exchange32(address: u32, value: u32): u32 {
  beforeUpdate(address);
  const found = plain.exchange32(address, value);
  after('update', address, 4);
  return found;
}

export function add32(address: u32, value: u32): u32 {
  beforeUpdate(address);
  const found = plain.add32(address, value);
  after('update', address, 4);
  return found;
}

export function copy(to: u32, from: u32, bytes: u32): void {
  if (bytes === 0) return;
  need('copy', from, bytes, readRight());
  need('copy', to, bytes, writeRight());
  plain.copy(to, from, bytes);
  after('copy', to, bytes, from);
}

export function copyShort(to: u32, from: u32, bytes: u32): void {
  copy(to, from, bytes);
}

export function copy16(to: u32, from: u32): void {
  copy(to, from, 16);
}

export function fill(address: u32, value: u32, bytes: u32): void {
  if (bytes === 0) return;
  need('fill', address, bytes, writeRight());
  plain.fill(address, value, bytes);
  after('fill', address, bytes);
}

export function readBytes(address: number, bytes: number): Uint8Array {
  if (bytes > 0) need('load', address, bytes, readRight());
  const copied = plain.readBytes(address, bytes);
  afterBulk('load', address, bytes);
  return copied;
}

export function writeBytes(address: number, bytes: Uint8Array): void {
  if (bytes.length > 0) need('store', address, bytes.length, writeRight());
  plain.writeBytes(address, bytes);
  afterBulk('store', address, bytes.length);
}

/** Does nothing: a hint is not an access, and this build is not made for speed. */
export function prefetch(_address: u32): void {}
