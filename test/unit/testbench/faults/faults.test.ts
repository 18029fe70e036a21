import { expect } from 'chai';
import { UsageError } from '../../../../shared/errors';
import { VirtualClock } from '../../../../shared/clock';
import { decorate } from '../../../../testbench/faults/decorate';
import { FAULT_CLASSES } from '../../../../testbench/faults/fault';
import { faultNamed, faultParameters } from '../../../../testbench/faults/faults';
import { faultText, parseFault } from '../../../../testbench/faults/orders';
import { faultTexts } from '../../../../testbench/faults/page';
import { FAULT_NAMES } from '../../../../testbench/faults/registry';
import type { InlineBench } from '../../../../testbench/inline/bench';
import { runScenario } from '../../../../testbench/run/runScenario';
import { scenario } from '../../../../testbench/run/scenario';
import { observe } from './observe';

const ORDER = { seed: 4, settings: new Map<string, string>(), record: false };
const NICS = ['net-id=lan,vif-model=avp'];

async function run(body: (bench: InlineBench) => Promise<void>): Promise<void> {
  const { details } = await runScenario(scenario({ name: 'some', about: 'for tests' }, body), ORDER);
  expect(details).to.deep.equal([]);
}

describe('the registry of faults', () => {
  it('has at least 80 faults, in every class, each with a text', () => {
    const { faults } = faultTexts();
    expect(faults.length).to.be.at.least(80).and.to.equal(FAULT_NAMES.length);
    expect([...new Set(faults.map((one) => one.class))]).to.deep.equal([...FAULT_CLASSES]);
    for (const { name, about, operation, parameters } of faults) {
      expect(about, name).to.match(/^\S.{9,}$/);
      expect(operation, name).to.match(/^\S.{4,}$/);
      for (const one of parameters)
        expect([one.about !== '', one.default !== undefined], `${name} ${one.name}`).to.deep.equal([true, true]);
    }
  });

  it('fills in defaults and reads units', () => {
    expect(faultParameters('ctrl.late-response', {})).to.include({ after: 0, times: 1, percent: 100, delayMs: 600 });
    const given = { after: '3', percent: '5%', delayMs: '2s' };
    expect(faultParameters('ctrl.late-response', given)).to.include({ after: 3, percent: 5, delayMs: 2_000 });
    expect(faultParameters('registers.wrong-write', { value: '0xff' })).to.include({ value: 255 });
  });

  const refused: readonly [text: string, why: string][] = [
    ['ctrl.late-respons', "did you mean 'ctrl.late-response'?"],
    ['rings.stalledhost', "did you mean 'rings.stalled-host'?"],
    ['ctrl.late-response:delay=1', "did you mean 'delayMs'?"],
    ['nothing.like-it-at-all', "there is no fault 'nothing.like-it-at-all': run avp faults for all"],
    ['ctrl.late-response:delayMs=1y', 'expected a time such as 600ms'],
    ['ctrl.late-response:delayMs=-1', 'expected a time of at least 0 ms'],
    ['ctrl.late-response:after=1.5', 'expected a whole number'],
    ['ctrl.late-response:after=', 'expected a whole number'],
    ['ctrl.late-response:percent=101', 'from 0 to 100'],
    ['ctrl.late-response:after=1,after=2', 'given twice'],
    ['ctrl.late-response:after', 'expected NAME=VALUE'],
    ['ctrl.wrong-result:errno=EOOPS', 'expected one of EPERM'],
  ];
  for (const [text, why] of refused)
    it(`refuses ${text}`, () => {
      expect(() => parseFault(text)).to.throw(UsageError, why);
    });

  it('writes an order as it was read', () => {
    const text = 'ctrl.late-response:after=3,delayMs=2s';
    expect(faultText(parseFault(text))).to.equal(text);
    expect(faultNamed('rings.full-tx').fault.seam).to.equal('device');
  });
});

describe('decorate', () => {
  it('runs the last layer first, and takes layers away in any order', () => {
    const calls: string[] = [];
    const one = { name: 'a', greet: (to: string) => `hello ${to}` };
    const { greet } = one;
    const layer = (label: string) =>
      decorate(one, 'greet', (_self, next, to) => {
        calls.push(label);
        return next(`${label} ${to}`);
      });
    const [first, second] = [layer('first'), layer('second')];
    expect(one.greet('x')).to.equal('hello first second x');
    first();
    expect(one.greet('x')).to.equal('hello second x');
    first();
    second();
    expect(one.greet).to.equal(greet);
    expect(calls).to.deep.equal(['second', 'first', 'second']);
  });

  it('leaves an object with a method of its prototype as it was', () => {
    const clock = new VirtualClock();
    const undo = decorate(clock, 'nowMs', (_self, next) => next() + 5);
    expect(clock.nowMs()).to.equal(5);
    undo();
    expect(Object.hasOwn(clock, 'nowMs')).to.equal(false);
    expect(clock.nowMs()).to.equal(0);
  });
});

describe('faults of a bench', function () {
  this.timeout(30_000);

  it('strike after some operations, so many times, and no more once they are removed', async () => {
    await run(async (bench) => {
      const put = bench.faults.add('ctrl.doubled-response', { after: 1, times: 2 });
      const vm = bench.computeNode().boot('vm', NICS);
      bench.expect('of two requests, the second', [put.seen, put.fired], [2, 1]);
      vm.ports[0]!.driver.stop();
      vm.ports[0]!.driver.start();
      bench.expect('and the third', [put.seen, put.fired], [4, 2]);
      const other = bench.faults.add('ctrl.doubled-response', { times: 0 });
      other.remove();
      vm.ports[0]!.driver.stop();
      vm.ports[0]!.driver.start();
      bench.expect('none after that', [other.fired, bench.faults.all.length], [0, 1]);
    });
  });

  it('strike one NIC of several', async () => {
    await run(async (bench) => {
      const put = bench.faults.add('ctrl.no-response', { nic: 'b.nic0', times: 0, after: 99 });
      bench.computeNode().boot('a', NICS);
      bench.expect('not the first', put.seen, 0);
    });
  });

  it('come with a device that was there before them', async () => {
    await run(async (bench) => {
      const vm = bench.computeNode().boot('vm', NICS);
      const put = bench.faults.add('ctrl.wrong-result', { errno: 'EBUSY' });
      let why = '';
      try {
        vm.ports[0]!.driver.stop();
      } catch (error) {
        why = String(error);
      }
      bench.expect('the host refuses', [put.fired, why.includes('EBUSY')], [1, true]);
    });
  });

  it('add up: a request is both late and refused', async () => {
    const both = await observe([
      { name: 'ctrl.wrong-result', parameters: { nic: 'vm.nic0', after: 2, errno: 'EBUSY' } },
      { name: 'ctrl.late-response', parameters: { nic: 'vm.nic0', after: 2, delayMs: 77 } },
    ]);
    expect(both.migration?.outcome).to.equal('refused');
    expect(both.answerMs).to.include(77);
    expect(both.faults.map(({ fired }) => fired)).to.deep.equal([1, 1]);
  });

  it('draw by the seed: the same run strikes the same operations', async () => {
    const order = [{ name: 'network.loss', parameters: { percent: 20, times: 0 } }];
    const [one, other] = [await observe(order), await observe(order)];
    expect(one.faults[0]!.fired).to.be.within(20, 200);
    expect(one.totals).to.deep.equal(other.totals);
    expect(one.details).to.deep.equal([]);
  });

  it('are refused where the mode lacks what they need', async () => {
    const faults = [{ name: 'processes.kill-guest', parameters: {} }];
    const some = scenario({ name: 'some', about: 'for tests', modes: ['inline', 'threads'] }, async (bench) => {
      bench.expect('nothing', true);
    });
    const refusal = async (name: string, mode: 'inline' | 'threads'): Promise<string> =>
      runScenario(some, { ...ORDER, mode, faults: [{ ...faults[0]!, name }] }).then(
        () => '',
        (error: unknown) => String(error),
      );
    expect(await refusal('processes.kill-guest', 'inline')).to.include('no processes of their own');
    expect(await refusal('registers.all-ones', 'threads')).to.include('threads of their own');
    expect(await refusal('time.drift', 'threads')).to.include('real one');
  });

  it('are put in mode threads too', async () => {
    const some = scenario({ name: 'some', about: 'for tests', modes: ['inline', 'threads'] }, async (bench) => {
      const put = bench.faults.add('ctrl.doubled-response');
      bench.computeNode().boot('vm', NICS);
      bench.expect('it has struck', put.fired, 1);
    });
    const { result, details } = await runScenario(some, { ...ORDER, mode: 'threads' });
    expect(details).to.deep.equal([]);
    expect(result.faults).to.have.length(1);
  });
});
