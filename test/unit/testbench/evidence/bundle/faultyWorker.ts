import { parentPort } from 'node:worker_threads';
import type { ClauseOrder } from '../../../../../testbench/conformance/clauseOrder';
import type { ClauseOutcome } from '../../../../../testbench/conformance/verdict';
import { WireLog } from '../../../../../testbench/evidence/wireLog';

/** A worker in which `mac/1` fails and leaves a wire record, `mac/2` dies, and all other clauses pass. */
parentPort?.on('message', ({ id, wire }: ClauseOrder) => {
  if (id === 'mac/2') throw new Error('a crash on purpose');
  const outcome: ClauseOutcome = {
    verdict: id === 'mac/1' ? 'fail' : 'pass',
    detail: id === 'mac/1' ? 'a fault on purpose' : '',
    durationMs: 3,
  };
  if (wire === null) return parentPort?.postMessage(outcome);
  const log = new WireLog(wire);
  log.timeBy(() => 2_500_000);
  log.event('request', '0000:00:03.0', 'request 4, shut down');
  log.frame('0000:00:03.0', 'toGuest', new Uint8Array(60).fill(7), 'descriptor 0: nb_segs = 0x0');
  log.frame('0000:00:04.0', 'fromGuest', new Uint8Array(9_014));
  return parentPort?.postMessage({ ...outcome, wire: log.record() });
});
parentPort?.postMessage('ready');
