/** Faults of the network between a device and its switch port. */
import { readBytes, writeBytes } from '#mem';
import type { FrameSink } from '../../../emulator';
import { deliverEach } from '../../../emulator/device/frameTable';
import { asHost } from '../../../shared/actors';
import { allocate, release } from '../../../shared/arena';
import { MAX_PACKET_BYTES } from '../../../shared/loops/layout';
import { HOST_ONLY } from '../../../shared/loops/rights';
import type { z } from 'zod';
import { decorate, type Undo } from '../decorate';
import { type Fault, fault, type Placed } from '../fault';
import type { FaultyDevice } from '../site';
import { durationMs, whole, word } from '../values';

const DIRECTION = word(['both', 'to-guest', 'from-guest'], 'both', 'which way');
type Way = 'to-guest' | 'from-guest';

/** Hands on frames from memory of its own, because the sender has other bytes in its memory, or gone on. */
class Sender {
  private readonly room = asHost(() => allocate(MAX_PACKET_BYTES, { rights: HOST_ONLY, label: 'frames of faults' }));

  send(sink: FrameSink, frame: Uint8Array): void {
    asHost(() => {
      writeBytes(this.room, frame);
      sink.deliver(this.room, frame.length);
    });
  }

  release(): void {
    release(this.room);
  }
}

/** A frame on its way. `pass` hands it on as it is. */
interface Passing {
  readonly place: FaultyDevice;
  readonly way: Way;
  readonly address: number;
  readonly bytes: number;
  readonly sink: FrameSink;
  pass(): void;
}

/** A way to treat frames. */
interface Handler {
  frame(frame: Passing): void;
  /** Called in each round of the device, for frames that it holds. */
  round?(place: FaultyDevice): void;
  /** Called when the fault is removed. */
  end?(): void;
}

/** Puts a handler into the way of all frames of the devices. */
function between<P extends { readonly direction: 'both' | Way }>(placed: Placed<P>, handler: Handler): Undo {
  const { direction } = placed.parameters;
  const undoDevices = placed.eachDevice((place) => {
    const { device } = place;
    const undo: Undo[] = [];
    if (direction !== 'from-guest') undo.push(...toGuest(place, handler));
    if (direction !== 'to-guest') undo.push(fromGuest(place, handler));
    undo.push(
      decorate(device, 'step', (_self, next) => {
        next();
        handler.round?.(place);
      }),
    );
    return () => undo.forEach((one) => one());
  });
  return () => {
    handler.end?.();
    undoDevices();
  };
}

function toGuest(place: FaultyDevice, handler: Handler): Undo[] {
  const { device } = place;
  let below: ((address: number, bytes: number) => void) | null = null;
  const sink: FrameSink = {
    deliver: (address, bytes) => (below === null ? device.deliver(address, bytes) : below(address, bytes)),
  };
  return [
    decorate(device, 'deliver', (_self, next, address, bytes) => {
      below = next;
      handler.frame({ place, way: 'to-guest', address, bytes, sink, pass: () => next(address, bytes) });
    }),
    // Frame by frame, through the layer above.
    decorate(device, 'deliverTable', (_self, _next, table, count) =>
      deliverEach({ deliver: (address, bytes) => device.deliver(address, bytes) }, table, count),
    ),
  ];
}

/** The switch sets a device's `uplink` whenever it is connected. */
function fromGuest(place: FaultyDevice, handler: Handler): Undo {
  const { device } = place;
  const former = Object.getOwnPropertyDescriptor(device, 'uplink')!;
  const get = (): FrameSink | null =>
    former.get === undefined ? plain : (former.get.call(device) as FrameSink | null);
  let plain: FrameSink | null = former.get === undefined ? device.uplink : null;
  const outward: FrameSink = {
    deliver: (address, bytes) => {
      const sink = get();
      if (sink === null) return;
      handler.frame({ place, way: 'from-guest', address, bytes, sink, pass: () => sink.deliver(address, bytes) });
    },
  };
  Object.defineProperty(device, 'uplink', {
    configurable: true,
    enumerable: true,
    get: () => (active && get() !== null ? outward : get()),
    set: (sink: FrameSink | null) => {
      if (former.set === undefined) plain = sink;
      else former.set.call(device, sink);
    },
  });
  let active = true;
  // Another fault may have been put over this one meanwhile, so it stays, and does nothing.
  return () => (active = false);
}

function frameText({ way, bytes }: Passing): string {
  return `frame of ${bytes} bytes ${way}`;
}

/** A fault that treats single frames. */
function framed<S extends z.ZodRawShape>(
  about: string,
  parameters: S,
  make: (placed: Placed<z.output<z.ZodObject<S>>>, sender: Sender) => Handler & { struck(frame: Passing): void },
): Fault<S & { direction: typeof DIRECTION }> {
  return fault({
    about,
    operation: 'frame between the device and its network',
    seam: 'device',
    parameters: { ...parameters, direction: DIRECTION },
    put: (placed) => {
      const sender = new Sender();
      const own = placed as unknown as Placed<z.output<z.ZodObject<S>>>;
      const made = make(own, sender);
      const undo = between(placed as unknown as Placed<{ readonly direction: 'both' | Way }>, {
        frame: (frame) => (placed.strikes(frame.place, frameText(frame)) ? made.struck(frame) : made.frame(frame)),
        ...(made.round === undefined ? {} : { round: (place) => made.round!(place) }),
        ...(made.end === undefined ? {} : { end: () => made.end!() }),
      });
      return () => {
        undo();
        sender.release();
      };
    },
  });
}

function pass(frame: Passing): void {
  frame.pass();
}

function bytesOf({ address, bytes }: Passing): Uint8Array {
  return asHost(() => readBytes(address, bytes));
}

/** Waiting frames, each with the function that hands it on. */
class Held {
  private frames: {
    readonly place: FaultyDevice;
    readonly sink: FrameSink;
    readonly frame: Uint8Array;
    dueMs: number;
  }[] = [];

  constructor(
    private readonly placed: Placed<unknown>,
    private readonly sender: Sender,
  ) {}

  hold(passing: Passing, delayMs: number): void {
    const { place, sink } = passing;
    this.frames.push({ place, sink, frame: bytesOf(passing), dueMs: this.placed.site.nowMs() + delayMs });
  }

  /** Holds a frame behind those that are held already. Returns false if there are none. */
  queue(passing: Passing): boolean {
    const last = this.frames.findLast(({ place, sink }) => place === passing.place && sink === passing.sink);
    if (last === undefined) return false;
    this.hold(passing, last.dueMs - this.placed.site.nowMs());
    return true;
  }

  /** Hands on what is due, or everything. */
  give(all = false): void {
    const nowMs = this.placed.site.nowMs();
    const due = this.frames.filter(({ dueMs }) => all || dueMs <= nowMs);
    this.frames = this.frames.filter((one) => !due.includes(one));
    for (const { place, sink, frame } of due)
      if (place.device.function.present) this.sender.send(sink, frame);
      else this.placed.lost(place, 1);
  }
}

export const NETWORK = {
  'network.loss': framed('frames are lost', {}, (placed) => ({
    frame: pass,
    struck: ({ place }) => placed.lost(place, 1),
  })),
  'network.duplicate': framed(
    'frames arrive several times',
    { copies: whole(2, 'how often', 2, 100) },
    ({ parameters: { copies } }) => ({
      frame: pass,
      struck: (frame) => {
        for (let copy = 0; copy < copies; copy++) frame.pass();
      },
    }),
  ),
  'network.reorder': framed(
    'a frame is overtaken by those behind it',
    { holdMs: durationMs(2, 'how long it is held') },
    (placed, sender) => {
      const held = new Held(placed, sender);
      return {
        frame: pass,
        struck: (frame) => held.hold(frame, placed.parameters.holdMs),
        round: () => held.give(),
        end: () => held.give(true),
      };
    },
  ),
  'network.delay': framed(
    'a frame comes late, and those behind it wait for it',
    { delayMs: durationMs(5, 'how late') },
    (placed, sender) => {
      const held = new Held(placed, sender);
      return {
        frame: (frame) => {
          if (!held.queue(frame)) frame.pass();
        },
        struck: (frame) => held.hold(frame, placed.parameters.delayMs),
        round: () => held.give(),
        end: () => held.give(true),
      };
    },
  ),
  'network.corrupt': framed(
    'a bit of a frame changes behind its addresses',
    { bits: whole(1, 'number of bits', 1, 1_000) },
    (placed, sender) => ({
      frame: pass,
      struck: (frame) => {
        const bytes = bytesOf(frame);
        const first = Math.min(12, bytes.length - 1);
        for (let bit = 0; bit < placed.parameters.bits; bit++)
          bytes[placed.random.between(first, bytes.length - 1)]! ^= 1 << placed.random.below(8);
        sender.send(frame.sink, bytes);
      },
    }),
  ),
  'network.truncate': framed(
    'a frame loses its end',
    { bytes: whole(13, 'bytes that are left', 0, MAX_PACKET_BYTES) },
    (placed, sender) => ({
      frame: pass,
      struck: (frame) => sender.send(frame.sink, bytesOf(frame).subarray(0, placed.parameters.bytes)),
    }),
  ),
  'network.outage': framed('no frame passes for a time', { forMs: durationMs(20, 'how long') }, (placed) => {
    let untilMs = -1;
    return {
      frame: (frame) => (placed.site.nowMs() < untilMs ? placed.lost(frame.place, 1) : frame.pass()),
      struck: ({ place }) => {
        untilMs = placed.site.nowMs() + placed.parameters.forMs;
        placed.lost(place, 1);
      },
    };
  }),
  'network.rate': framed(
    'from now on the link passes at most framesPerMs frames a millisecond, and loses the others',
    { framesPerMs: whole(4, 'number of frames', 0, 1_000_000), forMs: durationMs(100, 'how long') },
    (placed) => {
      const { framesPerMs, forMs } = placed.parameters;
      let untilMs = -1;
      let [slotMs, used] = [-1, 0];
      const meter = (frame: Passing): void => {
        const nowMs = placed.site.nowMs();
        if (nowMs >= untilMs) return frame.pass();
        if (nowMs - slotMs >= 1) [slotMs, used] = [nowMs, 0];
        if (used++ < framesPerMs) frame.pass();
        else placed.lost(frame.place, 1);
      };
      return {
        frame: meter,
        struck: (frame) => {
          untilMs = placed.site.nowMs() + forMs;
          meter(frame);
        },
      };
    },
  ),
} as const;
