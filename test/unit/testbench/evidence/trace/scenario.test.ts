import { expect } from 'chai';
import { readCapture } from '../../../../../emulator';
import { loadScenario, scenarioFile } from '../../../../../testbench/run/findScenario';
import { runScenario } from '../../../../../testbench/run/runScenario';
import { chromeTrace, traceText } from '../../../../../testbench/evidence/trace/chromeTrace';
import { recordOfReports } from '../../../../../testbench/evidence/trace/reportTrace';
import { namesIn, readTrace, spansOf, type TraceFile } from './validate';

const SPANS: Readonly<Record<string, string>> = { 'detach-event': 'detach', 'attach-event': 'attach' };

/** The names of the spans of those threads of a process whose name ends with `ending`. */
function spansOn(trace: TraceFile, process: string, ending: string): string[] {
  const threads = namesIn(trace, process).filter((name) => name.endsWith(ending));
  return threads.flatMap((thread) => spansOf(trace, process, thread)).map((span) => span.split(' ')[0]!);
}

describe('timeline and packets of a scenario with migrations', () => {
  it('have every detach and attach, as has the timeline made from the reports alone', async function () {
    this.timeout(120_000);
    const settings = new Map([['migrations', '3']]);
    const { result, trace, pcap } = await runScenario(loadScenario(scenarioFile('migrate-under-load')), {
      seed: 1,
      settings,
      record: true,
      trace: true,
    });
    expect(result.migrations).to.have.length.at.least(3);
    const wanted = result.migrations.flatMap(({ timeline }) => timeline.flatMap(({ step }) => SPANS[step] ?? []));
    expect(wanted).to.have.length.at.least(6);

    const timeline = readTrace(traceText(chromeTrace(trace!, { seed: 1 })));
    expect(spansOn(timeline, 'guest vm', ' migration')).to.deep.equal(wanted);
    expect(namesIn(timeline)).to.include.members([
      'host compute-0',
      'host compute-1',
      'guest vm',
      'guest peer',
      'bench',
    ]);
    expect(namesIn(timeline, 'guest vm')).to.include.members(['lan', 'lan rx 0', 'lan rx 1', 'lan tx 0', 'lan tx 1']);

    const reported = readTrace(traceText(chromeTrace(recordOfReports(result.migrations, 1_000), {})));
    expect(spansOn(reported, 'guest vm', ' migration')).to.deep.equal(wanted);

    const { frames, interfaces } = readCapture(pcap!, 'x.pcapng');
    const marked = frames.filter(({ comments }) => comments.length > 0);
    expect(new Set(marked.map(({ interfaceIndex }) => interfaces[interfaceIndex]!.name))).to.deep.equal(
      new Set(['vm/lan']),
    );
    for (const [index, { to }] of result.migrations.entries()) {
      const after = `migration ${index + 1} of vm: completed, first frame after it, at ${to}`;
      expect(
        marked.filter(({ comments }) => comments.includes(after)),
        after,
      ).to.have.length(1);
    }
  });
});
