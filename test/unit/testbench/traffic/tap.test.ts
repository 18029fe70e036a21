import { readBytes } from '#mem';
import { expect } from 'chai';
import { resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { UsageError } from '../../../../shared/errors';
import { readCapture } from '../../../../emulator/capture';
import { Recorder } from '../../../../testbench/traffic/recorder';
import type { Network } from '../../../../emulator/network/network';
import { VirtualSwitch } from '../../../../emulator/network/switch';
import { Tap, type TapDirection, type TapListener } from '../../../../testbench/traffic/tap';
import { BROADCAST, frame, mac, Station } from '../../emulator/network/endpoints';

describe('tap and recorder', () => {
  let clock: VirtualClock;
  let network: Network;
  let one: Station;
  let two: Station;

  beforeEach(() => {
    resetArena();
    clock = new VirtualClock();
    network = new VirtualSwitch({ clock }).network('a');
    one = new Station('one');
    two = new Station('two');
  });

  const crossing: [TapDirection, Uint8Array][] = [];
  const listener: TapListener = {
    onFrame: (direction, address, bytes) => {
      crossing.push([direction, readBytes(address, bytes)]);
      return false;
    },
  };
  const there = frame(BROADCAST, mac(1), 1);
  const back = frame(mac(1), mac(2), 2);

  it('report both directions and change nothing', () => {
    crossing.length = 0;
    network.connect(new Tap(one, listener));
    network.connect(two);
    const place = one.send(there);
    two.send(back);
    expect(crossing).to.deep.equal([
      ['fromEndpoint', there],
      ['toEndpoint', back],
    ]);
    expect(two.received).to.deep.equal([there]);
    expect(two.addresses).to.deep.equal([place]);
    expect(one.received).to.deep.equal([back]);
  });

  it('connect and disconnect the endpoint behind them', () => {
    const port = network.connect(new Tap(one, listener));
    expect(one.uplink).to.not.equal(null);
    port.disconnect();
    expect(one.uplink).to.equal(null);
  });

  it('can be inserted and removed at a live port, which keeps its counters and addresses', () => {
    crossing.length = 0;
    const ports = [network.connect(one), network.connect(two)];
    one.send(there);
    const tap = Tap.insert(ports[0]!, listener)!;
    two.send(back);
    tap.remove();
    two.send(back);
    one.send(there);
    expect(crossing).to.have.length(1);
    expect(ports[0]!.stats()).to.include({ in: 2, out: 2 });
    expect(ports[1]!.stats()).to.include({ forwarded: 2 });
    expect(ports[0]!.endpoint).to.equal(one);
    ports[0]!.disconnect();
    expect(Tap.insert(ports[0]!, listener)).to.equal(null);
  });

  it('passes on only the frames that its listener does not keep', () => {
    const keeps = (direction: TapDirection, bytes: number): boolean => direction === 'fromEndpoint' && bytes === 60;
    network.connect(new Tap(one, { onFrame: (direction, _address, bytes) => keeps(direction, bytes) }));
    network.connect(two);
    one.send(there);
    one.send(frame(BROADCAST, mac(1), 1, 61));
    two.send(back);
    expect(two.received.map(({ length }) => length)).to.deep.equal([61]);
    expect(one.received).to.deep.equal([back]);
  });

  it('record several ports as named interfaces of one file', () => {
    const ports = [network.connect(one), network.connect(two)];
    const recorder = new Recorder({ clock, epochNs: 5n });
    recorder.record(ports[0]!, 'near');
    recorder.record(ports[1]!, 'far', 'toEndpoint');
    one.send(there);
    clock.sleepMs(1);
    two.send(back);
    recorder.stop();
    one.send(there);
    const { interfaces, frames } = readCapture(recorder.toBytes(), 'recorded');
    expect(interfaces.map(({ name }) => name)).to.deep.equal(['near', 'far']);
    const read = frames.map(({ interfaceIndex, timeNs, bytes }) => [interfaceIndex, timeNs, Uint8Array.from(bytes)]);
    expect(read).to.deep.equal([
      [0, 5n, there],
      [1, 5n, there],
      [0, 1_000_005n, back],
    ]);
    expect(ports.map((port) => port.endpoint)).to.deep.equal([one, two]);
  });

  it('can record one port several times, and be removed again', () => {
    const port = network.connect(one);
    network.connect(two);
    const recorder = new Recorder({ clock, maxFrames: 1 });
    recorder.record(port, 'first');
    recorder.record(port, 'second');
    one.send(there);
    expect([recorder.recorded, recorder.missed]).to.deep.equal([1, 1]);
    recorder.stop();
    expect(port.endpoint).to.equal(one);
    expect(one.uplink).to.equal(port);
    port.disconnect();
    expect(() => recorder.record(port, 'gone')).to.throw(UsageError, "interface 'gone'");
  });
});
