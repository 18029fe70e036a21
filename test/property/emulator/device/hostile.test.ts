import { load32, store16, store32, store8 } from '#mem';
import { expect } from 'chai';
import fc from 'fast-check';
import * as abi from '../../../../shared/loops/layout';
import { ACTOR_DRIVER } from '../../../../shared/loops/rights';
import { MemoryViolation } from '../../../../shared/mem/watched';
import { load64, store64 } from '../../../../shared/u64';
import { frame, makeBench, sum, type Bench } from '../../../unit/emulator/device/bench';
import { LostGuest } from '../../../unit/emulator/device/guest';

const HOSTILE_32 = [0, 1, 15, 16, 17, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff] as const;

/** Numbers that steer one act of a guest that does what it likes with what it may write. */
type Dice = readonly [number, number, number];

interface Villain extends Bench {
  /** Descriptors that it took off alloc or rx at some time, given back or not. */
  readonly known: bigint[];
}

function pick<T>(items: readonly T[], dice: number): T | undefined {
  return items[dice % Math.max(1, items.length)];
}

/** Any address: one that it knows, its neighbour, or rubbish. */
function anyAddress({ known, guest }: Villain, dice: number): bigint {
  const base = pick(known, dice) ?? guest.syncVa;
  return [base, base, base, base + 64n, base + 8n, base ^ (1n << 32n), 0n, 0xffff_ffff_ffff_fff8n][dice % 8]!;
}

/**
 * What the watched build keeps the guest from doing is as if it had not been tried, and so is
 * what it can't do with the rubbish that it reads after its own tricks; the host may do all it does.
 */
function unlessForbidden(act: () => void): void {
  try {
    act();
  } catch (error) {
    const forbidden = error instanceof MemoryViolation && error.actor === ACTOR_DRIVER;
    if (!forbidden && !(error instanceof LostGuest)) throw error;
  }
}

function scribble(villain: Villain, dice: Dice): void {
  const va = pick(villain.known, dice[0]);
  if (va === undefined) return;
  const desc = villain.guest.pointer(va);
  const value = dice[2];
  const writes: readonly (() => void)[] = [
    () => store16(desc + abi.DESC_DATA_LEN, value & 0xffff),
    () => store16(desc + abi.DESC_PKT_LEN, value & 0xffff),
    () => store16(desc + abi.DESC_DATA_LEN, 60),
    () => store16(desc + abi.DESC_PKT_LEN, 60),
    () => store8(desc + abi.DESC_NB_SEGS, value % 8),
    () => store16(desc + abi.DESC_OL_FLAGS, value & 0xffff),
    () => store64(desc + abi.DESC_NEXT, anyAddress(villain, value)),
    () => store64(desc + abi.DESC_NEXT, 0n),
    () =>
      store64(desc + abi.DESC_DATA, value % 2 === 0 ? anyAddress(villain, value) : load64(desc + abi.DESC_DATA) + 1n),
  ];
  pick(writes, dice[1])!();
}

function takeOne(villain: Villain, ring: 'alloc' | 'rx', queue: number): void {
  const va = villain.guest.take(ring, queue);
  if (va !== null) villain.known.push(va);
}

function corruptIndex({ guest }: Villain, dice: Dice): void {
  const [ring, at] = pick(
    [
      ['tx', abi.FIFO_WRITE],
      ['free', abi.FIFO_WRITE],
      ['alloc', abi.FIFO_READ],
      ['rx', abi.FIFO_READ],
      ['req', abi.FIFO_WRITE],
      ['resp', abi.FIFO_READ],
    ] as const,
    dice[0],
  )!;
  const word = guest.fifo(ring, ring === 'req' || ring === 'resp' ? 0 : dice[1] % 2) + at;
  const before = load32(word);
  store32(word, pick(HOSTILE_32, dice[2])!);
  guest.device.step();
  // It lies for a step only, or hardly anything else would ever happen.
  if (dice[1] % 4 !== 3) store32(word, before);
}

/** A packet as it should be, so that the good path is walked between the bad ones. */
function sendWell({ guest }: Villain, queue: number): void {
  if (guest.filled('alloc', queue) > 2 && guest.filled('alloc', queue) < 16)
    guest.transmit(frame(100), { queue, least: 2 });
}

function request(villain: Villain, dice: Dice): void {
  const { guest } = villain;
  if (guest.room('req') === 0 || guest.room('req') > 3) return;
  const fields = { rxQueues: dice[1] % 4, txQueues: dice[2] % 4, features: dice[2] & 1, ifUp: dice[1] & 1 };
  guest.send(pick([1, 2, 3, 3, 3, 4, 9], dice[0])!, guest.configRequest(fields));
}

/** The host migrates, well or badly, whatever the guest makes of it. */
function migrate({ device }: Villain, dice: Dice): void {
  const moves: readonly (() => void)[] = [
    () => device.beginDetach(),
    () => device.beginDetach(),
    () => device.beginAttach(),
    () => device.beginAttach(),
    () => device.undoDetach(),
    () => device.raiseMigration(pick(HOSTILE_32, dice[1])!),
    () => device.replaceHost({ ...device.settings, layout: { ...device.settings.layout, seed: dice[1] } }),
  ];
  pick(moves, dice[0])!();
}

const acts: readonly ((villain: Villain, dice: Dice) => void)[] = [
  (villain, dice) => takeOne(villain, 'alloc', dice[0] % 2),
  (villain, dice) => takeOne(villain, 'alloc', dice[0] % 2),
  (villain, dice) => takeOne(villain, 'rx', dice[0] % 2),
  scribble,
  scribble,
  scribble,
  (villain, dice) => villain.guest.put('tx', anyAddress(villain, dice[0]), dice[1] % 2),
  (villain, dice) => villain.guest.put('tx', pick(villain.known, dice[0]) ?? 0n, dice[1] % 2),
  (villain, dice) => villain.guest.put('free', anyAddress(villain, dice[0]), dice[1] % 2),
  (villain, dice) => sendWell(villain, dice[0] % 2),
  (villain, dice) => villain.deliver(frame(dice[0] % 6_000)),
  (villain, dice) => villain.deliver(frame(14 + (dice[0] % 100))),
  corruptIndex,
  request,
  ({ guest }, dice) => guest.setMask(dice[0] % 2),
  ({ guest }, dice) => guest.setMask(dice[0] % 2),
  ({ guest }, dice) => guest.ack(pick([1, 1, 2, 3, 3, 7], dice[0])!),
  ({ guest }, dice) => guest.ack(pick([1, 1, 2, 3, 3, 7], dice[0])!),
  migrate,
  migrate,
  ({ guest }) => void guest.detach(),
  ({ guest }) => void guest.attach({ rxQueues: 2, txQueues: 2 }),
  ({ guest }) => guest.openRings(),
  ({ device }) => device.step(),
  ({ device }) => device.step(),
  ({ device }, dice) => {
    if (dice[0] % 10 === 0) device.guestDied();
  },
];

function expectBooks({ device, sent }: Villain): void {
  const { toGuest, fromGuest } = device.inspect.stats();
  expect(toGuest.offered).to.equal(toGuest.delivered + toGuest.waiting + sum(toGuest.dropped));
  expect(fromGuest.offered).to.equal(fromGuest.forwarded + sum(fromGuest.dropped));
  expect(fromGuest.forwarded).to.equal(sent.length);
  const { total, ...places } = device.inspect.buffers();
  expect(sum(places)).to.equal(total);
}

/** The next guest finds a host that works. */
function expectRecovery(villain: Villain): void {
  const { device, guest, sent, deliver } = villain;
  device.guestDied();
  expect(device.inspect.buffers().hostPool).to.equal(device.inspect.buffers().total);
  device.beginAttach();
  guest.openAll();
  guest.setMask(1);
  device.step();
  expect(guest.configure()).to.equal(0);
  sent.length = 0;
  guest.transmit(frame(3_000));
  deliver(frame(3_000, 2));
  device.step();
  expect(sent.map((one) => Buffer.from(one).equals(frame(3_000)))).to.deep.equal([true]);
  expect(Buffer.from(guest.receiveAndFree()!.bytes).equals(frame(3_000, 2))).to.equal(true);
  expect(device.inspect.brokenCanaries()).to.deep.equal([]);
}

const dice = fc.nat({ max: 0xffff });
const script = fc.array(fc.tuple(fc.nat({ max: acts.length - 1 }), fc.tuple(dice, dice, dice)), {
  minLength: 20,
  maxLength: 250,
});

describe('the host against a guest that does what it likes', () => {
  it('neither throws nor hangs, loses no buffer, and has every packet in its books', () => {
    fc.assert(
      fc.property(script, (steps) => {
        const bench = makeBench({
          pools: [{ buffers: 24 }, { buffers: 24 }],
          layout: { segments: 5, offsets: 'different', nearFourGiB: true },
        });
        const villain = { ...bench, known: [] };
        bench.guest.configure({ rxQueues: 2, txQueues: 2 });
        for (const [act, numbers] of steps) unlessForbidden(() => acts[act]!(villain, numbers));
        bench.device.step();
        expectBooks(villain);
        expectRecovery(villain);
      }),
      { numRuns: 60 },
    );
  });
});
