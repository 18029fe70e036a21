import { expect } from 'chai';
import * as plain from '../../../shared/mem/plain';
import * as mem from '../../../shared/mem/watched';
import { allocate, resetArena } from '../../../shared/arena';
import {
  ACTOR_DRIVER,
  ACTOR_HOST,
  BOTH,
  DRIVER_READ,
  DRIVER_WRITE,
  HOST_READ,
  HOST_WRITE,
  NO_RIGHTS,
} from '../../../shared/loops/rights';
import { describeWatched } from '../../support/watched';

type Build = Pick<typeof mem, Exclude<keyof typeof plain, 'actAs' | 'protect' | 'setDescriber' | 'prefetch'>>;

/** Bytes of the block on which each primitive is tried, before and after it. */
const BEFORE = Array.from({ length: 48 }, (_unused, i) => 0x80 + i);

function changed(...changes: readonly (readonly [at: number, bytes: readonly number[]])[]): number[] {
  const bytes = [...BEFORE];
  for (const [at, values] of changes) bytes.splice(at, values.length, ...values);
  return bytes;
}

/** Bytes of `BEFORE` from one offset to another. */
function old(from: number, to: number): number[] {
  return BEFORE.slice(from, to);
}

type Range = readonly [at: number, bytes: number];

interface Primitive {
  readonly name: keyof Build;
  readonly call: (build: Build, at: number) => unknown;
  /** Return value of the call; undefined for a call without one. */
  readonly returns?: unknown;
  /** The bytes afterwards, if the call changes any. */
  readonly leaves?: number[];
  /** Access in the eyes of watchers: kind, offset, bytes, offset of the source. */
  readonly seen: readonly [kind: mem.AccessKind, at: number, bytes: number, source?: number];
  readonly reads?: Range;
  readonly writes?: Range;
  /** Seen by bulk watchers alone. */
  readonly bulk?: true;
}

const PRIMITIVES: readonly Primitive[] = [
  { name: 'load8', call: (m, at) => m.load8(at + 5), returns: 0x85, seen: ['load', 5, 1], reads: [5, 1] },
  { name: 'load16', call: (m, at) => m.load16(at + 6), returns: 0x8786, seen: ['load', 6, 2], reads: [6, 2] },
  { name: 'load32', call: (m, at) => m.load32(at + 8), returns: 0x8b8a_8988, seen: ['load', 8, 4], reads: [8, 4] },
  {
    name: 'loadAcquire32',
    call: (m, at) => m.loadAcquire32(at + 8),
    returns: 0x8b8a_8988,
    seen: ['load', 8, 4],
    reads: [8, 4],
  },
  {
    name: 'store8',
    call: (m, at) => m.store8(at + 5, 0x12),
    leaves: changed([5, [0x12]]),
    seen: ['store', 5, 1],
    writes: [5, 1],
  },
  {
    name: 'store16',
    call: (m, at) => m.store16(at + 6, 0x1234),
    leaves: changed([6, [0x34, 0x12]]),
    seen: ['store', 6, 2],
    writes: [6, 2],
  },
  {
    name: 'store32',
    call: (m, at) => m.store32(at + 8, 0xfedc_ba98),
    leaves: changed([8, [0x98, 0xba, 0xdc, 0xfe]]),
    seen: ['store', 8, 4],
    writes: [8, 4],
  },
  {
    name: 'storeRelease32',
    call: (m, at) => m.storeRelease32(at + 8, 0xfedc_ba98),
    leaves: changed([8, [0x98, 0xba, 0xdc, 0xfe]]),
    seen: ['store', 8, 4],
    writes: [8, 4],
  },
  {
    name: 'exchange32',
    call: (m, at) => m.exchange32(at + 8, 3),
    returns: 0x8b8a_8988,
    leaves: changed([8, [3, 0, 0, 0]]),
    seen: ['update', 8, 4],
    reads: [8, 4],
    writes: [8, 4],
  },
  {
    name: 'add32',
    call: (m, at) => m.add32(at + 8, 0xffff_ffff),
    returns: 0x8b8a_8988,
    leaves: changed([8, [0x87]]),
    seen: ['update', 8, 4],
    reads: [8, 4],
    writes: [8, 4],
  },
  {
    name: 'compareExchange32',
    call: (m, at) => m.compareExchange32(at + 8, 0x8b8a_8988, 1),
    returns: 0x8b8a_8988,
    leaves: changed([8, [1, 0, 0, 0]]),
    seen: ['update', 8, 4],
    reads: [8, 4],
    writes: [8, 4],
  },
  {
    name: 'copy',
    call: (m, at) => m.copy(at + 2, at + 1, 5),
    leaves: changed([2, old(1, 6)]),
    seen: ['copy', 2, 5, 1],
    reads: [1, 5],
    writes: [2, 5],
  },
  {
    name: 'copyShort',
    call: (m, at) => m.copyShort(at + 20, at + 1, 5),
    leaves: changed([20, old(1, 6)]),
    seen: ['copy', 20, 5, 1],
    reads: [1, 5],
    writes: [20, 5],
  },
  {
    name: 'copy16',
    call: (m, at) => m.copy16(at + 28, at + 4),
    leaves: changed([28, old(4, 20)]),
    seen: ['copy', 28, 16, 4],
    reads: [4, 16],
    writes: [28, 16],
  },
  {
    name: 'fill',
    call: (m, at) => m.fill(at + 3, 0x77, 4),
    leaves: changed([3, [0x77, 0x77, 0x77, 0x77]]),
    seen: ['fill', 3, 4],
    writes: [3, 4],
  },
  {
    name: 'readBytes',
    call: (m, at) => m.readBytes(at + 3, 4),
    returns: Uint8Array.from(old(3, 7)),
    seen: ['load', 3, 4],
    reads: [3, 4],
    bulk: true,
  },
  {
    name: 'writeBytes',
    call: (m, at) => m.writeBytes(at + 3, Uint8Array.of(1, 2, 3)),
    leaves: changed([3, [1, 2, 3]]),
    seen: ['store', 3, 3],
    writes: [3, 3],
    bulk: true,
  },
];

function makeBlock(): number {
  resetArena();
  const address = allocate(BEFORE.length, { rights: BOTH, label: 'block' });
  plain.writeBytes(address, Uint8Array.from(BEFORE));
  return address;
}

/** Limits the rights to a block to these ranges; rights apply to words. */
function grant(block: number, ranges: readonly (readonly [range: Range | undefined, right: number])[]): void {
  for (let word = 0; word < BEFORE.length; word += 4) {
    let rights = NO_RIGHTS;
    for (const [range, right] of ranges)
      if (range !== undefined && range[0] < word + 4 && range[0] + range[1] > word) rights |= right;
    mem.protect(block + word, 4, rights);
  }
}

describeWatched('the primitives of memory', () => {
  afterEach(() => void mem.actAs(ACTOR_DRIVER));

  for (const { name, call, returns, leaves = BEFORE } of PRIMITIVES)
    for (const [build, primitives] of [
      ['plain', plain],
      ['watched', mem],
    ] as const)
      it(`${name} does what it says in the ${build} build`, () => {
        const block = makeBlock();
        expect(call(primitives, block)).to.deep.equal(returns);
        expect([...plain.readBytes(block, BEFORE.length)]).to.deep.equal(leaves);
      });

  for (const { name, call, seen, bulk = false } of PRIMITIVES)
    it(`${name} is seen by ${bulk ? 'watchers of bulk accesses alone' : 'every watcher'}`, () => {
      const block = makeBlock();
      const [kind, at, bytes, source] = seen;
      const expected = [kind, at, bytes, ACTOR_DRIVER, source === undefined ? -1 : source];
      const found: unknown[] = [];
      const see: mem.Watcher = (what, address, length, actor, from) =>
        found.push([what, address - block, length, actor, from < 0 ? -1 : from - block]);
      const stops = [mem.addWatcher(see), mem.addWatcher(see, { bulk: true })];
      try {
        call(mem, block);
      } finally {
        for (const stop of stops) stop();
      }
      expect(found).to.deep.equal(bulk ? [expected] : [expected, expected]);
    });

  for (const { name, call, seen, reads, writes } of PRIMITIVES)
    for (const [who, actor, readRight, writeRight] of [
      ['driver', ACTOR_DRIVER, DRIVER_READ, DRIVER_WRITE],
      ['host', ACTOR_HOST, HOST_READ, HOST_WRITE],
    ] as const)
      it(`${name} needs the rights of the ${who} to each byte that it reads or writes, and no others`, () => {
        mem.actAs(actor);
        const block = makeBlock();
        grant(block, [
          [reads, readRight],
          [writes, writeRight],
        ]);
        expect(() => call(mem, block)).not.to.throw();
        for (const [range, right] of [
          [reads, readRight],
          [writes, writeRight],
        ] as const) {
          if (range === undefined) continue;
          for (const byte of [range[0], range[0] + range[1] - 1]) {
            const fresh = makeBlock();
            mem.protect(fresh + byte, 1, BOTH & ~right);
            const refused = `${who}: ${seen[0]} of ${seen[2]} bytes`;
            expect(() => call(mem, fresh), `without byte ${byte}`).to.throw(mem.MemoryViolation, refused);
            expect([...plain.readBytes(fresh, BEFORE.length)], 'nothing has changed').to.deep.equal(BEFORE);
          }
        }
      });
});
