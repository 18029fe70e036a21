import { expect } from 'chai';
import { runScenario } from '../../../../testbench/run/runScenario';
import { scenario } from '../../../../testbench/run/scenario';
import type { InlineBench } from '../../../../testbench/inline/bench';

const ORDER = { seed: 4, settings: new Map<string, string>(), record: false };
const NICS = ['net-id=lan,vif-model=avp'];

function some(body: (bench: InlineBench) => Promise<void>): ReturnType<typeof scenario> {
  return scenario({ name: 'some', about: 'for tests' }, body);
}

describe('scenario bench', () => {
  it('fails if an expectation fails, reports what was found, and goes on', async () => {
    const { result, details } = await runScenario(
      some(async (bench) => {
        bench.expect('one', 1, 2);
        bench.expect('two', true);
      }),
      ORDER,
    );
    expect(result.verdict).to.equal('fail');
    expect(result.expectations.slice(0, 2)).to.deep.equal([
      { what: 'one', ok: false },
      { what: 'two', ok: true },
    ]);
    expect(details).to.deep.equal(['one: expected 2, actual 1']);
  });

  it('prints values that JSON cannot hold, and goes on', async () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const { result, details } = await runScenario(
      some(async (bench) => {
        bench.expect('a bigint', 1n, 2n);
        bench.expect('a bigint deep inside', { a: [1n] }, {});
        bench.expect('a circle', circular, null);
        bench.expect('nothing', undefined, { a: undefined });
        bench.expect('a map', new Map([['k', new Set([1])]]), () => 1);
        bench.expect('bytes', new Uint8Array([1, 2]), [1, 2]);
        bench.expect('a long one', 'x', new Uint8Array(10_000).fill(255));
        bench.expect('this one holds', true);
      }),
      ORDER,
    );
    expect(result.verdict).to.equal('fail');
    expect(result.expectations.at(-2)).to.deep.equal({ what: 'this one holds', ok: true });
    expect(details.slice(0, -1)).to.deep.equal([
      'a bigint: expected 2n, actual 1n',
      'a bigint deep inside: expected {}, actual { a: [ 1n ] }',
      'a circle: expected null, actual <ref *1> { self: [Circular *1] }',
      'nothing: expected { a: undefined }, actual undefined',
      "a map: expected [Function (anonymous)], actual Map(1) { 'k' => Set(1) { 1 } }",
      'bytes: expected [1,2], actual Uint8Array(2) [ 1, 2 ]',
    ]);
    expect(details.at(-1)).to.have.length.below(1_100).and.include('more items');
  });

  it('ends with error if the script throws', async () => {
    const { result, details } = await runScenario(
      some(async () => Promise.reject(new Error('broken script'))),
      ORDER,
    );
    expect(result.verdict).to.equal('error');
    expect(details.join()).to.include('broken script');
  });

  it('accounts for lost frames by cause', async () => {
    const { result } = await runScenario(
      some(async (bench) => {
        const node = bench.computeNode();
        const [first, second] = ['one', 'two'].map((name) => node.boot(name, NICS));
        second!.port('lan').driver.stop();
        const talk = await bench.oneWay(first!.port('lan'), second!.port('lan'), { frames: 50 });
        bench.expect('nothing arrives', talk.delivered, 0);
        bench.expect('all of it is missed', talk.wrong, 50);
      }),
      ORDER,
    );
    expect(result.verdict).to.equal('pass');
    expect(result.ports.find(({ name }) => name === 'two/lan rx')).to.deep.equal({
      name: 'two/lan rx',
      offered: 50,
      delivered: 0,
      dropped: { 'host linkDown': 50 },
    });
  });

  it('checks jumbo and tagged frames byte for byte, both ways', async () => {
    const { result } = await runScenario(
      some(async (bench) => {
        const node = bench.computeNode();
        const settings = { mtu: 9_000, rxQueues: 2, vlanStrip: true, vlanInsert: true };
        const [first, second] = ['one', 'two'].map((name) => node.boot(name, NICS, settings).port('lan'));
        const frameBytes = { min: 64, max: 9_018 };
        const talk = await bench.requestResponse(first!, second!, { frames: 100, frameBytes, vlanTci: 0x2064 });
        bench.expect('all', talk, { sent: 100, delivered: 100, answered: 100, wrong: 0 });
      }),
      ORDER,
    );
    expect(result.expectations).to.deep.include({ what: 'all', ok: true });
  });
});
