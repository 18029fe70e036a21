import { expect } from 'chai';
import { TraceWorld } from '../world';
import { argsOf, eventsOf, namesIn, readTrace, spansOf, type TraceEvent } from './validate';

function named(events: readonly TraceEvent[]): string[] {
  return events.map(({ name }) => name);
}

describe('timeline of a running instance', () => {
  let world: TraceWorld;
  afterEach(() => world.close());

  it('shows requests with their answers, registers, link and hot plug on tracks of host and guest', () => {
    world = new TraceWorld(['red']);
    world.clock.sleepMs(1);
    world.instance.hotUnplug(world.instance.nics[0]!);
    const trace = world.trace();
    expect(namesIn(trace)).to.deep.equal(['host compute-0', 'guest vm']);
    const host = eventsOf(trace, 'host compute-0', 'vm/red');
    expect(named(host)).to.include.members([
      'plugged in slot 0000:00:03.0',
      'link up',
      'link down',
      'unplugged in slot 0000:00:03.0',
    ]);
    const requests = host.flatMap((one) => (one.ph === 'B' ? [[one.name, one.args['answer']]] : []));
    expect(requests).to.deep.equal([
      ['request 3, device config', '0'],
      ['request 2, link up', '0'],
      ['request 4, shut down', '0'],
    ]);
    const guest = eventsOf(trace, 'guest vm', 'red');
    expect(named(guest)).to.include.members([
      'bound by driver avp in slot 0000:00:03.0',
      'interrupt mask = 0xffffffff',
      'link-up',
      'removed by driver avp in slot 0000:00:03.0',
    ]);
    expect(guest.filter(({ ph }) => ph === 'B')).to.have.length(2);
    for (const one of guest) if (one.ph === 'B') expect(one.args).to.deep.equal({ result: 'success' });
  });

  it('has a track for each queue, with bursts, and counters of packets and fill levels', () => {
    world = new TraceWorld(['red', 'red']);
    world.exchange(world.ports[0]!, 6);
    world.clock.sleepMs(3);
    world.exchange(world.ports[0]!, 2);
    world.clock.sleepMs(2);
    const trace = world.trace();
    for (const queue of ['rx 0', 'rx 1', 'tx 0', 'tx 1']) {
      expect(namesIn(trace, 'guest vm')).to.include(`red ${queue}`);
      expect(namesIn(trace, 'host compute-0')).to.include(`vm/red ${queue}`);
    }
    const sent = eventsOf(trace, 'guest vm', 'red tx 0').flatMap((one) =>
      one.ph === 'B' ? [one.args['packets']] : [],
    );
    expect(sent).to.deep.equal([3, 1]);
    const counters = eventsOf(trace, 'host compute-0', 'vm/red tx 0').filter(({ ph }) => ph === 'C');
    expect(new Set(named(counters))).to.deep.equal(new Set(['vm/red tx 0 filled', 'vm/red tx 0 packets']));
    const packets = counters
      .filter(({ name }) => name.endsWith('packets'))
      .map((one) => ('args' in one ? one.args : null));
    expect(packets.at(-1)).to.deep.equal({ packets: 4 });
  });

  it('counts drops by cause', () => {
    world = new TraceWorld(['red', 'red']);
    const [first, second] = world.ports;
    second!.stop();
    world.exchange(first!, 4);
    const drops = eventsOf(world.trace(), 'host compute-0', 'vm/red').filter(
      ({ name }) => name === 'vm/red dropped to guest',
    );
    expect(drops.at(-1)).to.deep.include({ ph: 'C', args: { linkDown: 4 } });
  });

  it('is the same, byte for byte, for the same seed', () => {
    const texts = [1, 2].map(() => {
      world = new TraceWorld();
      world.exchange(world.ports[0]!, 5);
      world.migrate();
      const text = world.text();
      world.close();
      return text;
    });
    expect(texts[0]).to.equal(texts[1]);
    readTrace(texts[0]!);
  });
});

describe('timeline of a migration', () => {
  let world: TraceWorld;
  afterEach(() => world.close());

  it('has a begin and an end for each detach, the move, and each attach, NIC by NIC', () => {
    world = new TraceWorld();
    expect(world.migrate().outcome).to.equal('completed');
    expect(world.migrate({ moveMs: 3 }).outcome).to.equal('completed');
    const trace = world.trace();
    for (const network of ['red', 'blue']) {
      const spans = spansOf(trace, 'guest vm', `${network} migration`);
      expect(spans.map((span) => span.split(' ')[0])).to.deep.equal(['detach', 'attach', 'detach', 'attach']);
      expect(spansOf(trace, 'guest vm', `${network} detached`)).to.have.length(2);
      expect(named(eventsOf(trace, 'guest vm', network))).to.include.members([
        'detached',
        'attached',
        'interrupt raised',
        'migration ack = 1 (detached)',
      ]);
    }
    const whole = spansOf(trace, 'guest vm', 'migration').map((span) => span.replace(/ [\d.]+-[\d.]+$/, ''));
    expect(whole).to.deep.equal([
      'migration 1: compute-0 -> compute-1',
      'moving',
      'migration 2: compute-1 -> compute-0',
      'moving',
    ]);
    expect(namesIn(trace)).to.include.members(['host compute-0', 'host compute-1']);
    const there = eventsOf(trace, 'host compute-1', 'vm/red');
    expect(named(there)).to.include.members([
      'migration status = 2 (attached)',
      'request 3, device config',
      'request 4, shut down',
    ]);
  });

  it('ends the fill level of the old rings at 0', () => {
    world = new TraceWorld(['red']);
    world.exchange(world.ports[0]!, 5);
    world.migrate();
    const left = eventsOf(world.trace(), 'host compute-0', 'vm/red tx 0').filter(
      ({ name }) => name === 'vm/red tx 0 filled',
    );
    expect(left.at(-1)).to.deep.include({ args: { tx: 0, alloc: 0 } });
    expect(left.at(-2)).to.not.deep.include({ args: { tx: 0, alloc: 0 } });
  });

  it('shows a refused detach, and the attach at the source', () => {
    world = new TraceWorld(['red']);
    world.instance.nics[0]!.device!.tamper.planAnswer({ request: 4, result: -5 });
    expect(world.migrate().outcome).to.equal('refused');
    const trace = world.trace();
    expect(argsOf(eventsOf(trace, 'guest vm', 'red migration'), 'detach')).to.include({ result: 'refused' });
    expect(argsOf(eventsOf(trace, 'guest vm', 'migration'))!['ended']).to.match(/^refused: /);
    expect(argsOf(eventsOf(trace, 'guest vm', 'red'), 'migration-failed')).to.include({ phase: 'detach' });
  });

  it('shows a failed attach, the detach at the destination, and the attach at the source', () => {
    world = new TraceWorld(['red']);
    const migration = world.migrate({ destination: { txQueues: { max: 1 } } });
    expect(migration.outcome).to.equal('refused');
    const trace = world.trace();
    const spans = spansOf(trace, 'guest vm', 'red migration').map((span) => span.split(' ')[0]);
    expect(spans).to.deep.equal(['detach', 'attach', 'detach', 'attach']);
    const results = eventsOf(trace, 'guest vm', 'red migration').flatMap((one) =>
      one.ph === 'B' ? [one.args['result']] : [],
    );
    expect(results.slice(0, 2)).to.deep.equal(['acked', 'refused']);
    expect(results.at(-1)).to.equal('acked');
  });

  it('ends the spans of a migration that is still under way', () => {
    world = new TraceWorld(['red']);
    world.nodes[0].migrate(world.instance, world.nodes[1]);
    world.clock.sleepMs(2);
    const trace = world.trace();
    expect(argsOf(eventsOf(trace, 'guest vm', 'red migration'), 'detach')).to.include({ unfinished: true });
  });
});
