import { expect } from 'chai';
import fc from 'fast-check';
import { load8, readBytes, store8 } from '#mem';
import { allocate, resetArena } from '../../../../shared/arena';
import { findUdp, internetChecksum } from '../../../../testbench/traffic/udpFrame';
import { BOTH, DRIVER_ONLY } from '../../../../shared/loops/rights';
import { probeFlow } from '../../../../testbench/traffic/probeFrame';
import { readMark } from '../../../../testbench/traffic/frameMark';
import { Backoff } from '../../../../testbench/runtime/backoff';
import {
  capturedBytes,
  isCapturedIntact,
  markFlowOf,
  markSequenceOf,
  writeCaptured,
  writeCapturedBlock,
} from '../../../../testbench/threads/traffic/capturedFrames';
import { BLOCK_BYTES, noteArrival } from '../../../../testbench/threads/traffic/flowBlock';
import type { FlowDescriptor } from '../../../../testbench/threads/traffic/messages';
import {
  HEAD_BYTES,
  isProbeIntact,
  MIN_FRAME_BYTES,
  probeFlowOf,
  probeSequenceOf,
  writeProbe,
  writeProbeBlock,
} from '../../../../testbench/threads/traffic/probeFrames';
import {
  notePacket,
  movedSince,
  SILENCE_BYTES,
  readSilence,
  resetSilence,
} from '../../../../testbench/threads/traffic/silence';
import { Sender } from '../../../../testbench/threads/traffic/sender';

const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const OTHER_MAC = Uint8Array.of(2, 0, 0, 0, 0, 2);

function flow(id: number): ReturnType<typeof probeFlow> {
  return probeFlow({ id, seed: 5, sourceMac: MAC, destinationMac: OTHER_MAC });
}

describe('frames of the threads mode', () => {
  let block: number;
  let frame: number;
  let scratch: number;

  function makeBlock(id: number): number {
    const made = allocate(BLOCK_BYTES, { rights: DRIVER_ONLY, label: `flow ${id}` });
    writeProbeBlock(made, flow(id));
    return made;
  }

  beforeEach(() => {
    resetArena();
    block = makeBlock(7);
    frame = allocate(2_048, { rights: BOTH, label: 'frame' });
    scratch = allocate(HEAD_BYTES, { rights: DRIVER_ONLY, label: 'scratch' });
  });

  const sizes = fc.integer({ min: MIN_FRAME_BYTES, max: 1_514 });
  const sequences = fc.integer({ min: 0, max: 0xffff_ffff });

  it('are valid UDP datagrams that identify their flow and frame', () => {
    fc.assert(
      fc.property(sizes, sequences, (bytes, sequence) => {
        writeProbe(block, frame, bytes, sequence);
        expect([probeFlowOf(frame), probeSequenceOf(frame)]).to.deep.equal([7, sequence]);
        const places = findUdp(readBytes(frame, bytes));
        expect(places?.end).to.equal(bytes);
        expect(internetChecksum(readBytes(frame, bytes), places!.ip, places!.udp)).to.equal(0);
        expect(isProbeIntact(block, frame, bytes, sequence, scratch)).to.equal(true);
      }),
      { numRuns: 50 },
    );
  });

  it('are not intact with a changed byte, another length, another number or another flow', () => {
    const other = makeBlock(8);
    fc.assert(
      fc.property(sizes, sequences, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, sequence, where, change) => {
        writeProbe(block, frame, bytes, sequence);
        const at = frame + (where % bytes);
        store8(at, load8(at) ^ change);
        expect(isProbeIntact(block, frame, bytes, sequence, scratch)).to.equal(false);
        store8(at, load8(at) ^ change);
        expect(isProbeIntact(block, frame, bytes, sequence, scratch)).to.equal(true);
        expect(isProbeIntact(block, frame, bytes - 4, sequence, scratch)).to.equal(false);
        expect(isProbeIntact(block, frame, bytes, (sequence ^ 1) >>> 0, scratch)).to.equal(false);
        expect(isProbeIntact(other, frame, bytes, sequence, scratch)).to.equal(false);
      }),
      { numRuns: 50 },
    );
  });

  it('of captures are the captured frames with a mark, and not intact with a changed byte', () => {
    const captured = [
      Uint8Array.from({ length: 61 }, (_unused, at) => at),
      Uint8Array.from({ length: 90 }, (_unused, at) => 255 - at),
    ];
    writeCapturedBlock(block, captured);
    fc.assert(
      fc.property(sequences, fc.nat(), fc.integer({ min: 1, max: 255 }), (sequence, where, change) => {
        const own = captured[sequence % 2]!;
        const bytes = capturedBytes(block, sequence);
        writeCaptured(block, frame, 70_000, sequence);
        expect(readBytes(frame, own.length)).to.deep.equal(own);
        expect(readMark(readBytes(frame, bytes))).to.deep.equal({ flow: 70_000, sequence });
        expect([markFlowOf(frame, bytes), markSequenceOf(frame, bytes)]).to.deep.equal([70_000, sequence]);
        expect(isCapturedIntact(block, frame, bytes, sequence)).to.equal(true);
        expect(isCapturedIntact(block, frame, bytes, (sequence ^ 1) >>> 0)).to.equal(false);
        const at = frame + (where % own.length);
        store8(at, load8(at) ^ change);
        expect(isCapturedIntact(block, frame, bytes, sequence)).to.equal(false);
      }),
      { numRuns: 50 },
    );
  });

  it('are counted as arrived once', () => {
    for (const sequence of [0, 31, 32, 1_000_003]) {
      expect(noteArrival(block, sequence)).to.equal(true);
      expect(noteArrival(block, sequence)).to.equal(false);
    }
    expect(noteArrival(block, 30)).to.equal(true);
  });
});

describe('the longest silence of a port', () => {
  it('is measured since the last reading, even if the clock wraps', () => {
    resetArena();
    const silence = allocate(SILENCE_BYTES, { rights: DRIVER_ONLY, label: 'silence' });
    const wrapMs = 0x1_0000_0000 / 1_000;
    for (const nowMs of [wrapMs - 30, wrapMs - 28, wrapMs + 7, wrapMs + 8]) notePacket(silence, nowMs);
    expect(readSilence(silence).longestMs).to.be.closeTo(35, 0.01);
    expect(movedSince(readSilence(silence), wrapMs + 1)).to.equal(true);
    expect(movedSince(readSilence(silence), wrapMs + 9)).to.equal(false);
    resetSilence(silence);
    // The time of one thread may lag behind another's.
    notePacket(silence, wrapMs + 7.5);
    notePacket(silence, wrapMs + 10);
    expect(readSilence(silence).longestMs).to.be.closeTo(2.5, 0.01);
  });
});

describe('a sender', () => {
  const flows = [0, 1].map((id): FlowDescriptor => ({ id, block: 0, probe: flow(id) }));
  const orders = { load: 0, flows, turns: [0, 1], firstFlowPercent: 0, seed: 1 };

  it('sends frames at its rate, each flow in order, until it has sent all', () => {
    const sender = new Sender({ ...orders, framesPerMs: 4, frames: 10 }, 100);
    const made: string[] = [];
    const send = ({ id }: FlowDescriptor, sequence: number): void => void made.push(`${id}:${sequence}`);
    expect(sender.run(100, 32, send)).to.equal(1);
    expect(sender.run(101, 32, send)).to.equal(4);
    expect(sender.run(101, 32, send)).to.equal(0);
    expect(sender.run(104, 3, send)).to.equal(3);
    expect(sender.run(104, 32, send)).to.equal(2);
    expect(sender.done).to.equal(true);
    expect(made).to.deep.equal(['0:0', '1:0', '0:1', '1:1', '0:2', '1:2', '0:3', '1:3', '0:4', '1:4']);
  });

  it('does not catch up after a long pause', () => {
    const sender = new Sender({ ...orders, framesPerMs: 2, frames: Infinity }, 0);
    expect(sender.run(1_000, 1_000, () => {})).to.be.within(20, 22);
    sender.stop();
    expect(sender.run(1_001, 1_000, () => {})).to.equal(0);
  });
});

describe('the back-off of empty polls', () => {
  it('spins, then pauses longer and longer up to a limit, and starts again after work', () => {
    const backoff = new Backoff({ spins: 2, minPauseMs: 0.25, maxPauseMs: 1 });
    const next = (count: number): number[] => Array.from({ length: count }, () => backoff.next());
    expect(next(6)).to.deep.equal([0, 0, 0.25, 0.5, 1, 1]);
    backoff.reset();
    expect(next(3)).to.deep.equal([0, 0, 0.25]);
  });
});
