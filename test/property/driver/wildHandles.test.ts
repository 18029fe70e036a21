import { expect } from 'chai';
import fc from 'fast-check';
import type { Worker } from 'node:worker_threads';
import { nextMessage } from '../../../testbench/runtime/nextMessage';
import { startWorker } from '../../../testbench/runtime/worker';
import { freeWild, sendWild, type WildAddress, type WildOutcome, type WildPacket } from './wildHandles';

/** A burst takes microseconds: a thread that does not answer by then hangs. */
const ANSWER_LIMIT_MS = 10_000;

const address: fc.Arbitrary<WildAddress> = fc.oneof(
  fc.record({
    from: fc.constant('zero' as const),
    offset: fc.oneof(
      fc.constantFrom(
        0,
        4,
        64,
        12_345,
        0x10000,
        0x7ffe_ffc0,
        0x7fff_0000,
        0x8000_0000,
        0xffff_ffc0,
        0xffff_fff0,
        0xffff_ffff,
      ),
      fc.integer({ min: 0, max: 0xffff_ffff }),
    ),
  }),
  fc.record({ from: fc.constant('pool' as const), offset: fc.integer({ min: -4_096, max: 200_000 }) }),
  fc.record({
    from: fc.constantFrom('port' as const, 'released' as const, 'buffers' as const),
    offset: fc.nat({ max: 8_192 }),
  }),
);
const segments = fc.integer({ min: 1, max: 3 });
const wild: fc.Arbitrary<WildPacket> = fc.record({ kind: fc.constant('wild' as const), at: address });
const next: fc.Arbitrary<WildPacket> = fc.record({ kind: fc.constant('next' as const), segments, at: address });
const whole: fc.Arbitrary<WildPacket> = fc.record({
  kind: fc.constantFrom('good' as const, 'loop' as const),
  segments,
});
const freed: fc.Arbitrary<WildPacket> = fc.record({ kind: fc.constant('freed' as const), segments });

function burst(...kinds: fc.Arbitrary<WildPacket>[]): fc.Arbitrary<WildPacket[]> {
  return fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 10 });
}

function number(packets: readonly WildPacket[], ...kinds: readonly WildPacket['kind'][]): number {
  return packets.filter(({ kind }) => kinds.includes(kind)).length;
}

/** A `next` of 0 ends the chain, which is one segment short then. */
function strayNexts(packets: readonly WildPacket[]): number {
  return packets.filter((one) => one.kind === 'next' && !(one.at.from === 'zero' && one.at.offset === 0)).length;
}

function expectSent(packets: readonly WildPacket[], { taken, missing, counters, sent }: WildOutcome): void {
  const expected: Readonly<Record<string, number>> = {
    good_packets: number(packets, 'good'),
    dropped_handle: number(packets, 'wild', 'freed'),
    dropped_chain: number(packets, 'next', 'loop'),
  };
  expect(taken).to.equal(packets.length);
  expect(missing).to.equal(0);
  for (const [name, value] of Object.entries(expected)) expect(counters[`tx_q0_${name}`] ?? 0, name).to.equal(value);
  expect(sent).to.have.length(number(packets, 'good'));
}

describe('driver: handles that are no mbufs', () => {
  let plain: Worker;

  before(() => {
    plain = startWorker('test/property/driver/wildHandlesWorker', { build: 'plain', print: process.stdout });
  });

  after(() => plain.terminate());

  async function onPlain(what: 'send' | 'free', packets: readonly WildPacket[]): Promise<WildOutcome> {
    const answer = nextMessage<WildOutcome>(plain, ANSWER_LIMIT_MS);
    plain.postMessage({ what, packets });
    const outcome = await answer;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }

  it('are dropped and counted by a burst, and the others are sent: alike on plain and on watched memory', async () => {
    await fc.assert(
      fc.asyncProperty(burst(wild, next, whole), async (packets) => {
        const watched = sendWild(packets);
        expectSent(packets, watched);
        expect(await onPlain('send', packets)).to.deep.equal(watched);
      }),
      { numRuns: 60 },
    );
  }).timeout(60_000);

  it('are refused and counted when they are freed, and no mbuf is lost: alike on plain and on watched memory', async () => {
    await fc.assert(
      fc.asyncProperty(burst(wild, next, whole), async (packets) => {
        const watched = freeWild(packets);
        const zeros = packets.filter(
          (one) => one.kind === 'wild' && one.at.from === 'zero' && one.at.offset === 0,
        ).length;
        const refused = number(packets, 'wild', 'loop') - zeros + strayNexts(packets);
        expect(watched).to.include({ missing: 0, refusedFrees: refused });
        expect(await onPlain('free', packets)).to.deep.equal(watched);
      }),
      { numRuns: 60 },
    );
  }).timeout(60_000);

  it('are dropped where they are mbufs that are free already, on plain memory', async () => {
    await fc.assert(
      fc.asyncProperty(burst(freed, wild), async (packets) => expectSent(packets, await onPlain('send', packets))),
      { numRuns: 50 },
    );
  }).timeout(60_000);
});
