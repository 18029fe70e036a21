import { expect } from 'chai';
import { extents, resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { UsageError } from '../../../../shared/errors';
import { withoutVlanTag } from '../../../../shared/ethernet';
import { probeFlow, probeFrame, type ProbeFlow } from '../../../../testbench/traffic/probeFrame';
import { VirtualSwitch } from '../../../../emulator/network/switch';
import { TrafficGenerator } from '../../../../testbench/traffic/trafficGenerator';
import { OracleSink, TrafficOracle } from '../../../../testbench/traffic/trafficOracle';
import { frame, mac, Station } from '../../emulator/network/endpoints';

const flowOf = (id: number, more: Partial<ProbeFlow> = {}): ProbeFlow =>
  probeFlow({ id, seed: 5, sourceMac: mac(1), destinationMac: mac(2), ...more });

describe('traffic oracle', () => {
  let oracle: TrafficOracle;
  const flow = flowOf(1, { vlanTci: 12, frameBytes: { min: 54, max: 300 } });
  const arrive = (...sequences: number[]): string[] =>
    sequences.map((sequence) => oracle.judge(probeFrame(flow, sequence)));

  beforeEach(() => {
    oracle = new TrafficOracle();
    oracle.addFlows([flow]);
    for (let sent = 0; sent < 10; sent++) expect(oracle.nextSequence(1)).to.equal(sent);
  });

  it('distinguishes delivered, reordered and duplicated frames, and counts missing ones', () => {
    expect(arrive(0, 1, 3, 2, 2, 4, 0)).to.deep.equal([
      'delivered',
      'delivered',
      'delivered',
      'reordered',
      'duplicated',
      'delivered',
      'duplicated',
    ]);
    const expected = { sent: 10, delivered: 4, reordered: 1, duplicated: 2, corrupted: 0, unexpected: 0, missing: 5 };
    expect(oracle.report()).to.deep.equal({ ...expected, foreign: 0, flows: [{ flow: 1, ...expected }] });
  });

  it('finds damage anywhere in the frame, including the Ethernet header and the tag', () => {
    const whole = probeFrame(flow, 0);
    const verdicts = new Set<string>();
    for (let at = 0; at < whole.length; at++) {
      const damaged = whole.slice();
      damaged[at]! ^= 1;
      verdicts.add(oracle.judge(damaged));
    }
    expect([...verdicts].sort()).to.deep.equal(['corrupted', 'foreign']);
    expect(oracle.judge(withoutVlanTag(whole)), 'lost its tag').to.equal('corrupted');
    expect(oracle.judge(Buffer.concat([whole, Buffer.alloc(4)])), 'padded').to.equal('corrupted');
    expect(oracle.report()).to.deep.include({ delivered: 0, missing: 10 });
    expect(arrive(0)).to.deep.equal(['delivered']);
  });

  it('recognises frames that were never sent, and frames that are not its own', () => {
    expect(arrive(10)).to.deep.equal(['unexpected']);
    expect(oracle.judge(probeFrame(flowOf(2), 0))).to.equal('foreign');
    expect(oracle.judge(frame(mac(2), mac(1)))).to.equal('foreign');
    expect(oracle.report()).to.deep.include({ unexpected: 1, foreign: 2, missing: 10 });
  });

  it('refuses a flow id that is taken, and then adds no flow', () => {
    expect(() => oracle.addFlows([flowOf(3), flowOf(1)])).to.throw(UsageError, 'flow 1 is there already');
    expect(() => oracle.addFlows([flowOf(4), flowOf(4)])).to.throw(UsageError, 'flow 4');
    expect(() => oracle.nextSequence(3)).to.throw(UsageError, 'flow 3 is unknown');
  });
});

describe('traffic generator', () => {
  beforeEach(() => resetArena());

  interface Built {
    readonly generator: TrafficGenerator;
    readonly oracle: TrafficOracle;
  }
  const build = (seed: number, flows: ProbeFlow[], framesPerFlow = 50): Built => {
    const oracle = new TrafficOracle();
    const options = { name: 'generator', seed, flows, framesPerFlow, framesPerStep: 8, oracle };
    return { oracle, generator: new TrafficGenerator(options) };
  };

  it('sends all frames of all flows through a switch, and the oracle recognises each', () => {
    const clock = new VirtualClock();
    const network = new VirtualSwitch({ clock }).network('a');
    const flows = [flowOf(1), flowOf(2, { vlanTci: 4 }), flowOf(3, { frameBytes: { min: 54, max: 9_022 } })];
    const { generator, oracle } = build(3, flows);
    const sink = new OracleSink('sink', oracle, mac(2));
    const neighbour = new OracleSink('neighbour', oracle, mac(3));
    network.connect(generator);
    network.connect(sink);
    network.connect(neighbour);
    let steps = 0;
    for (; !generator.done; steps++) generator.step();
    expect(steps).to.equal(Math.ceil(150 / 8));
    const faults = { missing: 0, corrupted: 0, duplicated: 0, reordered: 0, unexpected: 0, foreign: 0 };
    expect(oracle.report()).to.deep.include({ sent: 150, delivered: 150, ...faults });
    expect(neighbour.notMine).to.equal(150);
  });

  it('mixes flows in an order that follows from the seed', () => {
    const order = (seed: number): string => {
      resetArena();
      const network = new VirtualSwitch({ clock: new VirtualClock() }).network('a');
      const station = new Station('station');
      const { generator } = build(seed, [flowOf(1), flowOf(2)], 20);
      network.connect(generator);
      network.connect(station);
      while (!generator.done) generator.step();
      return station.received.map((received) => received[45]).join('');
    };
    expect(order(1)).to.equal(order(1));
    expect(order(1)).to.not.equal(order(2));
    expect(order(1)).to.match(/^[12]{40}$/);
  });

  it('sends nothing while it is not connected or after it was destroyed', () => {
    const { generator, oracle } = build(1, [flowOf(1)]);
    generator.step();
    expect(oracle.report().sent).to.equal(0);
    expect(extents()).to.have.length(1);
    generator.destroy();
    expect(extents()).to.deep.equal([]);
    expect(generator.done).to.equal(true);
  });

  it('refuses bad counts and flows, and leaves nothing behind', () => {
    for (const framesPerFlow of [0, -1, 2.5])
      expect(() => build(1, [flowOf(1)], framesPerFlow)).to.throw(UsageError, 'framesPerFlow');
    expect(() => build(1, [flowOf(1), flowOf(1)])).to.throw(UsageError, 'flow 1');
    expect(extents()).to.deep.equal([]);
    expect(build(1, [flowOf(1)], Infinity).generator.done).to.equal(false);
  });
});
