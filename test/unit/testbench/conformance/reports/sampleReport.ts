import { Random } from '../../../../../shared/random';
import { withVlanTag } from '../../../../../shared/ethernet';
import { flowFrame, randomFrame } from '../../../../../testbench/traffic/randomFrames';
import { REPORT_LIMITS, WireLog, type WireRecord } from '../../../../../testbench/evidence/wireLog';
import type { Reported, RunReport } from '../../../../../testbench/conformance/report';
import { someResult, someRun } from '../results';

const MAC = Uint8Array.of(0x52, 0x54, 0, 1, 2, 3);
const NEIGHBOUR = Uint8Array.of(0x52, 0x54, 0, 0xaa, 0xbb, 0xcc);

/** Text with markup, and with characters that no page may contain. */
export const NASTY =
  '<img src=x onerror="document.title=1"> & </script><script>document.title=2</script> \u0000\u0007\u202e\ud800';

/** A log with events and with packets of several kinds, more than a report keeps. */
export function sampleWire(): WireRecord {
  const log = new WireLog(REPORT_LIMITS);
  let timeNs = 0;
  log.timeBy(() => (timeNs += 12_500));
  const random = new Random(4);
  const nic = '0000:00:03.0';
  log.event('host', nic, 'plugs a device: 4 receive and 4 transmit queues at most');
  log.event('guest', nic, 'configure({"rxQueues":1,"txQueues":1})', 'success');
  log.event('request', nic, 'request 3, device config: 1 receive and 1 transmit queues, features 0x1, link down');
  log.event('ring', nic, 'rx FIFO 0 is made empty');
  log.event('answer', nic, 'to request 3: 0');
  log.frame(nic, 'toGuest', flowFrame(random, { to: MAC, from: NEIGHBOUR, bytes: 9_000 }, 3));
  log.frame(
    nic,
    'toGuest',
    withVlanTag(randomFrame(random, { to: MAC, from: NEIGHBOUR, bytes: 60 }), 0x6123),
    'descriptor 0: pkt_len = 0xd',
  );
  for (let i = 0; i < 80; i++)
    log.frame(nic, 'fromGuest', randomFrame(random, { to: NEIGHBOUR, from: MAC, bytes: 14 + i }));
  log.event('interrupt', nic, `raised, bits 0x2 ${NASTY}`, 'no handler ran');
  log.event('link', nic, 'up');
  return log.record();
}

const CHECK = `requirement: A packet shorter than 14 bytes is dropped ${NASTY}\nexpected: number of packets: 0\nactual: 1\n    at driver/loops/rx.ts ${'x'.repeat(300)}`;

/** A report with every verdict, a waiver of each kind, packets, and text that tries to break out of the markup. */
export function sampleReport(): RunReport {
  const waiver = { target: 'avp', reason: `known ${NASTY}`, expires: '2026-12-31' };
  const results: Reported[] = [
    someResult('pci/1', 'pass'),
    { ...someResult('rx/1', 'pass'), wire: sampleWire() },
    { ...someResult('rx/2', 'fail', CHECK), wire: sampleWire() },
    someResult('rx/3', 'waived', `waived until 2026-12-31: known ${NASTY}\n${CHECK}`),
    someResult('tx/1', 'skip', 'target avp lacks the capability mbuf-forms'),
    someResult('tx/2', 'blocked', 'probe was refused with EINVAL'),
    someResult('tx/3', 'error', 'time limit: no end after 20000 ms'),
  ];
  return someRun(results, {
    waivers: [
      { ...waiver, id: 'rx/3', state: 'used', detail: 'the clause fails' },
      { ...waiver, id: 'rx/1', state: 'unused', detail: 'the clause passes: take the waiver out' },
      { ...waiver, id: 'rx/2', state: 'expired', detail: 'it held until 2025-12-31, and today is 2026-01-02' },
    ],
  });
}
