/**
 * Shows the classic migration bug of AVP drivers. One burst is held up for 60 ms after it has found
 * the port attached, while its instance migrates to a host with another memory layout. A driver that
 * waits for its bursts migrates later. A driver that requests the shutdown first and then waits for
 * 1 ms (`--set driver=fixed-delay`) has migrated by then, and the burst uses the wrong rings.
 */
import { scenario } from 'avp-testbench';

export const stalledBurst = scenario(
  {
    name: 'stalled-burst',
    about: 'a burst is held up while its instance migrates: what becomes of its frames and buffers',
    modes: ['stepped'],
    settings: {
      driver: {
        default: 'avp',
        about: 'avp, or fixed-delay: shuts down before it stops bursts, and gives them 1 ms to end',
      },
      schedule: { default: '', about: 'the schedule that an earlier run printed, to repeat it' },
    },
  },
  async (bench) => {
    const direction = bench.random.pick(['receive', 'transmit'] as const);
    const stall = { direction, access: bench.random.between(1, 100), forMs: 60 };
    const run = await bench.migration({
      driver: bench.setting('driver'),
      schedule: bench.setting('schedule'),
      stall,
    });
    console.log([...run.timeline, `schedule: ${run.token}`].join('\n'));

    bench.expect('the run comes to its end', run.error, null);
    bench.expect('the migration completes', run.migration?.outcome, 'completed');
    bench.expect('the guest touches nothing that it has no right to', run.violations, []);
    bench.expect('what arrives at the guest is whole, once and in order', run.findings?.toGuest.wrong, {});
    bench.expect('what arrives from the guest is whole, once and in order', run.findings?.fromGuest.wrong, {});
    bench.expect('the rings hold nothing that does not belong there', run.findings?.contradictions, {});
    bench.expect('each host buffer is somewhere', run.findings?.lostBuffers, 0);
    bench.expect('nobody wrote beside a host buffer', run.findings?.brokenCanaries, 0);
    bench.expect('the guest has every mbuf back', run.findings?.lostMbufs, 0);
  },
);
