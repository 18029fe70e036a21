import { PcapngWriter } from '../../emulator';
import type { Bundle, Failure } from '../evidence/bundle/bundle';
import { type Reproduction, reproductionTest } from '../evidence/bundle/reproduction';
import { timelineText } from '../evidence/bundle/timelineText';
import { DEFAULT_TARGET } from '../targets/names';
import type { WireLimits, WireRecord } from '../evidence/wireLog';
import { countsAgainst, type RunReport } from './report';
import { resultJson } from './reports/json';
import { type ClauseResult, runClauses, type RunSettings } from './runner';

/**
 * Limits for the bundle's run: above what any clause produces, so the record holds every frame whole and every
 * event.
 */
const LIMITS: WireLimits = { frames: 20_000, frameBytes: 65_535, events: 20_000 };

/** Writes the frames that crossed the ports as pcapng, with one interface for each device, named by its BDF. */
function pcapOf({ frames }: WireRecord): Uint8Array {
  const writer = new PcapngWriter();
  const interfaces = new Map<string, number>();
  for (const { nic, timeNs, data, direction, note } of [...frames.first, ...frames.last]) {
    const name = nic ?? 'unknown';
    if (!interfaces.has(name)) interfaces.set(name, writer.addInterface(name));
    const way = direction === 'toGuest' ? 'to the guest' : 'from the guest';
    writer.writeFrame(interfaces.get(name)!, BigInt(Math.round(timeNs)), data, [
      note === '' ? way : `${way}, changed on purpose: ${note}`,
    ]);
  }
  return writer.toBytes();
}

/** Builds the JSON result for one failure, as if the run had selected only this clause and started from its seed. */
function resultOf(run: RunReport, result: ClauseResult): Failure['result'] {
  const { clause, seed, durationMs } = result;
  const selection = { ids: [clause.id], exclude: [], basis: [], repeat: 1, shard: null, clauses: 1 };
  return resultJson({ ...run, seed, durationMs, results: [result], waivers: null, unfinished: undefined }, selection);
}

type BundleSettings = Pick<RunSettings, 'target' | 'peer' | 'engine' | 'print' | 'module' | 'stop'>;

/**
 * Builds the arguments that the reproduction passes to `replayClause`. Leaves out `peer` when no option of it is
 * set, and the engine when it is the default.
 */
function orderOf(
  { clause, seed }: ClauseResult,
  { target, peer = {}, engine = 'ts' }: BundleSettings,
): Reproduction['order'] {
  const given = Object.values(peer).some((value) => value !== undefined);
  return {
    id: clause.id,
    seed,
    target,
    ...(given ? { peer } : {}),
    ...(engine === 'wasm' ? { engine } : {}),
  };
}

function failureOf(run: RunReport, result: ClauseResult, again: ClauseResult, settings: BundleSettings): Failure {
  const { clause, seed, verdict, detail, replay } = result;
  const differs =
    again.verdict === verdict ? '' : `Run once more with the same seed it ended with ${again.verdict}.\n\n`;
  const order = orderOf(result, settings);
  return {
    // A clause that fails on several targets gets one folder for each target.
    name: settings.target === DEFAULT_TARGET ? clause.id : `${run.target.name} ${clause.id}`,
    title: clause.title,
    verdict,
    seed,
    replay,
    detail: `${differs}${detail}`,
    result: resultOf(run, result),
    test: reproductionTest({ call: 'replayClause', order, title: `${clause.id}: ${clause.title}`, replay }),
    pcap: again.wire === undefined ? null : pcapOf(again.wire),
    timeline: again.wire === undefined ? null : timelineText(again.wire),
  };
}

/**
 * Adds every clause that failed, was blocked or ended with an error to the bundle. Waived failures are left out. Runs
 * each of them once more with its own seed and records the whole run. If the run is stopped, leaves out the clauses that
 * have not run again.
 * @returns the folders that were created, one for each clause.
 */
export async function bundleClauses(
  bundle: Bundle,
  run: RunReport,
  results: readonly ClauseResult[],
  settings: BundleSettings,
): Promise<string[]> {
  const folders: string[] = [];
  const failed = results.filter((result) => countsAgainst(result, true));
  for (const seed of new Set(failed.map((result) => result.seed))) {
    const ofSeed = failed.filter((result) => result.seed === seed);
    const clauses = ofSeed.map(({ clause }) => clause);
    const again = await runClauses(clauses, { ...settings, seed, repeat: 1, bail: false, wire: LIMITS });
    for (const result of ofSeed) {
      const repeated = again.find(({ clause }) => clause === result.clause);
      if (repeated !== undefined) folders.push(bundle.add(failureOf(run, result, repeated, settings)));
    }
  }
  return folders;
}
