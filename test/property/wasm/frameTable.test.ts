import { expect } from 'chai';
import fc from 'fast-check';
import { actAs } from '#mem';
import { deliverEach } from '../../../emulator/device/frameTable';
import { HOST_FRAME_BYTES, storeHostFrameAddress, storeHostFrameLength } from '../../../emulator/device/loops/records';
import { deliverFrames } from '../../../emulator/device/loops/toGuestTable';
import { deliverFrame } from '../../../emulator/device/loops/toGuest';
import { allocate } from '../../../shared/arena';
import { FIFO_READ } from '../../../shared/loops/layout';
import { store32, writeBytes } from '../../../shared/mem/plain';
import { ACTOR_DRIVER, ACTOR_HOST, HOST_ONLY } from '../../../shared/loops/rights';
import { Builds } from './builds';
import { FRAME_BYTES, hostOptions, HostWorld, SLOTS } from './hostWorld';

/** More frames than a ring holds, so that some find it full. */
const MAX_FRAMES = 2 * SLOTS;
const MAX_FRAME_BYTES = 120;

const frames = fc.array(
  fc.record({
    from: fc.nat({ max: FRAME_BYTES - MAX_FRAME_BYTES }),
    bytes: fc.nat({ max: MAX_FRAME_BYTES }),
    tagged: fc.boolean(),
  }),
  { maxLength: MAX_FRAMES, size: 'max' },
);

describe('a table of frames', () => {
  beforeEach(() => void actAs(ACTOR_HOST));
  afterEach(() => void actAs(ACTOR_DRIVER));

  it('is delivered exactly as its frames are one by one, whatever index the guest writes', () => {
    const ways = new Builds(
      {
        deliver: (port: number, table: number, count: number) =>
          deliverEach({ deliver: (...frame) => deliverFrame(port, ...frame) }, table, count),
      },
      { deliver: deliverFrames },
    );
    let delivered = 0;
    fc.assert(
      fc.property(hostOptions, frames, fc.constantFrom(null, 1, SLOTS - 1, SLOTS), (options, wanted, index) => {
        const { device, frame } = new HostWorld(options);
        const table = allocate(MAX_FRAMES * HOST_FRAME_BYTES, { rights: HOST_ONLY, label: 'table' });
        writeBytes(
          frame,
          Uint8Array.from({ length: FRAME_BYTES }, (_unused, index) => index),
        );
        wanted.forEach(({ from, bytes, tagged }, place) => {
          if (tagged) writeBytes(frame + from + 12, Uint8Array.of(0x81, 0));
          storeHostFrameAddress(table + place * HOST_FRAME_BYTES, frame + from);
          storeHostFrameLength(table + place * HOST_FRAME_BYTES, bytes);
        });
        if (index !== null) store32(device.inspect.host.fifoAddress('rx', 0) + FIFO_READ, index);
        ways.call('deliver', device.inspect.host.port, table, wanted.length);
        delivered += device.inspect.stats().toGuest.waiting;
      }),
      { numRuns: 500 },
    );
    expect(delivered).to.be.greaterThan(100);
  });
});
