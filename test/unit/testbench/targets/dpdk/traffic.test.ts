import { expect } from 'chai';
import type { DumpedPacket } from '../../../../../testbench/peers/dpdk/parsePackets';
import { QueueTraffic } from '../../../../../testbench/targets/dpdk/traffic';
import { faultOfGenerated, generatedFrame } from '../../../../../testbench/targets/generatedFrame';

const MAC = Uint8Array.of(0x52, 0x54, 0, 0, 0, 1);

function shown(length: number, vlanTci: number | null = null): DumpedPacket {
  const addresses = { source: '52:54:00:aa:bb:cc', destination: '52:54:00:00:00:01' };
  return {
    port: 0,
    queue: 0,
    direction: 'received',
    ...addresses,
    etherType: 0x88b5,
    length,
    segments: 1,
    vlanTci,
    flags: [],
  };
}

function tagsOf({ waiting }: QueueTraffic): (readonly [number, number | null | undefined])[] {
  return waiting.map((echo) => [echo.length, echo.shown?.vlanTci] as const);
}

describe('frames through a testpmd that sends them back', () => {
  it('are matched to their dumps, even between frames of the same length that testpmd was to send', () => {
    const queue = new QueueTraffic();
    for (const [index, purpose] of (['send', 'receive', 'send', 'receive'] as const).entries())
      queue.take(new Uint8Array(60 + (index >> 1)), purpose);
    queue.match([shown(60, 1), shown(60, 2), shown(61, 3), shown(61, 4)], 'receive');
    expect(tagsOf(queue)).to.deep.equal([
      [60, 2],
      [61, 4],
    ]);
  });

  it('count as received in order if they were dumped but never came back', () => {
    const queue = new QueueTraffic();
    queue.take(new Uint8Array(60), 'receive');
    queue.match([shown(99), shown(60), shown(13)], 'receive');
    expect(queue.waiting.map(({ bytes, length }) => [bytes?.length ?? null, length])).to.deep.equal([
      [null, 99],
      [60, 60],
      [null, 13],
    ]);
  });

  it('do not count as received if testpmd was to send them and they never came back', () => {
    const queue = new QueueTraffic();
    queue.match([shown(60)], 'send');
    expect(queue.waiting).to.have.length(0);
  });

  it('have no dump if testpmd printed none', () => {
    const queue = new QueueTraffic();
    queue.take(new Uint8Array(60), 'receive');
    queue.match([], 'receive');
    expect(tagsOf(queue)).to.deep.equal([[60, undefined]]);
  });

  it('are counted once, before and after a reset of the statistics', () => {
    const queue = new QueueTraffic();
    for (const bytes of [100, 200]) queue.take(new Uint8Array(bytes), 'receive');
    queue.take(new Uint8Array(74), 'send');
    queue.match([shown(100), shown(200), shown(70)], 'send');
    // The driver has counted 3 packets and 370 bytes: one was for sending, and two are not fetched yet.
    expect(queue.shares()).to.deep.equal({ rx: { packets: 3, bytes: 370 }, tx: { packets: 2, bytes: 300 } });
    queue.reset();
    queue.waiting.shift();
    // The driver counts from 0 again; the application has received one packet of 100 bytes since.
    expect(queue.shares()).to.deep.equal({ rx: { packets: -1, bytes: -100 }, tx: { packets: 0, bytes: 0 } });
  });
});

describe('a frame of the application', () => {
  it('is recognised by its length in three places', () => {
    const frame = generatedFrame(MAC, 94);
    expect(faultOfGenerated(frame, MAC, 94)).to.equal(null);
    expect(faultOfGenerated(frame, MAC, 95)).to.equal('another length in the IPv4 header');
    expect(faultOfGenerated(frame.subarray(0, 60), MAC, 94)).to.equal('another length');
    expect(faultOfGenerated(frame.subarray(0, 16), MAC, 94)).to.equal('another length in the IPv4 header');
    expect(
      faultOfGenerated(
        frame,
        MAC.map((byte) => byte ^ 2),
        94,
      ),
    ).to.match(/sender/);
    frame.fill(0, 38, 42);
    expect(faultOfGenerated(frame, MAC, 94)).to.equal('another length in the UDP header');
    frame.fill(0, 14);
    expect(faultOfGenerated(frame, MAC, 94)).to.match(/^no IPv4 header/);
  });
});
