import { expect } from 'chai';
import fc from 'fast-check';
import { chromeTrace, traceText } from '../../../../../testbench/evidence/trace/chromeTrace';
import type { TraceRecord } from '../../../../../testbench/evidence/trace/traceRecord';
import { TraceLog } from '../../../../../testbench/evidence/trace/traceLog';
import { eventsOf, namesIn, readTrace, spansOf, type TraceFile } from './validate';

const HOST = { process: 'host a', thread: 'vm/lan' };
const GUEST = { process: 'guest vm', thread: 'lan' };

function traceOf(record: TraceRecord): TraceFile {
  return readTrace(traceText(chromeTrace(record, { tool: '1', seed: 7 })));
}

/** A log, and a function that sets its clock. */
function makeLog(limits?: ConstructorParameters<typeof TraceLog>[1]): { log: TraceLog; at: (us: number) => void } {
  let nowUs = 0;
  return { log: new TraceLog(() => nowUs * 1_000, limits), at: (us) => (nowUs = us) };
}

describe('trace file', () => {
  it('has a named process for each party and a named thread for each track, in natural order', () => {
    const { log } = makeLog();
    for (const thread of ['vm/lan rx 10', 'vm/lan rx 9', 'vm/lan']) log.instant({ ...HOST, thread }, 'something');
    log.instant(GUEST, 'something else', { why: 'because' });
    const trace = traceOf(log.record());
    expect(trace.metadata).to.deep.equal({ tool: '1', seed: 7 });
    expect(namesIn(trace)).to.deep.equal(['host a', 'guest vm']);
    expect(namesIn(trace, 'host a')).to.deep.equal(['vm/lan', 'vm/lan rx 9', 'vm/lan rx 10']);
    expect(eventsOf(trace, 'guest vm', 'lan')).to.deep.equal([
      { ph: 'i', pid: 2, tid: 4, ts: 0, name: 'something else', s: 't', args: { why: 'because' } },
    ]);
  });

  it('ends each span at its end, with the arguments of its begin and its end', () => {
    const { log, at } = makeLog();
    const outer = log.begin(GUEST, 'outer', { one: 1 });
    at(2);
    const inner = log.begin(GUEST, 'inner');
    at(5);
    inner.end();
    outer.end({ two: 2 });
    outer.end({ three: 3 });
    const trace = traceOf(log.record());
    expect(spansOf(trace, 'guest vm', 'lan')).to.deep.equal(['outer 0-0.005', 'inner 0.002-0.005']);
    expect(eventsOf(trace, 'guest vm', 'lan')[0]).to.deep.include({ ph: 'B', args: { one: 1, two: 2 } });
  });

  it('ends unfinished spans with the trace, and marks them', () => {
    const { log, at } = makeLog();
    log.begin(GUEST, 'endless');
    at(9);
    const trace = traceOf(log.record());
    expect(spansOf(trace, 'guest vm', 'lan')).to.deep.equal(['endless 0-0.009']);
    expect(eventsOf(trace, 'guest vm', 'lan')[0]).to.deep.include({ args: { unfinished: true } });
  });

  it('shows overlapping spans side by side', () => {
    const { log } = makeLog();
    log.span(GUEST, 'first', 0, 10);
    log.span(GUEST, 'second', 5, 15);
    log.span(GUEST, 'third', 12, 13);
    const trace = traceOf(log.record());
    expect(namesIn(trace, 'guest vm')).to.deep.equal(['lan', 'lan (2)']);
    expect(spansOf(trace, 'guest vm', 'lan')).to.deep.equal(['first 0-0.01', 'third 0.012-0.013']);
    expect(spansOf(trace, 'guest vm', 'lan (2)')).to.deep.equal(['second 0.005-0.015']);
  });

  it('writes a sample only if a value has changed', () => {
    const { log, at } = makeLog();
    for (const [time, filled] of [
      [0, 1],
      [1, 1],
      [2, 0],
      [3, 1],
    ] as const) {
      at(time);
      log.sample(HOST, 'ring', { filled });
    }
    const samples = eventsOf(traceOf(log.record()), 'host a', 'vm/lan').map(({ ts, ...one }) => [
      ts,
      'args' in one ? one.args : null,
    ]);
    expect(samples).to.deep.equal([
      [0, { filled: 1 }],
      [2, { filled: 0 }],
      [3, { filled: 1 }],
    ]);
  });

  it('limits samples and instants, keeps every span, and counts what it left out', () => {
    const { log } = makeLog({ samples: 2, instants: 1 });
    for (let i = 0; i < 5; i++) {
      log.sample(HOST, 'ring', { filled: i });
      log.instant(HOST, `event ${i}`);
      log.span(HOST, `span ${i}`, i, i + 1);
    }
    const trace = traceOf(log.record());
    expect(trace.metadata).to.deep.include({ leftOut: 7 });
    expect(spansOf(trace, 'host a', 'vm/lan')).to.have.length(5);
  });

  it('is valid for any spans, and loses none', () => {
    const span = fc.record({ thread: fc.constantFrom('one', 'two'), from: fc.nat(12), for: fc.option(fc.nat(8)) });
    fc.assert(
      fc.property(fc.array(span, { maxLength: 30 }), (spans) => {
        const { log, at } = makeLog();
        at(10);
        spans.forEach((one, index) =>
          log.span(
            { process: 'p', thread: one.thread },
            `${index}`,
            one.from,
            one.for === null ? null : one.from + one.for,
          ),
        );
        const trace = traceOf(log.record());
        const shown = namesIn(trace, 'p').flatMap((thread) => spansOf(trace, 'p', thread));
        const latest = Math.max(10, ...spans.map(({ from }) => from));
        const wanted = spans.map(
          (one, index) => `${index} ${one.from / 1_000}-${(one.for === null ? latest : one.from + one.for) / 1_000}`,
        );
        expect(shown).to.have.members(wanted);
      }),
    );
  });
});

describe('validator of trace files', () => {
  const named = [
    { ph: 'M', pid: 1, tid: 0, ts: 0, name: 'process_name', args: { name: 'p' } },
    { ph: 'M', pid: 1, tid: 1, ts: 0, name: 'thread_name', args: { name: 't' } },
  ];
  const begin = { ph: 'B', pid: 1, tid: 1, ts: 1, name: 'x', args: {} };
  const end = { ph: 'E', pid: 1, tid: 1, ts: 2, name: 'x' };

  function read(...traceEvents: readonly object[]): () => TraceFile {
    return () => readTrace(JSON.stringify({ displayTimeUnit: 'ms', metadata: {}, traceEvents }));
  }

  it('accepts valid files and rejects invalid ones', () => {
    expect(read(...named, begin, end)).not.to.throw();
    expect(read(...named, begin)).to.throw(/without its end/);
    expect(read(...named, end)).to.throw(/not of the newest begin/);
    expect(read(...named, begin, { ...end, name: 'y' })).to.throw(/not of the newest begin/);
    expect(read(...named, begin, { ...end, ts: 0 })).to.throw(/out of order/);
    expect(read(begin, end)).to.throw(/has no name/);
    expect(read(...named, ...named)).to.throw(/named twice/);
    for (const wrong of [
      { ph: 'Q' },
      { ts: 'now' },
      { pid: 1.5 },
      { tid: -1 },
      { name: '' },
      { args: [1] },
      { dur: 5 },
    ])
      expect(read(...named, { ...begin, ...wrong }, end), JSON.stringify(wrong)).to.throw();
  });
});
