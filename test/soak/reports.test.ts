import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Random } from '../../shared/random';
import { packageRoot } from '../../testbench/runtime/package';
import { testSeed } from '../runner/seed';
import { AvpProcess, type AvpEnd } from '../support/avpProcess';
import { TemporaryFolder } from '../support/temporaryFolder';
import { FORMER, isFormer, reportState, type ReportState } from './reportFiles';
import { type SmallDisk, smallDisk } from './smallDisk';

const MOMENTS = 50;
/** The compiled command, which takes a second less to start: `make soak` builds it. */
const AVP = [process.execPath, join(packageRoot(), 'dist/cli/avp.js')];
const ON_DEMAND = join(packageRoot(), 'test/unit/testbench/evidence/bundle/fixture/onDemand.ts');
/** Recordings that `serve` starts and writes in a row, so that many moments fall into the writing of one. */
const RECORDINGS = 200;
/** The room that a full disk still has: none, or enough for some of the reports. */
const MAX_LEFT_BYTES = 0x4_0000;

/** A command under test. */
interface Command {
  readonly name: 'conform' | 'run' | 'serve';
  /** Names of its reports. The first is JSON, and its former one is gone when the run has begun. */
  readonly reports: readonly string[];
  /** The latest moment of an interruption, after the start of the run. */
  readonly latestMs: number;
  readonly words: (file: (name: string) => string, isToEnd: boolean) => readonly string[];
  readonly lines: (file: (name: string) => string) => readonly string[];
}

const COMMANDS: readonly Command[] = [
  {
    name: 'conform',
    reports: ['r.json', 'r.xml', 'r.html'],
    latestMs: 2_500,
    words: (file, isToEnd) => [
      ...['conform', ...(isToEnd ? ['mac', 'link'] : []), '--jobs', '2'],
      ...['--json', file('r.json'), '--junit', file('r.xml'), '--html', file('r.html')],
    ],
    lines: () => [],
  },
  {
    name: 'run',
    reports: ['r.json', 'r.pcapng', 'trace.json', 'r.dump', 'r.bundle'],
    latestMs: 800,
    words: (file) => [
      ...['run', ON_DEMAND, '--set', 'frames=300', '--json', file('r.json'), '--pcap', file('r.pcapng')],
      ...['--trace', file('trace.json'), '--dump', file('r.dump'), '--bundle', file('r.bundle')],
    ],
    lines: () => [],
  },
  {
    name: 'serve',
    reports: ['r.json', 'r.pcapng'],
    latestMs: 1_500,
    words: (file) => ['serve', '--dir', file('../tree'), '--json', file('r.json')],
    lines: (file) => Array.from({ length: 2 * RECORDINGS + 1 }, () => `dump nic0 ${file('r.pcapng')}`),
  },
];

describe('reports of a run that is interrupted at a random moment', function () {
  this.timeout(3_600_000);
  const folder = new TemporaryFolder().perTest();
  let random: Random;
  const file = (name: string): string => folder.file('reports', name);

  beforeEach(() => {
    random = new Random(testSeed);
    for (const name of ['reports', 'tmp']) mkdirSync(folder.file(name));
  });

  /** Empties the folder, but for reports of a former run. */
  function prepare({ reports }: Command): void {
    for (const name of readdirSync(folder.file('reports'))) rmSync(file(name), { recursive: true });
    for (const name of reports) if (!/dump|bundle/.test(name)) writeFileSync(file(name), FORMER);
  }

  /** Starts a command and waits until the run has begun: from then on there is no former report. */
  async function begun(command: Command, isToEnd: boolean): Promise<AvpProcess> {
    const env = { TMPDIR: folder.file('tmp'), AVP_TEST_FAULT: 'planted' };
    const avp = new AvpProcess([...AVP, ...command.words(file, isToEnd)], env);
    await avp.until('the start of the run', () => !existsSync(file(command.reports[0]!)));
    for (const line of command.lines(file)) avp.write(line);
    // A recording of a former run stays until the first line asks for one of this run.
    if (command.name === 'serve') await avp.until('the first recording', () => !isFormer(file('r.pcapng')));
    await sleep(random.below(command.latestMs));
    return avp;
  }

  /** Looks at what a run has left. The folder of `serve` is there only if it was killed. */
  function stateOf({ name, reports }: Command, wasKilled: boolean): ReportState {
    const state = reportState(folder.file('reports'), reports);
    if (!wasKilled) expect([state.parts, existsSync(folder.file('tree'))]).to.deep.equal([0, false]);
    // ts-node keeps a cache there; serve keeps a recording there that has no room in its own place.
    const left = readdirSync(folder.file('tmp')).filter((one) => one.startsWith('avp-'));
    if (name !== 'serve') expect(left).to.deep.equal([]);
    return state;
  }

  function print(what: string, states: readonly ReportState[], ends: readonly AvpEnd[]): void {
    const sum = (key: keyof ReportState): number => states.reduce((total, state) => total + state[key], 0);
    const early = ends.filter(({ signal }) => signal !== null).length;
    process.stdout.write(
      `      ${what}: ${ends.length} runs, ${early} ended by the signal; reports: ${sum('whole')} whole, ` +
        `${sum('incomplete')} incomplete, ${sum('absent')} absent; ${sum('parts')} parts left\n`,
    );
  }

  for (const command of COMMANDS) {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const)
      it(`${command.name}: ${MOMENTS} times ${signal}`, async () => {
        const states: ReportState[] = [];
        const ends: AvpEnd[] = [];
        for (let turn = 0; turn < MOMENTS; turn++) {
          prepare(command);
          const end = await (await begun(command, false)).end(signal);
          const state = stateOf(command, signal === 'SIGKILL');
          ends.push(end);
          states.push(state);
          if (signal === 'SIGKILL') expect(state.incomplete).to.equal(0);
          // A process that gets any other signal writes its JSON result before it ends.
          else expect(existsSync(file('r.json')), end.err).to.equal(true);
          if (command.name === 'serve' && signal !== 'SIGKILL') expect(end).to.include({ status: 0, signal: null });
          else expect([null, signal]).to.include(end.signal);
        }
        print(`${command.name} and ${signal}`, states, ends);
      });

    it(`${command.name}: ${MOMENTS} times a disk that gets full`, async () => {
      const states: ReportState[] = [];
      const ends: AvpEnd[] = [];
      const disk: SmallDisk = smallDisk(folder.file('reports'));
      try {
        for (let turn = 0; turn < MOMENTS; turn++) {
          disk.clear();
          prepare(command);
          const avp = await begun(command, true);
          disk.fill(avp.pid, random.below(MAX_LEFT_BYTES));
          avp.write('quit');
          const end = await avp.ended;
          const state = stateOf(command, false);
          ends.push(end);
          states.push(state);
          expect(state.incomplete, end.err).to.equal(0);
          expect(end.signal).to.equal(null);
          if (command.name !== 'run' && state.absent > 0) expect([1, 2], end.err).to.include(end.status);
          if (existsSync(file('r.json'))) continue;
          expect(end.status, end.err).to.equal(2);
          expect(end.err).to.match(/avp: (.*; )?cannot write \S+r.json: E(NOSPC|FBIG): /);
        }
      } finally {
        disk.remove();
      }
      print(`${command.name} and a full disk`, states, ends);
    });
  }
});
