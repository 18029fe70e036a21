/** Faults of the rings (section 6): a host that is slow or stalls, and words of a FIFO that are wrong. */
import { load32 } from '#mem';
import type { AvpDevice } from '../../../emulator';
import { asHost } from '../../../shared/actors';
import { FIFO_BYTES, FIFO_ELEM_BYTES, loadFifoLen, loadFifoRead, loadFifoWrite } from '../../../shared/loops/layout';
import { load64 } from '../../../shared/u64';
import { decorate, type Undo } from '../decorate';
import { type Fault, fault, type Placed } from '../fault';
import type { FaultyDevice } from '../site';
import { whole, word } from '../values';
import { eachReading, MOMENT } from './moments';

const RINGS = ['tx', 'rx', 'alloc', 'free', 'req', 'resp'] as const;
export type Ring = (typeof RINGS)[number];
const QUEUE = whole(0, 'number of the ring among those of its kind', 0, 254);
const ROUNDS = whole(20, 'rounds of the host, of 1 ms inline, for which it lasts', 1);
const OPERATION = 'round of the host with entries on rx or tx';

/** A ring as its header in shared memory describes it. The host's private indices may differ. */
export interface RingState {
  readonly base: number;
  readonly write: number;
  readonly read: number;
  readonly len: number;
}

/** Reads a ring's header; null where the present host has no such ring. */
export function ringState(device: AvpDevice, ring: Ring, queue: number): RingState | null {
  return asHost(() => {
    const { host } = device.inspect;
    if (queue >= host.fifosOfKind(ring)) return null;
    const base = host.fifoAddress(ring, queue);
    return { base, write: loadFifoWrite(base), read: loadFifoRead(base), len: loadFifoLen(base) };
  });
}

/** True where the device is there and a guest's packets are on its rings. */
export function isBusy({ device }: FaultyDevice): boolean {
  if (!device.function.present || !device.configured) return false;
  const { tx, rx } = device.inspect.ringEntries();
  return tx > 0 || rx > 0;
}

type Budget = AvpDevice['settings']['budget'];

/** Runs rounds of a host with other budgets, as its settings have them. */
function budgeted(about: string, change: Partial<Budget>): Fault<{ rounds: typeof ROUNDS }> {
  return fault({
    about,
    operation: OPERATION,
    seam: 'device',
    parameters: { rounds: ROUNDS },
    put: (placed) =>
      placed.eachDevice((place) => {
        let left = 0;
        return decorate(place.device, 'step', (device, next) => {
          if (left === 0 && isBusy(place) && placed.strikes(place, 'round')) left = placed.parameters.rounds;
          if (left === 0) return next();
          left--;
          const { budget } = device.settings;
          const former = { ...budget };
          Object.assign(budget, change);
          try {
            next();
          } finally {
            Object.assign(budget, former);
          }
        });
      }),
  });
}

/** A word of a header that is wrong after a round of the host. */
interface WrongWord {
  readonly field: 'write' | 'read' | 'len' | 'elem_size';
  readonly value: number;
}

/** Changes a ring after a round, and back after some more, unless its owner has written it meanwhile. */
function spoil(place: FaultyDevice, ring: Ring, queue: number, { field, value }: WrongWord): Undo {
  const { device } = place;
  const offset = { write: 0, read: 4, len: 8, elem_size: 12 }[field];
  const state = ringState(device, ring, queue);
  if (state === null) return () => {};
  const { base } = state;
  const former = asHost(() => load32(base + offset));
  device.tamper.overwrite('fifo', field, value, { fifo: ring, queue });
  return () => {
    if (!device.function.present || ringState(device, ring, queue)?.base !== base) return;
    if (asHost(() => load32(base + offset)) === value >>> 0)
      device.tamper.overwrite('fifo', field, former, { fifo: ring, queue });
  };
}

const WORD_ROUNDS = whole(1, 'rounds of the host after which the word is right again', 1);

interface RingParameters {
  readonly ring: Ring;
  readonly queue: number;
  readonly rounds: number;
}

/** Spoils a ring in rounds of the host. */
function spoilt(placed: Placed<RingParameters>, change: (state: RingState, place: FaultyDevice) => WrongWord): Undo {
  const { ring, queue, rounds } = placed.parameters;
  return placed.eachDevice((place) => {
    let left = 0;
    let mend: Undo | null = null;
    const end = (): void => {
      mend?.();
      mend = null;
    };
    const undo = decorate(place.device, 'step', (device, next) => {
      if (left > 0 && --left === 0) end();
      next();
      if (mend !== null || !isBusy(place)) return;
      const state = ringState(device, ring, queue);
      if (state === null || !placed.strikes(place, `round, ring ${ring} ${queue}`)) return;
      left = rounds;
      mend = spoil(place, ring, queue, change(state, place));
    });
    return () => {
      end();
      undo();
    };
  });
}

/** A fault of one word of a ring's header. */
function header(standard: Ring, about: string, change: (state: RingState) => WrongWord) {
  return fault({
    about,
    operation: OPERATION,
    seam: 'device',
    parameters: { ring: word(RINGS, standard, 'which ring'), queue: QUEUE, rounds: WORD_ROUNDS },
    put: (placed) => spoilt(placed, change),
  });
}

/** A fault of a word that a guest reads at its probe and at an attach only. */
function geometry(about: string, change: (state: RingState) => WrongWord) {
  return fault({
    about,
    operation: 'time at which a guest reads the header: before its probe, and at an attach',
    seam: 'device',
    parameters: { ring: word(RINGS, 'rx', 'which ring'), queue: QUEUE, at: MOMENT },
    put: (placed) =>
      eachReading(placed, 'beginAttach', (place) => {
        const { ring, queue } = placed.parameters;
        const state = ringState(place.device, ring, queue);
        return state === null ? () => {} : spoil(place, ring, queue, change(state));
      }),
  });
}

/** A fault of one entry that the guest takes next. */
function slot(
  about: string,
  value: (place: FaultyDevice, state: RingState, random: Placed<object>['random']) => bigint,
) {
  return fault({
    about,
    operation: 'round of the host with entries on the ring',
    seam: 'device',
    parameters: {
      ring: word(['rx', 'alloc', 'resp'], 'rx', 'which ring'),
      queue: QUEUE,
      entry: whole(0, 'which entry, counted from the one that the guest takes next', 0, 65_535),
    },
    put: (placed) =>
      placed.eachDevice((place) =>
        decorate(place.device, 'step', (device, next) => {
          next();
          const { ring, queue, entry } = placed.parameters;
          if (!device.function.present) return;
          const state = ringState(device, ring, queue);
          if (state === null || state.len === 0 || (state.write - state.read) % state.len === 0) return;
          const count = (state.write - state.read + state.len) % state.len;
          if (count <= entry || !placed.strikes(place, `${ring} ${queue} with ${count} entries`)) return;
          device.tamper.overwrite('fifo', 'slot', value(place, state, placed.random), {
            fifo: ring,
            queue,
            index: entry,
          });
        }),
      ),
  });
}

/** The entry before the one that the guest takes next: it has taken that one already. */
function formerEntry(_place: FaultyDevice, { base, read, len }: RingState): bigint {
  return asHost(() => load64(base + FIFO_BYTES + FIFO_ELEM_BYTES * ((read + len - 1) % len)));
}

function nextEntry(_place: FaultyDevice, { base, read }: RingState): bigint {
  return asHost(() => load64(base + FIFO_BYTES + FIFO_ELEM_BYTES * read));
}

/** Runs rounds in which the host does nothing at all, control requests included. */
function stalled(placed: Placed<{ rounds: number }>): Undo {
  return placed.eachDevice((place) => {
    let left = 0;
    const { tamper } = place.device;
    const undo = decorate(place.device, 'step', (_self, next) => {
      if (left === 0 && isBusy(place) && placed.strikes(place, 'round')) {
        left = placed.parameters.rounds;
        tamper.pause();
      } else if (left > 0 && --left === 0) tamper.resume();
      next();
    });
    return () => {
      if (left > 0) tamper.resume();
      undo();
    };
  });
}

export const RINGS_FAULTS = {
  'rings.stalled-host': fault({
    about: 'the host does nothing for some rounds, and drops the frames for the guest',
    operation: OPERATION,
    seam: 'device',
    parameters: { rounds: ROUNDS },
    put: stalled,
  }),
  'rings.slow-host': budgeted('the host takes and gives one entry a round', { tx: 1, free: 1, alloc: 1 }),
  'rings.full-tx': budgeted('the host takes nothing off tx, until it is full', { tx: 0 }),
  'rings.full-free': budgeted('the host takes nothing off free, until it is full', { free: 0 }),
  'rings.empty-alloc': budgeted('the host puts nothing on alloc, until it is empty', { alloc: 0 }),
  'rings.write-index-outside': header('rx', "the producer's index is not below the length", ({ len }) => ({
    field: 'write',
    value: len + 1,
  })),
  'rings.write-index-all-ones': header('rx', "the producer's index is all ones", () => ({
    field: 'write',
    value: 0xffff_ffff,
  })),
  'rings.write-index-ahead': header('rx', "the producer's index is ahead of its entries", ({ write, len }) => ({
    field: 'write',
    value: (write + 3) % len,
  })),
  'rings.write-index-back': header('rx', "the producer's index has gone back", ({ read, len }) => ({
    field: 'write',
    value: (read + len - 1) % len,
  })),
  'rings.read-index-outside': header('tx', "the consumer's index is not below the length", ({ len }) => ({
    field: 'read',
    value: len + 1,
  })),
  'rings.read-index-ahead': header(
    'tx',
    "the consumer's index is beyond the producer's: the ring seems full",
    (state) => ({
      field: 'read',
      value: (state.write + 1) % state.len,
    }),
  ),
  'rings.length-zero': geometry('the length is 0', () => ({ field: 'len', value: 0 })),
  'rings.length-odd': geometry('the length is no power of two', ({ len }) => ({ field: 'len', value: len - 1 })),
  'rings.length-one': geometry('the length is 1', () => ({ field: 'len', value: 1 })),
  'rings.length-doubled': geometry('the length is twice what it is', ({ len }) => ({ field: 'len', value: len * 2 })),
  'rings.element-size': geometry('the element size is 16', () => ({ field: 'elem_size', value: 16 })),
  'rings.slot-garbage': slot('an entry is random bits', (_place, _state, random) => random.u64()),
  'rings.slot-zero': slot('an entry is 0', () => 0n),
  'rings.slot-misaligned': slot('an entry points into a descriptor', (place, state) => nextEntry(place, state) + 4n),
  'rings.slot-outside': slot(
    'an entry points behind all pools',
    (place, state) => nextEntry(place, state) + (1n << 40n),
  ),
  'rings.slot-repeated': slot('an entry is one that the guest has had already', formerEntry),
  'rings.published-before-slots': fault({
    about: 'the host publishes its index before the entries: the guest finds what was there a lap ago',
    operation: 'round of the host that publishes entries on rx',
    seam: 'device',
    parameters: { queue: QUEUE },
    put: publishedEarly,
  }),
} as const;

/** Puts the entries of the lap before into slots whose index the guest sees already. */
function publishedEarly(placed: Placed<{ queue: number }>): Undo {
  const { queue } = placed.parameters;
  return placed.eachDevice((place) => {
    /** By slot, what the host published there last; 0 before the first lap. */
    let laps: { readonly base: number; readonly entries: bigint[] } | null = null;
    return decorate(place.device, 'step', (device, next) => {
      const before = device.function.present ? ringState(device, 'rx', queue) : null;
      next();
      const after = device.function.present ? ringState(device, 'rx', queue) : null;
      if (before === null || after === null || after.base !== before.base || after.write === before.write) return;
      if (laps?.base !== after.base) laps = { base: after.base, entries: [] };
      const { entries } = laps;
      const slots: number[] = [];
      for (let at = before.write; at !== after.write; at = (at + 1) % after.len) slots.push(at);
      const isStruck = placed.strikes(place, `rx ${queue}, ${slots.length} entries`);
      for (const at of slots) {
        const former = entries[at] ?? 0n;
        entries[at] = asHost(() => load64(after.base + FIFO_BYTES + FIFO_ELEM_BYTES * at));
        const index = (at - after.read + after.len) % after.len;
        if (isStruck) device.tamper.overwrite('fifo', 'slot', former, { fifo: 'rx', queue, index });
      }
    });
  });
}
