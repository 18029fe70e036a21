import { expect } from 'chai';
import { extents, resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { UsageError } from '../../../../shared/errors';
import type { Capture } from '../../../../emulator/capture';
import { CapturePlayer, CaptureSink, FrameListener } from '../../../../testbench/traffic/captureEndpoints';
import { VirtualSwitch } from '../../../../emulator/network/switch';
import { BROADCAST, frame, mac } from '../../emulator/network/endpoints';

const MS = 1_000_000n;

function captureOf(...frames: { atMs: number; bytes: Uint8Array; cut?: number }[]): Capture {
  return {
    interfaces: [{ name: null }],
    frames: frames.map(({ atMs, bytes, cut = 0 }) => ({
      interfaceIndex: 0,
      timeNs: 1_700_000_000_000n * MS + BigInt(atMs) * MS,
      bytes,
      originalLength: bytes.length + cut,
      comments: [],
    })),
  };
}

const numbered = (count: number): { atMs: number; bytes: Uint8Array }[] =>
  Array.from({ length: count }, (_unused, i) => ({ atMs: i * 10, bytes: frame(BROADCAST, mac(1), i, 14 + i) }));

describe('capture endpoints', () => {
  let clock: VirtualClock;
  let sink: CaptureSink;

  beforeEach(() => {
    resetArena();
    clock = new VirtualClock();
    sink = new CaptureSink('sink', clock);
  });

  const play = (capture: Capture, pace: 'capture' | { framesPerStep: number }): CapturePlayer => {
    const network = new VirtualSwitch({ clock }).network('a');
    const player = new CapturePlayer({ name: 'player', capture, clock, pace });
    network.connect(player);
    network.connect(sink);
    return player;
  };

  it('play the given number of frames per step, in order, byte for byte', () => {
    const frames = numbered(5);
    const player = play(captureOf(...frames), { framesPerStep: 2 });
    const progress = [0, 1, 2, 3].map(() => {
      player.step();
      return sink.frames.length;
    });
    expect(progress).to.deep.equal([2, 4, 5, 5]);
    expect(player.done).to.equal(true);
    expect(sink.frames.map(({ bytes }) => bytes)).to.deep.equal(frames.map(({ bytes }) => bytes));
  });

  it('keep the time between the frames of the capture, from the first step on', () => {
    const frames = [...numbered(3), { atMs: 5, bytes: frame(BROADCAST, mac(1), 9) }];
    const player = play(captureOf(...frames), 'capture');
    clock.sleepMs(100);
    clock.onStep(() => player.step());
    clock.sleepMs(50);
    expect(sink.frames.map(({ timeNs }) => timeNs / MS)).to.deep.equal([101n, 111n, 121n, 121n]);
  });

  it('play a capture several times without a pause', () => {
    const frames = numbered(3);
    const network = new VirtualSwitch({ clock }).network('a');
    const player = new CapturePlayer({
      name: 'p',
      capture: captureOf(...frames),
      clock,
      pace: { framesPerStep: 4 },
      rounds: 2,
    });
    network.connect(player);
    network.connect(sink);
    player.step();
    expect(sink.frames).to.have.length(4);
    player.step();
    player.step();
    expect(sink.frames.map(({ bytes }) => bytes)).to.deep.equal([...frames, ...frames].map(({ bytes }) => bytes));
    expect(player).to.include({ sent: 6, done: true });
  });

  it('keep the time between the frames in each round', () => {
    const network = new VirtualSwitch({ clock }).network('a');
    const player = new CapturePlayer({
      name: 'p',
      capture: captureOf(...numbered(2)),
      clock,
      pace: 'capture',
      rounds: 2,
    });
    network.connect(player);
    network.connect(sink);
    clock.onStep(() => player.step());
    clock.sleepMs(50);
    expect(sink.frames.map(({ timeNs }) => timeNs / MS)).to.deep.equal([1n, 11n, 11n, 21n]);
  });

  it('count frames that are played while not connected, and ignore frames that they receive', () => {
    const player = play(captureOf(...numbered(2)), { framesPerStep: 1 });
    player.step();
    const { uplink } = player;
    player.uplink = null;
    player.step();
    expect(player).to.include({ sent: 1, unsent: 1, done: true, received: 0 });
    sink.uplink!.deliver(1_000_000, 0);
    uplink!.deliver(0, 0);
    expect(sink.frames).to.have.length(1);
  });

  it('refuse a capture with truncated, too short or too long frames, and name the first', () => {
    const make =
      (bytes: Uint8Array, cut = 0, maxFrameBytes?: number): (() => CapturePlayer) =>
      () =>
        new CapturePlayer({
          name: 'p',
          capture: captureOf(numbered(1)[0]!, { atMs: 0, bytes, cut }),
          clock,
          ...(maxFrameBytes === undefined ? {} : { maxFrameBytes }),
        });
    const cut = make(new Uint8Array(60), 1);
    expect(cut).to.throw(UsageError, "player 'p': frame 2 of the capture is cut to 60 of 61 bytes");
    expect(make(new Uint8Array(13))).to.throw(UsageError, 'frame 2 of the capture has 13 bytes, expected 14 to 9238');
    expect(make(new Uint8Array(9_239))).to.throw(UsageError, 'has 9239 bytes');
    expect(make(new Uint8Array(1_519), 0, 1_518)).to.throw(UsageError, 'expected 14 to 1518');
    expect(extents()).to.deep.equal([]);
    for (const framesPerStep of [0, 1.5, Number.NaN])
      expect(() => play(captureOf(), { framesPerStep })).to.throw(UsageError, `framesPerStep ${framesPerStep}`);
    expect(() => new CapturePlayer({ name: 'p', capture: captureOf(), clock, rounds: 0 })).to.throw(
      UsageError,
      'rounds 0',
    );
  });

  it('release their memory', () => {
    const player = play(captureOf(...numbered(2)), { framesPerStep: 1 });
    expect(extents()).to.have.length(1);
    player.destroy();
    player.destroy();
    player.step();
    expect(extents()).to.deep.equal([]);
    expect(player.sent).to.equal(0);
  });

  it('hand each frame to a listener, which keeps none', () => {
    const frames = numbered(3);
    const heard: Uint8Array[] = [];
    const network = new VirtualSwitch({ clock }).network('a');
    const player = new CapturePlayer({ name: 'player', capture: captureOf(...frames), clock });
    network.connect(player);
    const listener = new FrameListener('listener', (bytes) => heard.push(bytes));
    network.connect(listener);
    player.step();
    expect(heard).to.deep.equal(frames.map(({ bytes }) => bytes));
    expect(listener.heard).to.equal(3);
  });

  it('count the frames that a full sink drops', () => {
    sink = new CaptureSink('small', clock, 3);
    const player = play(captureOf(...numbered(5)), { framesPerStep: 5 });
    player.step();
    expect(sink.frames).to.have.length(3);
    expect(sink.dropped).to.equal(2);
  });
});
