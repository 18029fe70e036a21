import { toolVersion } from '../../runtime/package';
import { chromeTrace, traceText } from '../../evidence/trace/chromeTrace';
import type { TraceEntry, Track } from '../../evidence/trace/traceRecord';
import type { Recording } from './recording';

/** Steps follow one another by this much, so that a viewer shows their order: most take no virtual time. */
const STEP_US = 1;

/**
 * The run as Chrome trace events, for Perfetto: a thread for each actor. The time axis counts steps, and each event
 * names the virtual time.
 */
export function lanesTrace(recording: Recording): string {
  const entries = recording.steps.map(({ step, choice, what, where, timeNs, isDecision }): TraceEntry => {
    const track: Track = {
      process: recording.world,
      thread: choice.actor < 0 ? 'virtual time' : recording.actors[choice.actor]!,
    };
    const args = { where, virtualUs: timeNs / 1_000, decision: isDecision, access: choice.access, step };
    return { kind: 'span', track, name: what, atUs: step * STEP_US, endUs: (step + 1) * STEP_US, args };
  });
  const endUs = recording.steps.length * STEP_US;
  const metadata = { tool: toolVersion(), world: recording.world, schedule: recording.token };
  return traceText(chromeTrace({ entries, endUs, leftOut: 0 }, metadata));
}
