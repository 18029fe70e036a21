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

/** Random numbers that determine the details of one action. */
type Dice = readonly [number, number, number];

interface Attacker extends Bench {
  /** All descriptors that the guest ever took off alloc or rx, including those that it returned. */
  readonly known: bigint[];
}

function pick<T>(items: readonly T[], dice: number): T | undefined {
  return items[dice % Math.max(1, items.length)];
}

/** A host virtual address: a known one, one near a known one, or an invalid one. */
function anyAddress({ known, guest }: Attacker, dice: number): bigint {
  const base = pick(known, dice) ?? guest.syncVa;
  return [base, base, base, base + 64n, base + 8n, base ^ (1n << 32n), 0n, 0xffff_ffff_ffff_fff8n][dice % 8]!;
}

/**
 * Ignores an action that the watched build forbids the guest, and one that fails because the guest reads a
 * value that it corrupted itself. A violation by the host still fails the test.
 */
function ignoreGuestErrors(action: () => void): void {
  try {
    action();
  } catch (error) {
    const forbidden = error instanceof MemoryViolation && error.actor === ACTOR_DRIVER;
    if (!forbidden && !(error instanceof LostGuest)) throw error;
  }
}

function corruptDescriptor(attacker: Attacker, dice: Dice): void {
  const va = pick(attacker.known, dice[0]);
  if (va === undefined) return;
  const desc = attacker.guest.pointer(va);
  const value = dice[2];
  const writes: readonly (() => void)[] = [
    () => store16(desc + abi.DESC_DATA_LEN, value & 0xffff),
    () => store16(desc + abi.DESC_PKT_LEN, value & 0xffff),
    () => store16(desc + abi.DESC_DATA_LEN, 60),
    () => store16(desc + abi.DESC_PKT_LEN, 60),
    () => store8(desc + abi.DESC_NB_SEGS, value % 8),
    () => store16(desc + abi.DESC_OL_FLAGS, value & 0xffff),
    () => store64(desc + abi.DESC_NEXT, anyAddress(attacker, value)),
    () => store64(desc + abi.DESC_NEXT, 0n),
    () =>
      store64(desc + abi.DESC_DATA, value % 2 === 0 ? anyAddress(attacker, value) : load64(desc + abi.DESC_DATA) + 1n),
  ];
  pick(writes, dice[1])!();
}

function takeOne(attacker: Attacker, ring: 'alloc' | 'rx', queue: number): void {
  const va = attacker.guest.take(ring, queue);
  if (va !== null) attacker.known.push(va);
}

function corruptIndex({ guest }: Attacker, dice: Dice): void {
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
  // Usually restore the index after one step: a FIFO with a bad index stops nearly all other work.
  if (dice[1] % 4 !== 3) store32(word, before);
}

/** Sends a sound packet, so that the normal path also runs between the faults. */
function sendSound({ guest }: Attacker, queue: number): void {
  if (guest.filled('alloc', queue) > 2 && guest.filled('alloc', queue) < 16)
    guest.transmit(frame(100), { queue, least: 2 });
}

function request(attacker: Attacker, dice: Dice): void {
  const { guest } = attacker;
  if (guest.room('req') === 0 || guest.room('req') > 3) return;
  const fields = { rxQueues: dice[1] % 4, txQueues: dice[2] % 4, features: dice[2] & 1, ifUp: dice[1] & 1 };
  guest.send(pick([1, 2, 3, 3, 3, 4, 9], dice[0])!, guest.configRequest(fields));
}

/** Runs a migration step of the host, in an order that may be invalid. */
function migrate({ device }: Attacker, dice: Dice): void {
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

const actions: readonly ((attacker: Attacker, dice: Dice) => void)[] = [
  (attacker, dice) => takeOne(attacker, 'alloc', dice[0] % 2),
  (attacker, dice) => takeOne(attacker, 'alloc', dice[0] % 2),
  (attacker, dice) => takeOne(attacker, 'rx', dice[0] % 2),
  corruptDescriptor,
  corruptDescriptor,
  corruptDescriptor,
  (attacker, dice) => attacker.guest.put('tx', anyAddress(attacker, dice[0]), dice[1] % 2),
  (attacker, dice) => attacker.guest.put('tx', pick(attacker.known, dice[0]) ?? 0n, dice[1] % 2),
  (attacker, dice) => attacker.guest.put('free', anyAddress(attacker, dice[0]), dice[1] % 2),
  (attacker, dice) => sendSound(attacker, dice[0] % 2),
  (attacker, dice) => attacker.deliver(frame(dice[0] % 6_000)),
  (attacker, dice) => attacker.deliver(frame(14 + (dice[0] % 100))),
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

function expectBalanced({ device, sent }: Attacker): void {
  const { toGuest, fromGuest } = device.inspect.stats();
  expect(toGuest.offered).to.equal(toGuest.delivered + toGuest.waiting + sum(toGuest.dropped));
  expect(fromGuest.offered).to.equal(fromGuest.forwarded + sum(fromGuest.dropped));
  expect(fromGuest.forwarded).to.equal(sent.length);
  const { total, ...places } = device.inspect.buffers();
  expect(sum(places)).to.equal(total);
}

/** Expects that the next guest finds a device that works. */
function expectRecovery(attacker: Attacker): void {
  const { device, guest, sent, deliver } = attacker;
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
const script = fc.array(fc.tuple(fc.nat({ max: actions.length - 1 }), fc.tuple(dice, dice, dice)), {
  minLength: 20,
  maxLength: 250,
});

describe('device: a guest that writes anything anywhere it may', () => {
  it('never throws or hangs, and accounts for every buffer and packet', () => {
    fc.assert(
      fc.property(script, (steps) => {
        const bench = makeBench({
          pools: [{ buffers: 24 }, { buffers: 24 }],
          layout: { segments: 5, offsets: 'different', nearFourGiB: true },
        });
        const attacker = { ...bench, known: [] };
        bench.guest.configure({ rxQueues: 2, txQueues: 2 });
        for (const [action, numbers] of steps) ignoreGuestErrors(() => actions[action]!(attacker, numbers));
        bench.device.step();
        expectBalanced(attacker);
        expectRecovery(attacker);
      }),
      { numRuns: 60 },
    );
  });
});
