import { expect } from 'chai';
import * as plain from '../../../shared/mem/plain';
import * as mem from '../../../shared/mem/watched';
import { asGuest, asHost } from '../../../shared/actors';
import { allocate, release, resetArena } from '../../../shared/arena';
import { ErrnoError } from '../../../shared/errors';
import { ARENA_BYTES } from '../../../shared/mem/memory';
import { ACTOR_DRIVER, ACTOR_HOST, BOTH, DRIVER_ONLY, DRIVER_READ, HOST_ONLY } from '../../../shared/loops/rights';
import { describeWatched } from '../../support/watched';

function block(rights: number): number {
  return allocate(64, { rights, label: 'block' });
}

describeWatched('watched memory', () => {
  const added: (() => void)[] = [];

  function add(watcher: mem.Watcher): () => void {
    const stop = mem.addWatcher(watcher);
    added.push(stop);
    return stop;
  }

  beforeEach(resetArena);
  afterEach(() => {
    for (const stop of added.splice(0)) stop();
    mem.actAs(ACTOR_DRIVER);
  });

  it('stops an access past the end of an allocation and names it', () => {
    const address = block(DRIVER_ONLY);
    expect(mem.load32(address + 60)).to.equal(0);
    expect(() => mem.load32(address + 64)).to.throw(
      mem.MemoryViolation,
      /driver: load of 4 bytes .* past the end of block/,
    );
    expect(() => mem.store8(address - 1, 1)).to.throw(mem.MemoryViolation, /store of 1 bytes/);
  });

  it('stops a copy if only its last byte is out of range, at the source or the destination', () => {
    const from = block(DRIVER_ONLY);
    const to = block(DRIVER_ONLY);
    expect(() => mem.copy(to, from + 1, 64)).to.throw(mem.MemoryViolation, 'copy of 64 bytes');
    expect(() => mem.copy(to + 1, from, 64)).to.throw(mem.MemoryViolation, 'copy of 64 bytes');
    expect(() => mem.copy(to, from, 64)).not.to.throw();
  });

  it('keeps the two actors apart', () => {
    const hosts = block(HOST_ONLY | DRIVER_READ);
    expect(mem.load32(hosts)).to.equal(0);
    expect(() => mem.store32(hosts, 1)).to.throw(mem.MemoryViolation, 'driver: store');
    expect(() => mem.compareExchange32(hosts, 0, 1)).to.throw(mem.MemoryViolation, 'driver: update');
    expect(mem.actAs(ACTOR_HOST)).to.equal(ACTOR_DRIVER);
    mem.store32(hosts, 1);
    expect(mem.load32(hosts)).to.equal(1);
    expect(() => mem.load32(block(DRIVER_ONLY))).to.throw(mem.MemoryViolation, 'host: load');
  });

  it('runs a function with the rights of the other side, and puts the former ones back, also after a throw', () => {
    const [theirs, ours] = [block(HOST_ONLY), block(DRIVER_ONLY)];
    expect(asHost(() => mem.load32(theirs))).to.equal(0);
    expect(asHost(() => asGuest(() => mem.load32(ours)))).to.equal(0);
    expect(() =>
      asHost(() => {
        throw new Error('of the body');
      }),
    ).to.throw('of the body');
    expect(mem.load32(ours)).to.equal(0);
  });

  it('records violations instead of throwing them, and carries the access out, but none outside the arena', () => {
    const theirs = block(HOST_ONLY);
    const recorded: mem.MemoryViolation[] = [];
    expect(mem.recordViolations((violation) => recorded.push(violation))).to.equal(null);
    try {
      mem.store32(theirs + 8, 7);
      expect(() => mem.load32(0xffff_fffc)).to.throw(mem.MemoryViolation, 'outside the arena');
      expect(() => mem.readBytes(-4, 4)).to.throw(mem.MemoryViolation, 'outside the arena');
      expect(() => mem.fill(ARENA_BYTES - 4, 0, 8)).to.throw(mem.MemoryViolation, 'outside the arena');
    } finally {
      expect(mem.recordViolations(null)).to.be.a('function');
    }
    expect(plain.load32(theirs + 8)).to.equal(7);
    expect(recorded.map(({ code, kind, address, bytes, actor }) => [code, kind, address, bytes, actor])).to.deep.equal([
      ['MEMORY_VIOLATION', 'store', theirs + 8, 4, ACTOR_DRIVER],
    ]);
    expect(() => mem.store32(theirs, 1)).to.throw(mem.MemoryViolation);
  });

  it('describes the first byte of an access to which there is no right', () => {
    const address = block(BOTH);
    mem.protect(address + 8, 4, HOST_ONLY);
    expect(() => mem.readBytes(address, 16)).to.throw(mem.MemoryViolation, 'block+0x8 at this moment');
    expect(() => mem.readBytes(address + 9, 2)).to.throw(mem.MemoryViolation, 'block+0x9 at this moment');
  });

  it('names the kind of an access that is not aligned', () => {
    const address = block(BOTH);
    for (const [kind, access] of [
      ['load', () => mem.load16(address + 1)],
      ['store', () => mem.store32(address + 2, 0)],
      ['update', () => mem.add32(address + 2, 0)],
    ] as const)
      expect(access)
        .to.throw(mem.MemoryViolation, `driver: ${kind} of`)
        .with.property('message')
        .that.includes('not aligned');
  });

  it('lets accesses of no bytes pass, wherever they are', () => {
    const [theirs, ours] = [block(HOST_ONLY), block(BOTH)];
    mem.copy(theirs, ours, 0);
    mem.fill(theirs, 1, 0);
    expect(mem.readBytes(theirs, 0).length).to.equal(0);
    mem.writeBytes(theirs, new Uint8Array(0));
  });

  it('applies a change of rights at once', () => {
    const address = block(BOTH);
    mem.protect(address + 16, 16, HOST_ONLY);
    expect(() => mem.load32(address + 12)).not.to.throw();
    expect(() => mem.load32(address + 16)).to.throw(mem.MemoryViolation);
    mem.protect(address + 16, 16, BOTH);
    expect(() => mem.load32(address + 16)).not.to.throw();
  });

  it('refuses accesses that are not aligned or lie outside the arena', () => {
    const address = block(BOTH);
    expect(() => mem.load32(address + 2)).to.throw(mem.MemoryViolation, 'not aligned');
    expect(() => mem.store16(address + 1, 0)).to.throw(mem.MemoryViolation, 'not aligned');
    expect(() => mem.load32(0xffff_fffc)).to.throw(mem.MemoryViolation, 'outside the arena');
  });

  it('calls a null pointer so, and a field behind one', () => {
    expect(() => mem.load32(0)).to.throw(mem.MemoryViolation, /^driver: load of 4 bytes at 0x0: a null pointer$/);
    expect(() => mem.store8(0x18, 1)).to.throw(mem.MemoryViolation, /at 0x18: a null pointer\+0x18$/);
    expect(() => asHost(() => mem.load32(0xffc))).to.throw(mem.MemoryViolation, /^host: .*: a null pointer\+0xffc$/);
    expect(() => mem.load32(0x1000))
      .to.throw(mem.MemoryViolation)
      .with.property('message')
      .that.does.not.include('null');
    expect(() => release(0)).to.throw(ErrnoError, /^a null pointer \(0x0\) is no allocation/);
  });

  it('lets a watcher act as the other side after each access', () => {
    const address = block(BOTH);
    const seen: string[] = [];
    const stop = add((kind, at, bytes, actor) => {
      seen.push(`${kind} +${at - address} ${bytes} ${actor}`);
      if (kind === 'store' && bytes === 4) {
        stop();
        mem.store16(address + 8, 7);
      }
    });
    mem.load8(address + 1);
    mem.store32(address + 4, 1);
    expect(seen).to.deep.equal(['load +1 1 1', 'store +4 4 1']);
    expect(mem.load16(address + 8)).to.equal(7);
  });

  it('tells watchers where a copy comes from', () => {
    const [from, to] = [block(BOTH), block(BOTH)];
    const seen: number[][] = [];
    add((_kind, address, bytes, _actor, source) => seen.push([address, bytes, source]));
    mem.copy(to, from, 8);
    mem.copy16(to, from + 16);
    mem.load32(from);
    expect(seen).to.deep.equal([
      [to, 8, from],
      [to, 16, from + 16],
      [from, 4, -1],
    ]);
  });

  it('stacks watchers, the last added first, and removes each by itself', () => {
    const address = block(BOTH);
    const seen: string[] = [];
    const stopTracing = add((kind) => seen.push(`trace ${kind}`));
    const stopInjecting = add((kind) => {
      if (kind === 'load') mem.store32(address, 5);
      seen.push(`inject after ${kind}`);
    });
    mem.load32(address);
    // The injected store is an access too: both watchers see it before the tracer sees the load.
    const nested = ['inject after store', 'trace store', 'inject after load', 'trace load'];
    expect(seen.splice(0)).to.deep.equal(nested);
    stopTracing();
    stopTracing();
    mem.fence();
    expect(seen.splice(0)).to.deep.equal(['inject after fence']);
    stopInjecting();
    mem.fence();
    expect(seen).to.deep.equal([]);
  });

  it('stops calling a watcher that another one has removed, and calls a new one from the next access on', () => {
    const address = block(BOTH);
    const seen: string[] = [];
    const stopFirst = add(() => seen.push('first'));
    add(() => seen.push('second'));
    const stopThird = add(() => {
      seen.push('third');
      stopFirst();
      stopThird();
      add(() => seen.push('fourth'));
    });
    mem.load32(address);
    expect(seen.splice(0)).to.deep.equal(['third', 'second']);
    mem.load32(address);
    expect(seen).to.deep.equal(['fourth', 'second']);
  });

  it('tells every watcher the actor of the access, and ends the access if a watcher throws', () => {
    const address = block(BOTH);
    const actors: number[] = [];
    add((_kind, _address, _bytes, actor) => actors.push(actor));
    const stopSwitching = add(() => void mem.actAs(ACTOR_HOST));
    mem.load32(address);
    expect(actors.splice(0)).to.deep.equal([ACTOR_DRIVER]);
    stopSwitching();
    add(() => {
      throw new Error('aborted');
    });
    expect(() => mem.store32(address, 9)).to.throw('aborted');
    expect(actors).to.deep.equal([]);
    expect(plain.load32(address)).to.equal(9);
  });
});
