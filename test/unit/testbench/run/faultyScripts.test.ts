import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import type { ScenarioRun } from '../../../../testbench/common/order';
import { launchScenario } from '../../../../testbench/run/launch';

const SCRIPT = join(__dirname, 'fixture/faultyScript.ts');

async function runWith(fault: string, realMs?: number): Promise<ScenarioRun & { readonly printed: string }> {
  let printed = '';
  const print = new Writable({
    write: (chunk, _encoding, done) => {
      printed += String(chunk);
      done();
    },
  });
  const limit = realMs === undefined ? {} : { realMs };
  const order = { file: SCRIPT, seed: 1, settings: new Map([['fault', fault]]), record: false, ...limit };
  return { ...(await launchScenario(order, print)), printed };
}

describe('a script that', function () {
  this.timeout(120_000);

  for (const [what, fault, says] of [
    ['expects nothing', 'nothingExpected', /expects nothing, so it shows nothing/],
    [
      'throws in a timer',
      'timerThrows',
      /exception outside the scenario's body: Error: from a timer\n.*faultyScript\.ts/,
    ],
    ['rejects a promise of its own', 'rejectionLost', /nobody handles: Error: from a promise\n.*faultyScript\.ts/],
    ['calls process.exit', 'processExit', /called process\.exit\(0\).*\n.*faultyScript\.ts/],
    ['waits for ever', 'neverResolved', /waits for a promise that nothing can resolve/],
    ['forgets an await', 'notAwaited', /bench\.oneWay was still under way when the body ended.*\n.*faultyScript\.ts/],
    ['forgets the await of a refused operation', 'refusedUnseen', /oneWay was never awaited, and failed: -5 frames/],
    ['never stops a load', 'loadNotStopped', /load one\/lan to two\/lan is never stopped.*\n.*faultyScript\.ts/],
    [
      'exceeds its virtual time',
      'virtualTime',
      /no end after 500 ms of virtual time.*\n +still running: load one\/lan to two\/lan, started at .*faultyScript\.ts:\d+/,
    ],
    [
      'exceeds its real time',
      'realTime',
      /no end after 4 s .*\n +still running: bench\.runFor, called at .*faultyScript\.ts:\d+/,
    ],
  ] as const)
    it(`${what} ends with error, and with its own lines`, async () => {
      // A busy machine takes long for half a second of virtual time: only one of them is to meet its limit of real time.
      const { result, details } = await runWith(fault, fault === 'realTime' ? undefined : 60_000);
      expect(result.verdict).to.equal('error');
      expect(details).to.have.length(1);
      expect(details[0])
        .to.match(says)
        .and.not.match(/supervise|scenarioWorker|benchCalls/);
    });

  it('takes long is ended by the limit of the order', async () => {
    const { details } = await runWith('realTime', 1_000);
    expect(details.join()).to.match(/no end after 1 s .*--timeout/);
  });

  it('expects what JSON cannot hold goes on, and the values are printed', async () => {
    const { result, details } = await runWith('notJson');
    expect(details).to.deep.equal(['a bigint: expected 2n, actual 1n']);
    expect(result.verdict).to.equal('fail');
    expect(result.expectations.slice(0, 2)).to.deep.equal([
      { what: 'a bigint', ok: false },
      { what: 'this one is reached', ok: true },
    ]);
  });

  it('prints is heard to the last line', async () => {
    const { result, printed } = await runWith('prints');
    expect(result.verdict).to.equal('pass');
    expect(printed.match(/^line \d x{10000}$/gm)).to.have.length(10);
  });
});
