import { loadavg } from 'node:os';
import type { Engine } from '../shared/engine';
import type { Shape } from '../testbench/perf/cases';
import { CHANGE_KINDS, changeLists, comparePerf, type PerfChange } from '../testbench/perf/comparison';
import { removeExportRoom } from '../testbench/perf/exportRoom';
import { thisMachine } from '../testbench/perf/machine';
import { perfPage } from '../testbench/perf/page/page';
import { FULL_PLAN, measurePerf, type PerfOptions, type PerfReport } from '../testbench/perf/perf';
import { readPerfFile } from '../testbench/perf/perfFile';
import { PEER_NAMES, type PeerName } from '../testbench/perf/results';
import { resultTable, scaleTable } from '../testbench/perf/resultTable';
import { STATUS_FINDINGS, STATUS_GOOD } from './command';
import type { CommonOptions, Output } from './output';
import type { PerfMode } from './perfValues';
import { Progress } from './progress';
import { beforeSignal } from './signals';

/** Options of `avp perf`. */
export interface PerfCommandOptions {
  readonly peer?: readonly PeerName[];
  readonly mode?: readonly PerfMode[];
  readonly shapes: readonly Shape[];
  readonly sizes: readonly number[];
  readonly bursts: readonly number[];
  readonly queues: readonly number[];
  readonly ports: readonly number[];
  readonly engine?: Engine;
  readonly compare?: string;
  readonly html?: string;
}

/** Modes that measure a driver. */
const DRIVER_MODES = ['driver', 'round'] as const;

/** Load average of the last minute above which other work disturbs the measurement. */
const CALM_LOAD = 1;

/** Measures, and removes the exported files even if a signal ends the process. The peer process ends by itself. */
async function measure(options: PerfOptions): Promise<PerfReport> {
  const ended = beforeSignal(removeExportRoom);
  try {
    return await measurePerf(options);
  } finally {
    ended();
    removeExportRoom();
  }
}

/** Without `--mode`, what takes about a minute. The hosts are raced with DPDK's driver as their guest. */
function defaultModes(peers: readonly PeerName[]): readonly PerfMode[] {
  return peers.includes('dpdk') ? ['driver', 'serve', 'scale'] : ['driver', 'scale'];
}

/** Prints what changed since an earlier run. Returns the exit status. */
function reportChanges(changes: readonly PerfChange[], output: Output): number {
  for (const { kind, heading, lines } of changeLists(changes)) {
    const text = [`\n${heading}:`, ...lines.map((line) => `  ${line}`)].join('\n');
    if (kind === 'slower') output.finding(text);
    else output.text(text);
  }
  const counts = CHANGE_KINDS.map((kind) => `${changes.filter((change) => change.kind === kind).length} ${kind}`);
  output.text(`\n${counts.join(', ')}`);
  return changes.some(({ kind }) => kind === 'slower') ? STATUS_FINDINGS : STATUS_GOOD;
}

function warnOfLoad(): void {
  const [load] = loadavg();
  if (load! > CALM_LOAD)
    process.stderr.write(
      `other work runs on this machine (load ${load!.toFixed(1)}): both sides need a CPU of their own, so these figures mean little\n`,
    );
}

/** Measures, prints the results and writes the reports. Returns the exit status. */
export async function perf(options: PerfCommandOptions & CommonOptions, output: Output): Promise<number> {
  const { peer: peers = PEER_NAMES, shapes, sizes, bursts, queues, ports, engine, seed } = options;
  output.announce(options.html);
  output.requireKept(options.compare);
  const old = options.compare === undefined ? null : readPerfFile(options.compare);
  const modes = options.mode ?? defaultModes(peers);
  const progress = new Progress(options.quiet === true);
  const startedAt = new Date().toISOString();
  const report = await measure({
    matrix: { modes: DRIVER_MODES.filter((mode) => modes.includes(mode)), shapes, sizes, bursts, queues, ports },
    ...{ peers, race: modes.includes('serve'), scale: modes.includes('scale'), seed, engine, plan: FULL_PLAN },
    progress: (line) => progress.show(line),
    onStart: () => {
      output.begin();
      progress.clear();
      warnOfLoad();
    },
  });
  progress.clear();
  const { peerVersion, results, scale } = report;
  for (const line of resultTable(results)) output.text(line);
  if (scale !== null) for (const line of ['', ...scaleTable(scale)]) output.text(line);
  const changes = old === null ? null : comparePerf(old.results, results);
  const machine = thisMachine();
  if (options.html !== undefined)
    output.write(
      options.html,
      perfPage({ ...report, machine, seed, startedAt, changes: changes === null ? [] : changeLists(changes) }),
    );
  const versions = peerVersion === null ? {} : { versions: { dpdk: peerVersion } };
  output.json({ ...versions, seed, machine, results, scale, ...(changes === null ? {} : { changes }) });
  return changes === null ? STATUS_GOOD : reportChanges(changes, output);
}
